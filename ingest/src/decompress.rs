//! Inflating by what the bytes say, not by what the file is called.

mod supply;

use std::io::{ErrorKind, Read};

use flate2::bufread::GzDecoder;
use supply::Supply;
use trailwright_schemas::Reason;
use zstd::stream::read::Decoder as ZstdDecoder;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// True when the bytes begin like gzip or zstd data.
pub(crate) fn is_compressed(bytes: &[u8]) -> bool {
    bytes.starts_with(&GZIP_MAGIC) || bytes.starts_with(&ZSTD_MAGIC)
}

/// Why reading stopped before the end of the source.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) reason: Reason,
    pub(crate) detail: String,
    /// The bytes of the source that could not be used, as far as they are at
    /// hand: never compressed data that was inflated, which could hold secrets.
    pub(crate) rest: Vec<u8>,
}

/// Reads plain, gzip or zstd data, one or several members of either, and yields
/// what can be inflated. It never fails: what stopped it says [`Self::take_fault`],
/// and everything before that has been yielded.
pub(crate) struct Inflate<R: Read> {
    state: State<R>,
    inflated_bytes: u64,
    inflated_bytes_max: u64,
    compressed: bool,
    fault: Option<Fault>,
}

enum State<R: Read> {
    /// At the beginning, or between two members.
    Between(Supply<R>),
    Plain(Supply<R>),
    Gzip(Box<GzDecoder<Supply<R>>>),
    Zstd(ZstdDecoder<'static, Supply<R>>),
    Ended,
}

enum Step {
    Bytes(usize),
    Again,
    End,
}

impl<R: Read> Inflate<R> {
    /// Inflates `source`, up to `inflated_bytes_max` bytes if it is compressed.
    pub(crate) fn new(source: R, inflated_bytes_max: u64) -> Self {
        Self {
            state: State::Between(Supply::new(source)),
            inflated_bytes: 0,
            inflated_bytes_max,
            compressed: false,
            fault: None,
        }
    }

    /// What stopped the reading, once [`Self::fill`] has returned 0.
    pub(crate) fn take_fault(&mut self) -> Option<Fault> {
        self.fault.take()
    }

    /// Puts inflated bytes into `buffer` and says how many; 0 at the end.
    pub(crate) fn fill(&mut self, buffer: &mut [u8]) -> usize {
        loop {
            match self.step(buffer) {
                Step::Bytes(count) => return count,
                Step::Again => {}
                Step::End => return 0,
            }
        }
    }

    fn step(&mut self, buffer: &mut [u8]) -> Step {
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Ended => Step::End,
            State::Between(supply) => self.begin(supply),
            State::Plain(mut supply) => match supply.read(buffer) {
                Ok(0) => Step::End,
                Ok(count) => self.yielded(count, State::Plain(supply)),
                Err(error) => self.stop(&error, &supply),
            },
            State::Gzip(mut decoder) => match decoder.read(buffer) {
                Ok(0) => self.next(State::Between(decoder.into_inner())),
                Ok(count) => self.inflated(count, State::Gzip(decoder)),
                Err(error) => self.stop(&error, decoder.get_ref()),
            },
            State::Zstd(mut decoder) => match decoder.read(buffer) {
                Ok(0) => self.next(State::Between(decoder.finish())),
                Ok(count) => self.inflated(count, State::Zstd(decoder)),
                Err(error) => self.stop(&error, decoder.get_ref()),
            },
        }
    }

    fn begin(&mut self, mut supply: Supply<R>) -> Step {
        let start = match supply.peek(ZSTD_MAGIC.len()) {
            Ok(start) => start,
            Err(error) => return self.stop(&error, &supply),
        };
        if start.starts_with(&GZIP_MAGIC) {
            self.compressed = true;
            return self.next(State::Gzip(Box::new(GzDecoder::new(supply))));
        }
        if start.starts_with(&ZSTD_MAGIC) {
            self.compressed = true;
            return match ZstdDecoder::with_buffer(supply) {
                Ok(decoder) => self.next(State::Zstd(decoder.single_frame())),
                Err(error) => self.fail(Reason::Unreadable, error.to_string(), &[]),
            };
        }
        if start.is_empty() {
            return Step::End;
        }
        if !self.compressed {
            return self.next(State::Plain(supply));
        }
        let found = "bytes that are not compressed follow the end of the compressed data";
        self.fail_after(Reason::CorruptGzip, found, supply.at_hand())
    }

    fn next(&mut self, state: State<R>) -> Step {
        self.state = state;
        Step::Again
    }

    fn yielded(&mut self, count: usize, next: State<R>) -> Step {
        self.inflated_bytes += count as u64;
        self.state = next;
        Step::Bytes(count)
    }

    /// Counts inflated bytes against the limit and cuts off what is above.
    fn inflated(&mut self, count: usize, next: State<R>) -> Step {
        let allowed = self.inflated_bytes_max.saturating_sub(self.inflated_bytes);
        match usize::try_from(allowed) {
            Ok(allowed) if allowed < count => {
                self.inflated_bytes = self.inflated_bytes_max;
                let found = "inflates to more than the limit (limits.inflated_bytes_max)";
                self.fail_after(Reason::InflatedTooLarge, found, &[]);
                if allowed == 0 {
                    Step::End
                } else {
                    Step::Bytes(allowed)
                }
            }
            _ => self.yielded(count, next),
        }
    }

    fn stop(&mut self, error: &std::io::Error, supply: &Supply<R>) -> Step {
        if supply.failed() {
            let found = format!("cannot be read further: {error}");
            return self.fail_after(Reason::Unreadable, &found, &[]);
        }
        if error.kind() == ErrorKind::UnexpectedEof {
            let found = "the compressed data ends too early";
            return self.fail_after(Reason::Truncated, found, &[]);
        }
        let found = format!("the compressed data is damaged: {error}");
        self.fail_after(Reason::CorruptGzip, &found, supply.at_hand())
    }

    fn fail_after(&mut self, reason: Reason, found: &str, rest: &[u8]) -> Step {
        let detail = format!(
            "{found}; the {} bytes of content before this were used",
            self.inflated_bytes
        );
        self.fail(reason, detail, rest)
    }

    fn fail(&mut self, reason: Reason, detail: String, rest: &[u8]) -> Step {
        self.fault = Some(Fault {
            reason,
            detail,
            rest: rest.to_vec(),
        });
        Step::End
    }
}
