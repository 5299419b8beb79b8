//! A day in three accounts, with something for every hunt to find and something
//! beside it that it must not find. The event IDs say what each record is for.

use std::path::Path;

use crate::command::Trailwright;

/// A lake with the story in it.
pub(crate) fn lake() -> Trailwright {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/story");
    let trailwright = Trailwright::new();
    let (records, policies) = (folder.join("records.jsonl"), folder.join("policies"));
    trailwright.run(&[
        "ingest",
        "--lake",
        "lake",
        "--policies",
        policies.to_str().unwrap(),
        records.to_str().unwrap(),
    ]);
    trailwright
}
