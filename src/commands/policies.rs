//! `trailwright policies`: the policies over time.

pub(crate) mod as_of;
pub(crate) mod history;

use trailwright_enrich::policies::Timeline;

use crate::failure::Failure;

/// How many names to suggest.
const SUGGESTED: usize = 3;

/// Something of which nothing is known, and what may have been meant.
fn unknown(name: &str, timeline: &Timeline) -> Failure {
    if timeline.is_empty() {
        return Failure::usage(
            "no policies are known: ingest records into the lake, or name a directory of exports with --policies DIR",
        );
    }
    let wanted = name.to_lowercase();
    let last = |name: &str| name.rsplit(['/', ':']).next().map(str::to_owned);
    let mut names: Vec<(usize, String)> = timeline
        .names()
        .map(|known| {
            let lower = known.to_lowercase();
            let same_end = last(&lower) == last(&wanted);
            let distance = strsim::damerau_levenshtein(&lower, &wanted);
            (if same_end { 0 } else { distance }, known)
        })
        .filter(|(distance, _)| *distance <= wanted.len() / 4)
        .collect();
    names.sort();
    names.dedup();
    let near: Vec<String> = names
        .into_iter()
        .take(SUGGESTED)
        .map(|(_, name)| name)
        .collect();
    let hint = match near.is_empty() {
        true => "; `trailwright policies as-of now` lists what is known".to_owned(),
        false => format!("; near it are:\n  {}", near.join("\n  ")),
    };
    Failure::usage(format!("no policy, file or record tells of {name}{hint}"))
}
