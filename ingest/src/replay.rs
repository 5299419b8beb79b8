//! Reading the bytes of a rejected row again.

use chrono::{DateTime, Utc};

use crate::decode::decode;
use crate::limits::Limits;
use crate::parse::{Batch, Context, Parsed};

/// A row of `rejected`, as far as its bytes are to be read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedBytes {
    /// Where they came from.
    pub source: String,
    /// Where they lay in it.
    pub offset: u64,
    /// The bytes, secrets replaced.
    pub original: Vec<u8>,
    /// SHA-256 of the bytes as received.
    pub original_sha256: [u8; 32],
    /// Members whose secret was replaced in `original`.
    pub redacted_fields: Vec<String>,
}

impl RejectedBytes {
    /// What the bytes give now, as if read where they were read first.
    ///
    /// A row that gives no record is rejected as before, whatever is said of it
    /// now; `None` then. So it is too when the very same bytes are among what is
    /// rejected now.
    pub fn read_again(&self, limits: &Limits, redact: bool, now: DateTime<Utc>) -> Option<Batch> {
        let context = Context {
            source: &self.source,
            now,
            redact,
            limits,
        };
        let mut batch = Batch::default();
        decode(&self.original, limits, &mut |found| {
            batch.add(found, &context);
        });
        let same = |original: &[u8]| original == self.original;
        if batch.parsed.is_empty() || batch.rejected.iter().any(|row| same(&row.original)) {
            return None;
        }
        for parsed in &mut batch.parsed {
            parsed.provenance.offset += self.offset;
            self.restore(parsed);
        }
        for row in &mut batch.rejected {
            row.offset += self.offset;
            add(&mut row.redacted_fields, &self.redacted_fields);
        }
        Some(batch)
    }

    /// What is known of the bytes as received.
    fn restore(&self, parsed: &mut Parsed) {
        let received = &mut parsed.received;
        add(&mut received.redacted_fields, &self.redacted_fields);
        if received.raw.as_bytes() == self.original {
            received.raw_sha256 = self.original_sha256;
        }
    }
}

fn add(fields: &mut Vec<String>, more: &[String]) {
    for field in more {
        if !fields.contains(field) {
            fields.push(field.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use chrono::DateTime;
    use sha2::{Digest as _, Sha256};

    use super::RejectedBytes;
    use crate::decode::decode;
    use crate::limits::Limits;
    use crate::parse::{Batch, Context};

    fn record(id: &str) -> String {
        format!(
            r#"{{"eventVersion":"1.08","eventTime":"2024-05-01T10:00:00Z","eventSource":"sts.amazonaws.com","eventName":"AssumeRole","awsRegion":"eu-west-1","eventID":"{id}","responseElements":{{"credentials":{{"sessionToken":"secret"}}}}}}"#
        )
    }

    fn small() -> Limits {
        let mut limits = Limits::default();
        limits.record.record_bytes_max = 64;
        limits
    }

    /// What is rejected of a source under small limits.
    fn rejected(source: &str) -> Vec<RejectedBytes> {
        let limits = small();
        let context = Context {
            source: "kafka/t/0/7",
            now: DateTime::UNIX_EPOCH,
            redact: true,
            limits: &limits,
        };
        let mut batch = Batch::default();
        decode(source.as_bytes(), &limits, &mut |found| {
            batch.add(found, &context);
        });
        let bytes = batch.rejected.into_iter().map(|row| RejectedBytes {
            source: row.source,
            offset: row.offset,
            original: row.original,
            original_sha256: row.original_sha256,
            redacted_fields: row.redacted_fields,
        });
        bytes.collect()
    }

    #[test]
    fn what_passes_larger_limits_is_as_if_it_had_passed_at_once() {
        let source = format!("{}\n{}\n", record("a"), record("b"));
        let rows = rejected(&source);
        assert_eq!(rows.len(), 2);
        let limits = Limits::default();
        let read = |row: &RejectedBytes| row.read_again(&limits, true, DateTime::UNIX_EPOCH);
        let second = read(&rows[1]).unwrap();
        let parsed = &second.parsed[0];
        assert_eq!(parsed.provenance.source, "kafka/t/0/7");
        assert_eq!(parsed.provenance.offset, record("a").len() as u64 + 1);
        assert_eq!(parsed.received.redacted_fields, ["sessionToken"]);
        let as_received: [u8; 32] = Sha256::digest(record("b")).into();
        assert_eq!(parsed.received.raw_sha256, as_received);
        assert!(!parsed.received.raw.contains("secret"));
    }

    #[test]
    fn what_does_not_pass_stays_rejected() {
        let limits = small();
        for source in [record("a"), "no record".to_owned(), "{\"a\":".to_owned()] {
            for row in rejected(&source) {
                let again = row.read_again(&limits, true, DateTime::UNIX_EPOCH);
                assert_eq!(again, None, "{source}");
            }
        }
    }
}
