//! One document: taking off compression, base64 and byte order marks, and
//! telling JSON lines from everything else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use trailwright_schemas::Reason;

use super::region::Region;
use super::{Decoder, ENVELOPES_MAX, Text, lines, scan};
use crate::decompress::{Inflate, is_compressed};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// Kafka's schema registry puts this and a schema number of four bytes first.
const REGISTRY_MAGIC: u8 = 0;
const REGISTRY_PREFIX_BYTES: usize = 5;

impl Decoder<'_> {
    /// Finds the records of a whole message, file or string.
    pub(super) fn document(&mut self, text: Text<'_>, depth: u32) {
        if self.undress(text, depth) {
            return;
        }
        if lines::is_lines(text.bytes) {
            self.lines(text, depth);
        } else {
            self.region(text, depth, Region::Top);
        }
    }

    /// Finds the records of JSON lines: each line for itself.
    pub(super) fn lines(&mut self, text: Text<'_>, depth: u32) {
        let mut start = 0;
        for line in text.bytes.split_inclusive(|&byte| byte == b'\n') {
            let end = start + line.len();
            let line = text.part(start, end).trimmed();
            if !self.undress(line, depth) {
                self.region(line, depth, Region::Top);
            }
            start = end;
        }
    }

    /// Refuses what is wrapped once more than is followed.
    pub(super) fn is_too_deep(&mut self, text: Text<'_>, depth: u32) -> bool {
        let too_deep = depth > ENVELOPES_MAX;
        if too_deep {
            let detail = format!("wrapped more than {ENVELOPES_MAX} times");
            self.refuse(text, Reason::TooManyEnvelopes, detail);
        }
        too_deep
    }

    /// Takes off one layer that is not JSON, if there is one, and handles what
    /// is inside.
    fn undress(&mut self, text: Text<'_>, depth: u32) -> bool {
        if is_compressed(text.bytes) {
            self.inflate(text, depth + 1);
        } else if let Some(rest) = text.bytes.strip_prefix(BYTE_ORDER_MARK) {
            let start = text.bytes.len() - rest.len();
            self.document(text.part(start, text.bytes.len()), depth);
        } else if has_registry_prefix(text.bytes) {
            let rest = text.part(REGISTRY_PREFIX_BYTES, text.bytes.len());
            self.document(rest, depth);
        } else if let Some(inner) = from_base64(text.bytes) {
            if !self.is_too_deep(text, depth + 1) {
                self.document(text.unpacked(&inner), depth + 1);
            }
        } else {
            return false;
        }
        true
    }

    fn inflate(&mut self, text: Text<'_>, depth: u32) {
        if self.is_too_deep(text, depth) {
            return;
        }
        let mut inflate = Inflate::new(text.bytes, self.limits.inflated_bytes_max);
        let mut inflated = Vec::new();
        let mut block = vec![0; 64 * 1024];
        loop {
            let count = inflate.fill(&mut block);
            if count == 0 {
                break;
            }
            inflated.extend_from_slice(&block[..count]);
        }
        // A message that is compressed as a whole has offsets like a file.
        let is_whole = text.in_place && text.offset == 0;
        let inner = Text {
            bytes: &inflated,
            offset: text.offset,
            in_place: is_whole,
        };
        let fault = inflate.take_fault();
        let outer = std::mem::replace(&mut self.fault_follows, fault.is_some());
        self.document(inner, depth);
        self.fault_follows = outer;
        if let Some(fault) = fault {
            let end = inner.part(inflated.len(), inflated.len());
            let rest = Text {
                bytes: &fault.rest,
                ..end
            };
            self.refuse(rest, fault.reason, fault.detail);
        }
    }
}

fn has_registry_prefix(bytes: &[u8]) -> bool {
    bytes.first() == Some(&REGISTRY_MAGIC)
        && bytes
            .get(REGISTRY_PREFIX_BYTES..)
            .is_some_and(|rest| is_compressed(rest) || begins_as_json(rest))
}

/// True when the first byte that counts opens an object or an array.
pub(super) fn begins_as_json(bytes: &[u8]) -> bool {
    let start = scan::skip_space(bytes, 0);
    matches!(bytes.get(start), Some(b'{' | b'['))
}

/// What base64 text encodes, if that is compressed data or JSON.
pub(super) fn from_base64(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = bytes.trim_ascii();
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=\r\n".contains(byte);
    if text.len() < 8 || !text.iter().all(is_base64) {
        return None;
    }
    let joined: Vec<u8> = text
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let decoded = STANDARD.decode(joined).ok()?;
    (is_compressed(&decoded) || begins_as_json(&decoded)).then_some(decoded)
}
