//! From what the decoder found to records and rejected rows.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use trailwright_schemas::{
    ContentHash, Provenance, Reason, Received, Record, Redacted, Rejected, SourceFile, redact,
};

use crate::decode::{Found, Piece};
use crate::limits::Limits;

/// A record, read, with its text and its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The record. It is large, and batches of them are moved about.
    pub record: Box<Record>,
    /// The record as text, and its hashes.
    pub received: Received,
    /// Where and when it came in.
    pub provenance: Provenance,
}

/// What is the same for all records of one source.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// The source's name as it will be stored.
    pub source: &'a str,
    /// The time to store as that of ingestion.
    pub now: DateTime<Utc>,
    /// Replace session tokens, as it should be unless a person decided else.
    pub redact: bool,
    /// Limits of one record and of what is kept of a rejected one.
    pub limits: &'a Limits,
}

/// Some of the records of one source, in their order, and what was rejected
/// between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Records.
    pub parsed: Vec<Parsed>,
    /// What could not become a record.
    pub rejected: Vec<Rejected>,
    /// Bytes taken from the source, compressed as they are.
    pub bytes_read: u64,
    /// Sources that end with this batch: 1 or 0.
    pub sources_done: u64,
    /// Files that were passed over because of their names: 1 or 0.
    pub files_skipped: u64,
    /// The file that ends with this batch.
    pub file: Option<Box<FileEnd>>,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEnd {
    /// Its ID as it was found ([`Input::file_id`](crate::Input::file_id)).
    pub found_as: String,
    /// Its row for the ledger; `None` when it could not be read to its end.
    pub read: Option<SourceFile>,
}

impl Batch {
    /// Reads what was found and puts it where it belongs.
    pub fn add(&mut self, found: Found<'_>, context: &Context<'_>) {
        match found {
            Found::Record(piece) => self.add_record(piece, context),
            Found::Refused {
                piece,
                reason,
                detail,
            } => self.refuse(piece, reason, detail, context),
        }
    }

    fn add_record(&mut self, piece: Piece<'_>, context: &Context<'_>) {
        let safe = context.redacted(piece.bytes);
        match Record::parse(&safe.bytes, &context.limits.record) {
            Err((reason, detail)) => self.refuse(piece, reason, detail, context),
            Ok(record) => match received(piece.bytes, safe) {
                Err((reason, detail)) => self.refuse(piece, reason, detail, context),
                Ok(received) => self.parsed.push(Parsed {
                    record: Box::new(record),
                    received,
                    provenance: Provenance {
                        source: context.source.to_owned(),
                        offset: piece.offset,
                        ingested_at: context.now,
                    },
                }),
            },
        }
    }

    fn refuse(&mut self, piece: Piece<'_>, reason: Reason, detail: String, context: &Context<'_>) {
        let safe = context.redacted(piece.bytes);
        let kept = safe.bytes.len().min(context.limits.original_bytes_max);
        self.rejected.push(Rejected {
            source: context.source.to_owned(),
            offset: piece.offset,
            reason,
            detail,
            original: safe.bytes[..kept].to_vec(),
            original_sha256: Sha256::digest(piece.bytes).into(),
            original_complete: kept == safe.bytes.len(),
            redacted_fields: safe.members,
            rejected_at: context.now,
        });
    }
}

impl Context<'_> {
    fn redacted<'b>(&self, bytes: &'b [u8]) -> Redacted<'b> {
        if self.redact {
            return redact(bytes);
        }
        Redacted {
            bytes: bytes.into(),
            members: Vec::new(),
        }
    }
}

/// The text of a record that has been read, so that it is known to be UTF-8.
fn received(bytes: &[u8], safe: Redacted<'_>) -> Result<Received, (Reason, String)> {
    let not_text = |error: std::str::Utf8Error| (Reason::InvalidUtf8, error.to_string());
    let text = std::str::from_utf8(bytes).map_err(not_text)?;
    let raw = match safe.bytes {
        std::borrow::Cow::Borrowed(_) => text.to_owned(),
        std::borrow::Cow::Owned(bytes) => {
            String::from_utf8(bytes).map_err(|error| not_text(error.utf8_error()))?
        }
    };
    let content = ContentHash::of(text)
        .ok_or_else(|| (Reason::InvalidJson, "cannot be read as JSON".to_owned()))?;
    Ok(Received {
        raw,
        raw_sha256: Sha256::digest(bytes).into(),
        redacted_fields: safe.members,
        content,
    })
}
