//! Finding the records in bytes, whatever they come wrapped in.
//!
//! One malformed record never costs its neighbours: values are delimited by
//! `scan` without trusting them, and where that fails `resync` looks for the
//! next record.

mod classify;
mod document;
mod hint;
mod lines;
mod object;
mod reader;
mod region;
mod resync;
mod scan;
#[cfg(test)]
mod tests;

pub use reader::decode_reader;

use trailwright_schemas::Reason;

use crate::limits::Limits;

/// Envelopes inside envelopes that are followed.
pub(crate) const ENVELOPES_MAX: u32 = 4;

/// Some bytes of a source and where they lie in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Offset in bytes within the source, after decompression. For bytes that
    /// were packed into a string, where that string begins.
    pub offset: u64,
    /// The bytes.
    pub bytes: &'a [u8],
}

/// What lies in a source: records and things that are none. Every byte that is
/// not white space, punctuation or envelope belongs to one of the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// One record, to be read by [`Batch::add`](crate::Batch::add).
    Record(Piece<'a>),
    /// Something that is not a record.
    Refused {
        /// The bytes.
        piece: Piece<'a>,
        /// Why.
        reason: Reason,
        /// Why, in words for a person.
        detail: String,
    },
}

/// Finds the records in one message or one file held in memory and hands each
/// finding to `visit`, in the order of the bytes.
///
/// Takes a bare record, `{"Records":[…]}`, JSON lines, arrays, concatenated
/// objects, the envelopes of EventBridge, CloudWatch Logs, Firehose, Filebeat,
/// Vector, Kafka Connect and `LookupEvents`, all of these also as gzip, zstd,
/// base64 or a JSON string inside each other, up to four levels.
pub fn decode<'a>(bytes: &'a [u8], limits: &'a Limits, visit: &mut dyn FnMut(Found<'_>)) {
    Decoder::new(limits, visit).document(Text::of_source(bytes, 0), 0);
}

/// The way through one source: what all steps share.
struct Decoder<'a> {
    limits: &'a Limits,
    visit: &'a mut dyn FnMut(Found<'_>),
    /// Bytes that `resync` may still look at.
    resync_bytes_left: usize,
    /// Offset up to which the last refusal goes.
    refused_up_to: u64,
    /// The source itself ends in a fault, which will be reported: no need to
    /// say too that something is missing at the end.
    fault_follows: bool,
}

impl<'a> Decoder<'a> {
    fn new(limits: &'a Limits, visit: &'a mut dyn FnMut(Found<'_>)) -> Self {
        Self {
            limits,
            visit,
            resync_bytes_left: 0,
            refused_up_to: 0,
            fault_follows: false,
        }
    }

    fn record(&mut self, text: Text<'_>) {
        (self.visit)(Found::Record(text.piece()));
    }

    fn refuse(&mut self, text: Text<'_>, reason: Reason, detail: impl Into<String>) {
        self.refused_up_to = text.end_offset();
        (self.visit)(Found::Refused {
            piece: text.piece(),
            reason,
            detail: detail.into(),
        });
    }
}

/// Bytes and where they come from.
#[derive(Clone, Copy)]
struct Text<'a> {
    bytes: &'a [u8],
    offset: u64,
    /// False for bytes that were unpacked from a string: all of them then lie
    /// where the string does.
    in_place: bool,
}

impl<'a> Text<'a> {
    fn of_source(bytes: &'a [u8], offset: u64) -> Self {
        Self {
            bytes,
            offset,
            in_place: true,
        }
    }

    /// Bytes unpacked from `self`.
    fn unpacked<'b>(&self, bytes: &'b [u8]) -> Text<'b> {
        Text {
            bytes,
            offset: self.offset,
            in_place: false,
        }
    }

    /// The bytes from `start` to `end`.
    fn part(&self, start: usize, end: usize) -> Self {
        let shift = if self.in_place { start as u64 } else { 0 };
        Self {
            bytes: &self.bytes[start..end],
            offset: self.offset + shift,
            in_place: self.in_place,
        }
    }

    /// Offset behind the last byte.
    fn end_offset(&self) -> u64 {
        self.part(self.bytes.len(), self.bytes.len()).offset
    }

    /// Without white space at both ends.
    fn trimmed(&self) -> Self {
        let start = scan::skip_space(self.bytes, 0);
        self.part(start, start + self.bytes[start..].trim_ascii_end().len())
    }

    fn piece(&self) -> Piece<'a> {
        Piece {
            offset: self.offset,
            bytes: self.bytes,
        }
    }
}
