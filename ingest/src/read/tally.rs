//! What was read of one file, for its row in the ledger.

use chrono::{DateTime, Utc};
use trailwright_schemas::{Reason, SourceFile};

use crate::parse::{Batch, Context};
use crate::source::{Delivery, Version};

#[derive(Default)]
pub(super) struct Tally {
    records: u64,
    rejected: u64,
    first: Option<DateTime<Utc>>,
    last: Option<DateTime<Utc>>,
    /// It could not be read to its end, for reasons that may pass.
    pub(super) unreadable: bool,
}

impl Tally {
    pub(super) fn count(&mut self, batch: &Batch) {
        self.records += batch.parsed.len() as u64;
        self.rejected += batch.rejected.len() as u64;
        let unreadable = |reason| reason == Reason::Unreadable;
        self.unreadable |= batch.rejected.iter().any(|row| unreadable(row.reason));
        for time in batch.parsed.iter().map(|parsed| parsed.record.event_time) {
            self.first = Some(self.first.map_or(time, |first| first.min(time)));
            self.last = self.last.max(Some(time));
        }
    }

    pub(super) fn row(&self, context: &Context<'_>, version: Version) -> SourceFile {
        let name = Delivery::by_name(context.source);
        let modified = version.modified;
        SourceFile {
            file_id: version.id(),
            source: context.source.to_owned(),
            version: version.version,
            size_bytes: Some(version.size_bytes),
            records: self.records,
            rejected: self.rejected,
            first_event_time: self.first,
            last_event_time: self.last,
            delivered_at: name.as_ref().map(|name| name.time).or(modified),
            delivery: name.as_ref().map(|name| name.kind.clone()),
            account_id: name.as_ref().map(|name| name.account_id.clone()),
            region: name.map(|name| name.region),
            read_at: context.now,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::num::NonZeroUsize;
    use std::path::Path;

    use chrono::DateTime;
    use futures::StreamExt as _;

    use crate::read::{Settings, read};
    use crate::{Batch, FileEnd, Limits, Source, discover};

    const NAME: &str = "111122223333_CloudTrail_eu-west-1_20260309T1005Z_8hFq2kPzT1xYc3Ab.json";

    fn record(id: usize, minute: usize) -> String {
        format!(
            r#"{{"eventVersion":"1.08","eventTime":"2026-03-09T10:{minute:02}:00Z","eventSource":"s3.amazonaws.com","eventName":"ListBuckets","awsRegion":"eu-west-1","eventID":"{id}"}}"#
        )
    }

    async fn end_of(path: &Path) -> FileEnd {
        let settings = Settings {
            limits: Limits::default(),
            redact: true,
            parallel: NonZeroUsize::MIN,
            now: || DateTime::UNIX_EPOCH,
        };
        let found = discover(Source::Path(path.to_owned()));
        let batches: Vec<Batch> = read(found, settings).collect().await;
        let mut ends = batches.into_iter().filter_map(|batch| batch.file);
        let end = ends.next().unwrap();
        assert_eq!(ends.next(), None);
        *end
    }

    #[tokio::test]
    async fn a_file_of_several_batches_ends_with_one_row_that_counts_all_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAME);
        let mut lines: Vec<String> = (0..5000).map(|id| record(id, id % 7)).collect();
        lines.push("no record".to_owned());
        std::fs::write(&path, lines.join("\n")).unwrap();
        let row = end_of(&path).await.read.unwrap();
        assert_eq!((row.records, row.rejected), (5000, 1));
        let minute = |time: Option<DateTime<_>>| time.unwrap().format("%H:%M").to_string();
        assert_eq!(minute(row.first_event_time), "10:00");
        assert_eq!(minute(row.last_event_time), "10:06");
        assert_eq!(minute(row.delivered_at), "10:05");
        assert_eq!(row.account_id.as_deref(), Some("111122223333"));
    }

    #[tokio::test]
    async fn other_content_under_the_same_name_is_another_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        let mut ids = Vec::new();
        for content in [record(1, 0), record(1, 0) + &record(2, 0), record(1, 0)] {
            std::fs::write(&path, content).unwrap();
            let end = end_of(&path).await;
            assert_eq!(end.found_as, end.read.as_ref().unwrap().file_id);
            ids.push(end.found_as);
        }
        ids.dedup();
        assert_eq!(
            ids.len(),
            3,
            "the time of change tells the first from the third"
        );
        assert_eq!(end_of(&path).await.found_as, ids[2]);
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_opened_has_no_row() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        std::fs::write(&path, "{}").unwrap();
        let mut found = discover(Source::Path(path.clone()));
        let input = found.next().await.unwrap();
        std::fs::remove_file(&path).unwrap();
        let settings = Settings {
            limits: Limits::default(),
            redact: true,
            parallel: NonZeroUsize::MIN,
            now: || DateTime::UNIX_EPOCH,
        };
        let batches: Vec<Batch> = read(futures::stream::iter([input]), settings)
            .collect()
            .await;
        let end = batches[0].file.as_ref().unwrap();
        assert_eq!(end.read, None);
        assert_eq!(batches[0].rejected.len(), 1);
    }
}
