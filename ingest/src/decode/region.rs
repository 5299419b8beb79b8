//! A run of JSON values: the top of a document, or the elements of a list.

use serde::de::IgnoredAny;
use trailwright_schemas::Reason;

use super::scan::{self, Broken};
use super::{Decoder, Text, document, hint};

/// What encloses a run of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Region {
    /// Nothing.
    Top,
    /// The brackets of a list.
    List,
    /// The bracket that opens a list; where it closes is not known, because
    /// something inside or behind is broken.
    OpenList,
}

impl Region {
    /// Where the next value begins, from `at`.
    fn next_start(self, bytes: &[u8], at: usize) -> Option<usize> {
        let passed_over = |byte: &u8| match *byte {
            b',' | RECORD_SEPARATOR => true,
            b']' | b'}' => self == Self::OpenList,
            byte => byte.is_ascii_whitespace(),
        };
        let rest = bytes.get(at..)?;
        rest.iter()
            .position(|byte| !passed_over(byte))
            .map(|found| at + found)
    }
}

/// RFC 7464 puts it before each JSON text.
const RECORD_SEPARATOR: u8 = 0x1e;

/// How often the bytes of a region may be looked at again when records in it
/// are broken, so that time stays linear whatever the bytes are.
const RESYNC_FACTOR: usize = 8;

impl Decoder<'_> {
    /// Finds the records among the values of `text`. Says where the last value
    /// ends.
    pub(super) fn region(&mut self, text: Text<'_>, depth: u32, region: Region) -> usize {
        let allowance = text.bytes.len().saturating_mul(RESYNC_FACTOR);
        self.resync_bytes_left = self.resync_bytes_left.saturating_add(allowance);
        let mut at = 0;
        while let Some(start) = region.next_start(text.bytes, at) {
            at = match text.bytes[start] {
                b'{' => self.object(text, start, depth, region),
                b'[' => self.array(text, start, depth),
                b'"' if region != Region::OpenList => self.string(text, start, depth),
                _ => self.scalar(text, start, region),
            };
        }
        at
    }

    fn array(&mut self, text: Text<'_>, start: usize, depth: u32) -> usize {
        match scan::value_end(text.bytes, start) {
            Ok(end) => {
                let whole = text.part(start, end);
                if !self.is_too_deep(whole, depth + 1) {
                    self.region(text.part(start + 1, end - 1), depth + 1, Region::List);
                }
                end
            }
            Err(broken) => {
                self.open_list(text, start + 1, depth, broken);
                text.bytes.len()
            }
        }
    }

    /// A list of which only the beginning is known to be one. If nothing else
    /// says that its end is missing, this does.
    pub(super) fn open_list(&mut self, text: Text<'_>, start: usize, depth: u32, broken: Broken) {
        let end = text.bytes.len();
        let rest = text.part(start, end);
        if self.is_too_deep(rest, depth + 1) {
            return;
        }
        let read_up_to = self.region(rest, depth + 1, Region::OpenList);
        let is_closed = rest.bytes[read_up_to..].contains(&b']');
        let is_refused = read_up_to == rest.bytes.len() && self.refused_up_to == rest.end_offset();
        if broken == Broken::Ends && !is_closed && !is_refused && !self.fault_follows {
            let detail = "the text ends before the list of records does";
            self.refuse(text.part(end, end), Reason::Truncated, detail);
        }
    }

    /// A string where a record is expected may have one packed inside.
    fn string(&mut self, text: Text<'_>, start: usize, depth: u32) -> usize {
        let Ok(end) = scan::value_end(text.bytes, start) else {
            return self.garbage(text, start);
        };
        if scan::name_end(text.bytes, start).is_some() {
            return self.garbage(text, start);
        }
        let whole = text.part(start, end);
        if !self.unpack(whole, depth + 1) {
            let detail = "a string where a record is expected";
            self.refuse(whole, Reason::NotARecord, detail);
        }
        end
    }

    /// Handles what a JSON string has packed inside; false when that is not
    /// JSON, nor JSON in base64 or compressed.
    pub(super) fn unpack(&mut self, string: Text<'_>, depth: u32) -> bool {
        let Ok(inner) = serde_json::from_slice::<String>(string.bytes) else {
            return false;
        };
        let inner = inner.as_bytes();
        if !document::begins_as_json(inner) && document::from_base64(inner).is_none() {
            return false;
        }
        if !self.is_too_deep(string, depth) {
            self.document(string.unpacked(inner), depth);
        }
        true
    }

    fn scalar(&mut self, text: Text<'_>, start: usize, region: Region) -> usize {
        let Ok(end) = scan::value_end(text.bytes, start) else {
            return self.garbage(text, start);
        };
        let value = text.part(start, end);
        let stands_alone = match region {
            Region::Top => value.bytes == text.bytes.trim_ascii(),
            _ => value.bytes.first() != Some(&b'"'),
        };
        if !stands_alone || check(value.bytes).is_err() {
            return self.garbage(text, start);
        }
        let detail = format!(
            "{} where a record is expected",
            String::from_utf8_lossy(value.bytes)
        );
        self.refuse(value, Reason::NotARecord, detail);
        end
    }

    /// Bytes that are no JSON value, up to the next record or to the end.
    fn garbage(&mut self, text: Text<'_>, start: usize) -> usize {
        let end = text.bytes.len();
        self.malformed(text, start, end, Reason::InvalidJson, hint::found)
    }

    /// Refuses what begins at `start`: up to the next record that begins before
    /// `end`, else up to `end`. `say` puts the refused bytes into words.
    pub(super) fn malformed(
        &mut self,
        text: Text<'_>,
        start: usize,
        end: usize,
        reason: Reason,
        say: impl FnOnce(&[u8]) -> String,
    ) -> usize {
        let next = self.next_record(text.bytes, start + 1, end);
        let refused = text.part(start, next.unwrap_or(end));
        let kept = refused
            .bytes
            .iter()
            .rposition(|byte| !byte.is_ascii_whitespace() && *byte != b',')
            .map_or(0, |last| last + 1);
        let refused = refused.part(0, kept);
        // Only the last bytes of a text can be its missing end.
        let reason = match (reason, next) {
            (Reason::Truncated, Some(_)) => Reason::InvalidJson,
            (reason, _) => reason,
        };
        self.refuse(refused, reason, say(refused.bytes));
        let end = next.unwrap_or(end);
        self.refused_up_to = text.part(end, end).offset;
        end
    }
}

/// Whether the bytes are one JSON value, and if not, why. Says nothing about
/// their encoding.
pub(super) fn check(json: &[u8]) -> Result<(), String> {
    serde_json::from_slice::<IgnoredAny>(json)
        .map(|_| ())
        .map_err(|error| error.to_string())
}
