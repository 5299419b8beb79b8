//! What did not arrive of the period: what an auditor asks first.

use std::fmt::Write as _;

use super::escaped;
use crate::evidence::Coverage;
use crate::evidence::chart::grouped;
use crate::evidence::coverage::Gap;

/// Gaps shown; the manifest has all.
const GAPS_MAX: usize = 20;

pub(super) fn completeness(coverage: &Coverage) -> String {
    let mut text = "<section id=\"completeness\">\n<h2>Completeness</h2>\n".to_owned();
    text += &match (coverage.files, coverage.gaps.as_slice()) {
        (0, []) => "<p>The lake knows of no file that was delivered in the period, so it cannot tell gaps: its events \
                    came from elsewhere, such as Kafka, or there are none.</p>\n"
            .to_owned(),
        (files, []) => format!(
            "<p class=\"good\">No gap is known. {}.</p>\n",
            delivered(files, coverage.late_files)
        ),
        (files, gaps) => {
            let lead = format!(
                "<p class=\"bad\">{} of an account and Region, in {}, without a file or with a missing one: what happened \
                 then may not be in this report. {}.</p>\n",
                counted(coverage.gap_hours().unsigned_abs(), "hour", "hours"),
                counted(gaps.len() as u64, "stretch", "stretches"),
                delivered(files, coverage.late_files)
            );
            lead + &table(gaps)
        }
    };
    text + "</section>\n"
}

fn delivered(files: u64, late: u64) -> String {
    let files = counted(files, "file", "files");
    match late {
        0 => format!("{files} delivered, none of them late"),
        late => format!(
            "{files} delivered, {} of them late",
            grouped(i64::try_from(late).unwrap_or(i64::MAX))
        ),
    }
}

fn counted(count: u64, one: &str, many: &str) -> String {
    let number = grouped(i64::try_from(count).unwrap_or(i64::MAX));
    format!("{number} {}", if count == 1 { one } else { many })
}

fn table(gaps: &[Gap]) -> String {
    let mut table = "<div class=\"table\"><table>\n<thead><tr><th>account</th><th>Region</th><th>first hour</th>\
                     <th class=\"number\">hours</th><th>what</th></tr></thead>\n<tbody>\n"
        .to_owned();
    for gap in gaps.iter().take(GAPS_MAX) {
        let name = |name: &Option<String>| escaped(name.as_deref().unwrap_or("–"));
        let what = match gap.missing.as_slice() {
            [] => "no file, and no digest says why".to_owned(),
            missing => {
                let names = missing.iter().map(|name| escaped(name));
                let names = names.collect::<Vec<_>>().join("<br>");
                format!("digests name what did not come:<br>{names}")
            }
        };
        let _ = writeln!(
            table,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td class=\"number\">{}</td><td>{what}</td></tr>",
            name(&gap.account),
            name(&gap.region),
            gap.hour,
            gap.hours,
        );
    }
    table += "</tbody>\n</table></div>\n";
    if gaps.len() > GAPS_MAX {
        let _ = writeln!(
            table,
            "<p class=\"note\">The first {GAPS_MAX} of {}; all are in <code>manifest.json</code>.</p>",
            gaps.len()
        );
    }
    table
}
