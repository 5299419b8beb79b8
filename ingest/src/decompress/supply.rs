//! A buffered reader that can look ahead, counts, and remembers whether it was
//! the source that failed or only the data in it.

use std::io::{self, BufRead, ErrorKind, Read};

const BUFFER_BYTES: usize = 64 * 1024;

/// The bytes of a source, before decompression.
pub(super) struct Supply<R> {
    source: R,
    buffer: Vec<u8>,
    start: usize,
    failed: bool,
}

impl<R: Read> Supply<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source,
            buffer: Vec::new(),
            start: 0,
            failed: false,
        }
    }

    /// True when reading the source itself has failed.
    pub(super) fn failed(&self) -> bool {
        self.failed
    }

    /// Bytes at hand that nobody has taken.
    pub(super) fn at_hand(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// The next `count` bytes, fewer only at the end of the source.
    pub(super) fn peek(&mut self, count: usize) -> io::Result<&[u8]> {
        while self.at_hand().len() < count && self.read_more()? > 0 {}
        Ok(self.at_hand())
    }

    fn read_more(&mut self) -> io::Result<usize> {
        self.buffer.drain(..self.start);
        self.start = 0;
        let filled = self.buffer.len();
        self.buffer.resize(filled + BUFFER_BYTES, 0);
        let read = loop {
            match self.source.read(&mut self.buffer[filled..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.failed |= read.is_err();
        self.buffer
            .truncate(filled + read.as_ref().copied().unwrap_or(0));
        read
    }
}

impl<R: Read> BufRead for Supply<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.peek(1)
    }

    fn consume(&mut self, count: usize) {
        self.start = (self.start + count).min(self.buffer.len());
    }
}

impl<R: Read> Read for Supply<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}
