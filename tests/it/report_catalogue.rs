//! The page docs/reference/report-catalogue.md is made from the files of the
//! reports.

use std::fmt::Write as _;
use std::path::Path;

use trailwright_query::{Parameter, Presence, Report, Section, reports};

const PAGE: &str = "docs/reference/report-catalogue.md";

#[test]
fn the_page_of_reports_is_what_their_files_say() {
    let mut page = BEFORE.to_owned();
    for report in reports().unwrap() {
        describe(&report, &mut page);
    }
    page.push_str(AFTER);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    if std::env::var_os("TRAILWRIGHT_BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, page, "{PAGE} is old: run the command it names");
}

const BEFORE: &str = "\
# The reports

Made from `query/reports/*.sql` by `TRAILWRIGHT_BLESS=1 cargo test --test it page_of_reports`; do not edit.

How a report is run, and what a pack holds: [reports.md](reports.md). `trailwright report run NAME --sql` shows the SQL of one, to read \
or to change. Each takes `--since`, `--until` and `--accounts`. `R1` to `R15` are the reports of Trailwright's catalogue.

Rows that stand for an event have its time, account and ID: `trailwright explain EVENT_ID` shows what decided it, and \
`trailwright query \"select raw from events where event_id = '…'\"` the record as it was received.

";

const AFTER: &str = "\
## Not there

What a proposed policy would have changed (R11) needs replay of decisions. Who asked the audit data (R13) needs a log of questions, \
which nothing here keeps yet.
";

fn describe(report: &Report, page: &mut String) {
    let _ = write!(
        page,
        "## {}\n\n**{}** ({}). {}\n\n",
        report.name, report.title, report.catalogue, report.question
    );
    if let Some(default) = report.frameworks.last() {
        let frameworks = report.frameworks.join(", ");
        let _ = writeln!(page, "- `--framework`: {frameworks}; without it {default}.");
    }
    for parameter in &report.parameters {
        page.push_str(&takes(parameter));
    }
    if !report.frameworks.is_empty() || !report.parameters.is_empty() {
        page.push('\n');
    }
    for note in &report.notes {
        let _ = write!(page, "{note}\n\n");
    }
    page.push_str("| section | what it shows |\n|---|---|\n");
    for section in &report.sections {
        page.push_str(&shows(section));
    }
    page.push('\n');
}

fn takes(parameter: &Parameter) -> String {
    let presence = match &parameter.presence {
        Presence::Required => "required".to_owned(),
        Presence::Optional => "optional".to_owned(),
        Presence::Default(value) => format!("default {value}"),
    };
    let Parameter {
        name,
        kind,
        meaning,
        ..
    } = parameter;
    format!("- `{name}` ({}, {presence}): {meaning}\n", kind.name())
}

fn shows(section: &Section) -> String {
    let mut shown = format!("{}.", section.title);
    for note in &section.notes {
        shown.push(' ');
        shown.push_str(note);
    }
    format!("| `{}` | {} |\n", section.name, shown.replace('|', "\\|"))
}
