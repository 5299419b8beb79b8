//! Coverage as text and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{State, Stretch};
use crate::origin::second;

pub(crate) fn json(stretch: &Stretch) -> Value {
    let (account, region) = &stretch.place;
    let arrived = &stretch.arrived;
    json!({
        "account_id": account, "region": region,
        "hour": second(stretch.begin), "hours": stretch.hours, "state": stretch.state.as_str(),
        "files": arrived.files, "records": arrived.records, "duplicates": arrived.duplicates,
        "rejected": arrived.rejected, "late_files": arrived.late, "missing": stretch.missing,
    })
}

pub(crate) fn text(stretches: &[Stretch]) -> String {
    let mut text = format!(
        "{:<12}  {:<14}  {:<16}  {:>6}  {:>8}  {:>10}  {:>8}  {:>5}\n",
        "account", "Region", "hour", "files", "records", "duplicates", "rejected", "late"
    );
    for stretch in stretches {
        let (account, region) = &stretch.place;
        let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "-".to_owned());
        let begin = stretch.begin.format("%Y-%m-%d %H:%M");
        let _ = write!(text, "{:<12}  {:<14}  {begin}", name(account), name(region));
        let arrived = &stretch.arrived;
        let _ = match stretch.state {
            State::Delivered | State::Missing => writeln!(
                text,
                "  {:>6}  {:>8}  {:>10}  {:>8}  {:>5}",
                arrived.files, arrived.records, arrived.duplicates, arrived.rejected, arrived.late
            ),
            State::Gap => writeln!(
                text,
                "  {}: no file, and no digest says why",
                hours(stretch)
            ),
            State::Quiet => writeln!(
                text,
                "  {}: nothing to deliver, say the digests",
                hours(stretch)
            ),
        };
        for url in &stretch.missing {
            let _ = writeln!(text, "{:>46}  missing: {url}", "");
        }
    }
    text + &summary(stretches)
}

fn hours(stretch: &Stretch) -> String {
    match stretch.hours {
        1 => "1 hour".to_owned(),
        hours => format!("{hours} hours"),
    }
}

fn summary(stretches: &[Stretch]) -> String {
    let sum = |value: fn(&Stretch) -> u64| stretches.iter().map(value).sum::<u64>();
    let in_state = |state| {
        stretches
            .iter()
            .filter(move |stretch| stretch.state == state)
    };
    let gap_hours: i64 = in_state(State::Gap).map(|gap| gap.hours).sum();
    format!(
        "\n{} files, {} records, {} duplicates, {} rejected; {} late files, {} missing files, {} gaps of {gap_hours} hours\n",
        sum(|one| one.arrived.files),
        sum(|one| one.arrived.records),
        sum(|one| one.arrived.duplicates),
        sum(|one| one.arrived.rejected),
        sum(|one| one.arrived.late),
        sum(|one| one.missing.len() as u64),
        in_state(State::Gap).count(),
    )
}
