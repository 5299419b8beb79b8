#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout
)]
//! Reading whole sources, synthetic and real.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::DateTime;
use futures::StreamExt;
use futures::stream;
use object_store::memory::InMemory;
use object_store::{ObjectStore, ObjectStoreExt};
use trailwright_schemas::Reason;

use super::{Settings, read};
use crate::limits::Limits;
use crate::parse::Batch;
use crate::source::{ObjectPrefix, Source, SourceError, discover};

fn record(id: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.08","eventTime":"2024-05-01T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"ListBuckets","awsRegion":"eu-west-1","eventID":"{id}"}}"#
    )
}

async fn read_all(sources: Vec<Source>) -> Vec<Batch> {
    let settings = Settings {
        limits: Limits::default(),
        redact: true,
        parallel: NonZeroUsize::new(3).unwrap(),
        now: || DateTime::UNIX_EPOCH,
    };
    let discovered = stream::iter(sources).flat_map(discover);
    read(discovered, settings).collect().await
}

fn ids(batches: &[Batch]) -> Vec<&str> {
    let parsed = batches.iter().flat_map(|batch| &batch.parsed);
    parsed
        .map(|parsed| parsed.record.event_id.as_deref().unwrap())
        .collect()
}

fn rows(batches: &[Batch]) -> Vec<(&str, Reason)> {
    let rejected = batches.iter().flat_map(|batch| &batch.rejected);
    rejected
        .map(|row| (row.source.rsplit('/').next().unwrap(), row.reason))
        .collect()
}

fn write(folder: &Path, name: &str, content: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

#[tokio::test]
async fn inputs_are_read_in_order_whatever_finishes_first() {
    let folder = tempfile::tempdir().unwrap();
    let mut expected = Vec::new();
    for file in 0..12 {
        // The first file takes longest, and more than one batch.
        let count = if file == 0 { 5000 } else { 60 };
        let lines: Vec<_> = (0..count)
            .map(|line| record(&format!("{file:02}-{line:04}")))
            .collect();
        write(
            folder.path(),
            &format!("{file:02}.jsonl"),
            &lines.join("\n"),
        );
        expected.extend((0..count).map(|line| format!("{file:02}-{line:04}")));
    }
    let batches = read_all(vec![Source::Path(folder.path().to_owned())]).await;
    assert_eq!(ids(&batches), expected);
    assert_eq!(batches.iter().map(|b| b.sources_done).sum::<u64>(), 12);
    let size: u64 = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum();
    assert_eq!(batches.iter().map(|b| b.bytes_read).sum::<u64>(), size);
    assert!(batches.iter().all(|batch| batch.parsed.len() <= 4096));
}

#[tokio::test]
async fn a_directory_is_read_with_all_its_oddities() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "b/deep/er/1.json", &record("deep"));
    write(at, "a.json", &record("a"));
    write(
        at,
        "a.JSON.GZ",
        &record("not compressed in spite of its name"),
    );
    write(at, "notes.txt", "x");
    write(at, "archive.tar.gz", "x");
    write(
        at,
        "1_CloudTrail-Digest_eu-west-1_t_20240501T100000Z.json.gz",
        r#"{"digestStartTime":"2024-05-01T09:00:00Z","digestEndTime":"2024-05-01T10:00:00Z","logFiles":[]}"#,
    );
    write(
        at,
        "1_CloudTrail-Insight_eu-west-1_20240501T1000Z_x.json.gz",
        r#"{"Records":[{"eventCategory":"Insight","insightDetails":{"state":"Start"}}]}"#,
    );
    write(at, "empty.json", "");
    write(at, "page.json", "<html>");
    odd_entries(at);
    let batches = read_all(vec![Source::Path(at.to_owned())]).await;
    let mut found = ids(&batches);
    found.sort_unstable();
    let mut expected = vec!["a", "deep", "not compressed in spite of its name"];
    if cfg!(unix) {
        expected.push("odd name");
    }
    expected.sort_unstable();
    assert_eq!(found, expected);
    let mut expected = vec![
        (
            "1_CloudTrail-Digest_eu-west-1_t_20240501T100000Z.json.gz",
            Reason::Digest,
        ),
        (
            "1_CloudTrail-Insight_eu-west-1_20240501T1000Z_x.json.gz",
            Reason::Insight,
        ),
        ("page.json", Reason::InvalidJson),
    ];
    if cfg!(unix) {
        expected.push(("broken-link.json", Reason::Unreadable));
        expected.push(("loop", Reason::Unreadable));
    }
    let mut found = rows(&batches);
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(batches.iter().map(|b| b.files_skipped).sum::<u64>(), 2);
}

/// A loop of links, a link to nothing, and a name that is not Unicode.
#[cfg(unix)]
fn odd_entries(at: &Path) {
    use std::os::unix::ffi::OsStrExt as _;
    std::os::unix::fs::symlink(at, at.join("b/loop")).unwrap();
    std::os::unix::fs::symlink(at.join("nowhere"), at.join("broken-link.json")).unwrap();
    let name = std::ffi::OsStr::from_bytes(b"odd-\xff.json");
    std::fs::write(at.join(name), record("odd name")).unwrap();
}

#[cfg(not(unix))]
fn odd_entries(_: &Path) {}

#[tokio::test]
async fn what_a_person_names_is_read_whatever_it_is_called() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "notes.txt", &record("named"));
    let batches = read_all(vec![
        Source::Path(folder.path().join("notes.txt")),
        Source::Path(folder.path().join("missing.json")),
        Source::StandardInput(Box::new(io::Cursor::new(record("piped")))),
    ])
    .await;
    assert_eq!(ids(&batches), ["named", "piped"]);
    assert_eq!(rows(&batches), [("missing.json", Reason::Unreadable)]);
    assert_eq!(batches[2].parsed[0].provenance.source, "-");
}

/// Yields its bytes, then fails.
struct Failing(io::Cursor<Vec<u8>>);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::ErrorKind::ConnectionReset.into()),
            count => Ok(count),
        }
    }
}

#[tokio::test]
async fn what_was_read_before_a_failure_is_kept() {
    let text = format!("{}\n{}\n", record("a"), record("b"));
    let failing = Failing(io::Cursor::new(text.clone().into_bytes()));
    let after = Source::StandardInput(Box::new(io::Cursor::new(record("c"))));
    let batches = read_all(vec![Source::StandardInput(Box::new(failing)), after]).await;
    assert_eq!(ids(&batches), ["a", "b", "c"]);
    assert_eq!(rows(&batches), [("-", Reason::Unreadable)]);
    assert_eq!(batches[0].rejected[0].offset, text.len() as u64);
}

/// Never ends, and says when nobody holds it any more.
struct Endless {
    line: String,
    _alive: Arc<()>,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.line.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.line.as_bytes()[..count]);
        Ok(count)
    }
}

#[test]
fn dropping_the_stream_stops_the_reading() {
    let alive = Arc::new(());
    let endless = Endless {
        line: format!("{}\n", record("x")),
        _alive: Arc::clone(&alive),
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let source = Source::StandardInput(Box::new(endless));
        let settings = Settings {
            limits: Limits::default(),
            redact: true,
            parallel: NonZeroUsize::MIN,
            now: || DateTime::UNIX_EPOCH,
        };
        let mut batches = Box::pin(read(discover(source), settings));
        assert_eq!(batches.next().await.unwrap().parsed.len(), 4096);
    });
    // Waits for the blocking thread, so that this hangs if that never ends.
    drop(runtime);
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[tokio::test]
async fn objects_are_listed_fetched_and_named_by_their_url() {
    let store = Arc::new(InMemory::new());
    for (key, id) in [
        ("logs/a.json", "a"),
        ("logs/b/c.json", "c"),
        ("other/d.json", "d"),
    ] {
        store.put(&key.into(), record(id).into()).await.unwrap();
    }
    store
        .put(&"logs/skip.txt".into(), "x".into())
        .await
        .unwrap();
    let below = |path: &str| {
        let store = Arc::clone(&store) as Arc<dyn object_store::ObjectStore>;
        Source::Objects(ObjectPrefix::in_store(
            store,
            "s3://bucket".into(),
            path.into(),
        ))
    };
    let batches = read_all(vec![below("logs"), below("other/d.json"), below("none")]).await;
    assert_eq!(ids(&batches), ["a", "c", "d"]);
    assert_eq!(rows(&batches), [("none", Reason::Unreadable)]);
    assert_eq!(batches.iter().map(|b| b.files_skipped).sum::<u64>(), 1);
    let source = &batches[0].parsed[0].provenance.source;
    assert_eq!(source, "s3://bucket/logs/a.json");
}

#[test]
fn arguments_are_told_apart() {
    let source = |argument: &str| {
        let stdin = || Box::new(io::empty()) as Box<dyn Read + Send>;
        let bucket = |_: &str| Ok(Arc::new(InMemory::new()) as Arc<dyn ObjectStore>);
        Source::from_argument(argument.as_ref(), bucket, stdin)
    };
    assert!(matches!(source("-"), Ok(Source::StandardInput(_))));
    assert!(matches!(source("logs"), Ok(Source::Path(_))));
    assert_eq!(format!("{:?}", source("s3://b/p/q").unwrap()), "s3://b/p/q");
    assert!(matches!(source("s3://"), Err(SourceError::Url { .. })));
    assert!(matches!(source("s3:///x"), Err(SourceError::Url { .. })));
}

/// The folder of real data, if it is there.
fn shared(part: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("TRAILWRIGHT_SHARED")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    let path = folder.join(part);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

#[tokio::test]
async fn real_log_files_are_read_without_a_loss() {
    let Some(folder) = shared("records/invictus") else {
        return;
    };
    let batches = read_all(vec![Source::Path(folder)]).await;
    let ids = ids(&batches);
    assert_eq!(rows(&batches), []);
    assert_eq!(ids.len(), 2900);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 2900);
    assert_eq!(batches.iter().map(|b| b.sources_done).sum::<u64>(), 55);
}

#[tokio::test]
async fn every_line_of_the_real_collection_is_a_record_or_a_rejected_row() {
    let Some(file) = shared("records/real.jsonl.zst") else {
        return;
    };
    let batches = read_all(vec![Source::Path(file)]).await;
    let parsed: usize = batches.iter().map(|batch| batch.parsed.len()).sum();
    let mut reasons = BTreeMap::new();
    for row in batches.iter().flat_map(|batch| &batch.rejected) {
        *reasons.entry(row.reason).or_insert(0) += 1;
    }
    let expected = BTreeMap::from([(Reason::InvalidTime, 7), (Reason::InvalidRegion, 5)]);
    assert_eq!((parsed, reasons), (4148, expected));
}
