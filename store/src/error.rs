//! What can go wrong with a lake, in words for the person in front of it.

use std::error::Error;
use std::io;
use std::io::ErrorKind::{QuotaExceeded, StorageFull};

use deltalake_core::DeltaTableError;

/// An error of the lake.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// The text given as a lake is no location.
    #[error("{given:?} is not a lake: {why}. Give a directory or s3://bucket/prefix")]
    Location {
        /// What was given.
        given: String,
        /// What is wrong with it.
        why: String,
    },
    /// There is no lake there.
    #[error(
        "there is no lake at {location}: make one with `trailwright ingest --lake {location} FILES`"
    )]
    NotFound {
        /// Where it was looked for.
        location: String,
    },
    /// The table was made by another version of Trailwright.
    #[error(
        "the table {table} at {location} has other columns than this version of trailwright: {difference}"
    )]
    Schema {
        /// Its name.
        table: &'static str,
        /// The lake.
        location: String,
        /// The first difference.
        difference: String,
    },
    /// Others kept committing first.
    #[error(
        "gave up committing to {table} after {attempts} attempts, because other writers were always faster: run fewer writers on this lake"
    )]
    Contention {
        /// Its name.
        table: &'static str,
        /// How often it was tried.
        attempts: usize,
    },
    /// A source does not stand where the reading of a batch began.
    #[error(
        "{position_of} stands at {} in the lake and not at {}, where this instance began to read: another instance stored what lies between",
        offset(*found),
        offset(*expected)
    )]
    Overtaken {
        /// The source.
        position_of: String,
        /// Where reading began.
        expected: Option<i64>,
        /// Where the lake says it stands.
        found: Option<i64>,
    },
    /// Others relabelled with policies that became known later.
    #[error(
        "the labels are current to version {labelled} of policy_timeline and these were computed from version {given}: read the policy timeline again and relabel"
    )]
    LabelledSince {
        /// The version of the policy timeline that the labels know.
        labelled: i64,
        /// The version that the refused labels know.
        given: i64,
    },
    /// The log of events does not have what came after this version.
    #[error(
        "what came after version {version} of the lake's events cannot be told: the log ends at version {newest}, or old \
         entries of it are gone, or this is another lake. Ask by time instead, as in --since 2h"
    )]
    NoSuchVersion {
        /// The version asked for.
        version: u64,
        /// The version that is loaded.
        newest: u64,
    },
    /// Vacuum was asked to keep too little.
    #[error(
        "keeping replaced files for {hours} hours is too short, because a query that runs longer would fail: keep them for {minimum} hours at least, or allow it with --allow-short-keep"
    )]
    KeepTooShort {
        /// Hours given.
        hours: i64,
        /// The least.
        minimum: i64,
    },
    /// Vacuum was asked to keep what the log does not remember.
    #[error(
        "vacuum cannot keep {hours} hours of replaced files: the log of {table} remembers for {remembered} hours when they were replaced (delta.deletedFileRetentionDuration)"
    )]
    KeepTooLong {
        /// The table.
        table: &'static str,
        /// Hours given.
        hours: i64,
        /// How many the log remembers.
        remembered: i64,
    },
    /// The Delta log could not be read or written.
    #[error("cannot {action} {table}: {source}")]
    Table {
        /// What was tried: "open", "commit to" …
        action: &'static str,
        /// Its name.
        table: &'static str,
        /// What the library says.
        #[source]
        source: Box<DeltaTableError>,
    },
    /// The object store failed.
    #[error("cannot {action} {path}: {source}")]
    Storage {
        /// "read", "write", "list" or "delete".
        action: &'static str,
        /// The object.
        path: String,
        /// What the store says.
        #[source]
        source: object_store::Error,
    },
    /// A file of the lake is damaged.
    #[error("cannot read {path}: {source}")]
    File {
        /// The file.
        path: String,
        /// What the reader says.
        #[source]
        source: parquet::errors::ParquetError,
    },
    /// Rows could not be encoded: an error of Trailwright itself.
    #[error("cannot encode rows: {0}")]
    Encode(#[from] arrow_schema::ArrowError),
}

fn offset(position: Option<i64>) -> String {
    position.map_or_else(|| "its beginning".to_owned(), |offset| offset.to_string())
}

impl LakeError {
    /// True when the store may only be unavailable for now, so that the same
    /// call can succeed later.
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Table { .. } | Self::Storage { .. } | Self::Contention { .. }
        )
    }

    /// True when the store has no room: a full disk, a quota, or a server that
    /// says so. It passes when somebody makes room.
    pub fn is_full(&self) -> bool {
        let first: &(dyn Error + 'static) = self;
        let mut causes = std::iter::successors(Some(first), |error| (*error).source());
        let has_no_room = |error: &(dyn Error + 'static)| match error.downcast_ref::<io::Error>() {
            Some(error) => matches!(error.kind(), StorageFull | QuotaExceeded),
            None => false,
        };
        causes.any(has_no_room) || {
            // Servers say it in a body that the client has as text.
            let said = self.to_string();
            let codes = ["StorageFull", "507 Insufficient Storage", "QuotaExceeded"];
            codes.iter().any(|code| said.contains(code))
        }
    }

    pub(crate) fn table(
        action: &'static str,
        table: &'static str,
    ) -> impl FnOnce(DeltaTableError) -> Self {
        move |source| Self::Table {
            action,
            table,
            source: Box::new(source),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::LakeError;

    fn failed(source: object_store::Error) -> LakeError {
        LakeError::Storage {
            action: "write",
            path: "events/part-0.parquet".to_owned(),
            source,
        }
    }

    fn of_disk(kind: io::ErrorKind) -> object_store::Error {
        object_store::Error::Generic {
            store: "LocalFileSystem",
            source: Box::new(io::Error::from(kind)),
        }
    }

    #[test]
    fn a_full_disk_and_a_full_server_are_told_from_other_failures_and_both_may_pass() {
        let server = object_store::Error::Generic {
            store: "S3",
            source: "507 Insufficient Storage: XMinioStorageFull".into(),
        };
        for (source, full) in [
            (of_disk(io::ErrorKind::StorageFull), true),
            (of_disk(io::ErrorKind::QuotaExceeded), true),
            (server, true),
            (of_disk(io::ErrorKind::TimedOut), false),
        ] {
            let error = failed(source);
            assert_eq!(error.is_full(), full, "{error}");
            assert!(error.may_pass(), "{error}");
        }
    }
}
