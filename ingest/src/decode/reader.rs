//! Finding the records in a file that may be larger than memory.

use std::io::Read;

use trailwright_schemas::Reason;

use super::{Decoder, Found, Text, lines};
use crate::decompress::{Fault, Inflate};
use crate::limits::Limits;

/// Like [`decode`](super::decode), for a source that is read as it goes.
///
/// JSON lines are handled in blocks of whole lines; everything else is held in
/// memory up to `limits.inflated_bytes_max`. Never fails: an unreadable source,
/// a damaged or an oversized one becomes a finding after everything that could
/// be read from it.
pub fn decode_reader(source: impl Read, limits: &Limits, visit: &mut dyn FnMut(Found<'_>)) {
    let mut blocks = Blocks::new(source, limits);
    let mut decoder = Decoder::new(limits, visit);
    blocks.read(limits.block_bytes);
    if blocks.more && lines::is_lines(&blocks.bytes) {
        while blocks.more {
            blocks.lines(&mut decoder);
        }
        decoder.lines(blocks.text(), 0);
    } else {
        blocks.read_all();
        decoder.fault_follows = blocks.fault.is_some();
        decoder.document(blocks.text(), 0);
    }
    if let Some(fault) = blocks.fault {
        let rest = Text::of_source(&fault.rest, blocks.offset + blocks.bytes.len() as u64);
        decoder.refuse(rest, fault.reason, fault.detail);
    }
}

/// The part of a source that is in memory.
struct Blocks<'a, R: Read> {
    inflate: Inflate<R>,
    bytes: Vec<u8>,
    /// Offset of `bytes` within the source, after decompression.
    offset: u64,
    /// False once the source is used up.
    more: bool,
    /// What stopped the reading.
    fault: Option<Fault>,
    limits: &'a Limits,
}

impl<'a, R: Read> Blocks<'a, R> {
    fn new(source: R, limits: &'a Limits) -> Self {
        Self {
            inflate: Inflate::new(source, limits.inflated_bytes_max),
            bytes: Vec::new(),
            offset: 0,
            more: true,
            fault: None,
            limits,
        }
    }

    fn text(&self) -> Text<'_> {
        Text::of_source(&self.bytes, self.offset)
    }

    /// Reads `count` more bytes, fewer only at the end of the source.
    fn read(&mut self, count: usize) {
        let mut filled = self.bytes.len();
        self.bytes.resize(filled + count, 0);
        while self.more && filled < self.bytes.len() {
            let read = self.inflate.fill(&mut self.bytes[filled..]);
            filled += read;
            if read == 0 {
                self.more = false;
                self.fault = self.inflate.take_fault();
            }
        }
        self.bytes.truncate(filled);
    }

    /// Reads to the end of the source or to the limit.
    fn read_all(&mut self) {
        while self.more && !self.is_full() {
            self.read(self.limits.block_bytes.max(self.bytes.len() / 2));
        }
        if self.is_full() && self.more {
            self.more = false;
            self.fault = Some(Fault {
                reason: Reason::InflatedTooLarge,
                detail: format!(
                    "larger than {} bytes (limits.inflated_bytes_max) and not JSON lines; \
                     the bytes before this were used",
                    self.limits.inflated_bytes_max
                ),
                rest: Vec::new(),
            });
        }
    }

    fn is_full(&self) -> bool {
        self.bytes.len() as u64 > self.limits.inflated_bytes_max
    }

    /// Handles the whole lines in memory and reads on.
    fn lines(&mut self, decoder: &mut Decoder<'_>) {
        let last_line_end = self.bytes.iter().rposition(|&byte| byte == b'\n');
        match last_line_end {
            Some(newline) => {
                decoder.lines(self.text().part(0, newline + 1), 0);
                self.drop_front(newline + 1);
                self.read(self.limits.block_bytes);
            }
            None if self.is_full() => self.refuse_line(decoder),
            None => self.read(self.limits.block_bytes.max(self.bytes.len())),
        }
    }

    /// Refuses a line that is larger than memory may be, and finds its end.
    fn refuse_line(&mut self, decoder: &mut Decoder<'_>) {
        let detail = format!(
            "a line of more than {} bytes (limits.inflated_bytes_max)",
            self.limits.inflated_bytes_max
        );
        decoder.refuse(self.text(), Reason::InflatedTooLarge, detail);
        loop {
            self.drop_front(self.bytes.len());
            self.read(self.limits.block_bytes);
            if let Some(newline) = self.bytes.iter().position(|&byte| byte == b'\n') {
                return self.drop_front(newline + 1);
            }
            if !self.more {
                return self.drop_front(self.bytes.len());
            }
        }
    }

    fn drop_front(&mut self, count: usize) {
        self.bytes.drain(..count);
        self.offset += count as u64;
    }
}
