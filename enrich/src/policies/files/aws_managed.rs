//! A catalogue of AWS managed policies with the dates of their versions: JSON
//! lines, one version a line, as public collections of them are.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use trailwright_evaluator::PolicyId;

use super::authorization_details::time;
use super::document::Source;
use crate::policies::change::Stated;

#[derive(Deserialize)]
struct Line<'a> {
    name: String,
    #[serde(alias = "version")]
    version_id: String,
    #[serde(alias = "createdate")]
    create_date: String,
    #[serde(borrow)]
    document: &'a RawValue,
}

/// Whether the first line is one of a catalogue.
pub(super) fn is_catalogue(text: &str) -> bool {
    text.lines()
        .next()
        .is_some_and(|line| serde_json::from_str::<Line<'_>>(line).is_ok())
}

/// Reads every line. AWS attaches the newest version to everyone at once, so a
/// version is in force from its date on.
pub(super) fn read(source: &mut Source<'_>) {
    let text = source.text;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let parsed: Line<'_> = match serde_json::from_str(line) {
            Ok(parsed) => parsed,
            Err(error) => {
                source.problem(
                    Some(line),
                    format!("no version of a managed policy: {error}"),
                );
                continue;
            }
        };
        let Some(published) = time(&parsed.create_date) else {
            let message = format!(
                "{} is no date like 2026-03-01T10:00:00Z",
                parsed.create_date
            );
            source.problem(Some(line), message);
            continue;
        };
        let arn: Arc<str> = format!("arn:aws:iam::aws:policy/{}", parsed.name).into();
        let version: Arc<str> = parsed.version_id.as_str().into();
        let id = PolicyId::managed(&*arn, Some(parsed.version_id));
        let document = source.compile(id, parsed.document);
        let fact = Stated::PolicyVersion(arn.clone(), version.clone(), Some(document));
        source.published(published, fact);
        source.published(published, Stated::DefaultVersion(arn, Some(version)));
    }
}
