//! Many inputs at once, their records in order.

mod tally;

use std::cell::Cell;
use std::io::{self, Read};
use std::num::NonZeroUsize;

use chrono::{DateTime, Utc};
use futures::stream::{self, Stream, StreamExt};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use trailwright_schemas::{Reason, SourceFile};

use self::tally::Tally;
use crate::decode::{Found, Piece, decode_reader};
use crate::limits::Limits;
use crate::parse::{Batch, Context, FileEnd};
use crate::source::{Discovered, Input, Version};

/// Records and rejected rows after which a batch is handed on.
const BATCH_ROWS: usize = 4096;
/// Bytes of records after which a batch is handed on.
const BATCH_BYTES: usize = 8 * 1024 * 1024;

/// How to read.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What a source may cost.
    pub limits: Limits,
    /// Replace session tokens.
    pub redact: bool,
    /// Inputs that are read at the same time.
    pub parallel: NonZeroUsize,
    /// The clock, for the time to store as that of ingestion.
    pub now: fn() -> DateTime<Utc>,
}

/// Reads all inputs and yields their records in batches: inputs in the order
/// given, records in the order of their bytes, whatever finishes first.
///
/// Memory holds a few batches of each of `settings.parallel` inputs, plus each
/// input that cannot be read line by line. Dropping the stream stops the
/// reading. Needs a Tokio runtime.
pub fn read(
    discovered: impl Stream<Item = Discovered> + Send,
    settings: Settings,
) -> impl Stream<Item = Batch> + Send {
    let parallel = settings.parallel.get();
    discovered
        .map(move |discovered| {
            let settings = settings.clone();
            async move { start(discovered, settings) }
        })
        .buffered(parallel)
        .flat_map(|reading| stream::unfold(reading, Reading::next))
}

/// What one input brings: at hand, or still being read.
enum Reading {
    AtHand(Batch),
    Task {
        batches: mpsc::Receiver<Batch>,
        task: JoinHandle<()>,
        crashed: Box<Batch>,
    },
    Ended,
}

impl Reading {
    async fn next(self) -> Option<(Batch, Self)> {
        match self {
            Self::AtHand(batch) => Some((batch, Self::Ended)),
            Self::Ended => None,
            Self::Task {
                mut batches,
                task,
                crashed,
            } => match batches.recv().await {
                Some(batch) => {
                    let rest = Self::Task {
                        batches,
                        task,
                        crashed,
                    };
                    Some((batch, rest))
                }
                // Whatever happened to the task, its input is accounted for.
                None => task.await.err().map(|_| (*crashed, Self::Ended)),
            },
        }
    }
}

fn start(discovered: Discovered, settings: Settings) -> Reading {
    match discovered {
        Discovered::Skipped { .. } => Reading::AtHand(Batch {
            files_skipped: 1,
            ..Batch::default()
        }),
        Discovered::Refused {
            name,
            reason,
            detail,
        } => Reading::AtHand(settings.refused(&name, reason, detail)),
        Discovered::Input(input) => {
            let detail = "reading was broken off by an error of the program";
            let mut crashed = settings.refused(&input.name, Reason::Unreadable, detail.to_owned());
            crashed.file = file_end(input.file_id(), None);
            let (sender, batches) = mpsc::channel(1);
            let task = tokio::task::spawn_blocking(move || read_input(input, &settings, sender));
            Reading::Task {
                batches,
                task,
                crashed: Box::new(crashed),
            }
        }
    }
}

impl Settings {
    fn context<'a>(&'a self, source: &'a str) -> Context<'a> {
        Context {
            source,
            now: (self.now)(),
            redact: self.redact,
            limits: &self.limits,
        }
    }

    /// A batch that says that a whole input is refused.
    fn refused(&self, source: &str, reason: Reason, detail: String) -> Batch {
        let mut batch = Batch {
            sources_done: 1,
            ..Batch::default()
        };
        batch.add(nothing(reason, detail), &self.context(source));
        batch
    }
}

/// A finding about an input of which no byte is at hand.
fn nothing(reason: Reason, detail: String) -> Found<'static> {
    Found::Refused {
        piece: Piece {
            offset: 0,
            bytes: &[],
        },
        reason,
        detail,
    }
}

fn read_input(input: Input, settings: &Settings, sender: mpsc::Sender<Batch>) {
    let name = input.name.clone();
    let found_as = input.file_id();
    let progress = Progress::default();
    let mut outbox = Outbox {
        context: settings.context(&name),
        progress: &progress,
        sender,
        batch: Batch::default(),
        batch_bytes: 0,
        tally: Tally::default(),
    };
    let mut version = None;
    match input.open() {
        Ok(opened) => {
            version = opened.version;
            let source = Counted {
                source: opened.reader,
                progress: &progress,
            };
            decode_reader(source, &settings.limits, &mut |found| outbox.add(found));
        }
        Err(error) => outbox.add(nothing(
            Reason::Unreadable,
            format!("cannot be opened: {error}"),
        )),
    }
    outbox.end(found_as, version);
}

/// What became of an input that is a file.
fn file_end(found_as: Option<String>, read: Option<SourceFile>) -> Option<Box<FileEnd>> {
    let end = |found_as| FileEnd { found_as, read };
    found_as.map(end).map(Box::new)
}

/// What reading and handing on tell each other.
#[derive(Default)]
struct Progress {
    bytes_read: Cell<u64>,
    /// Nobody takes the batches any more.
    abandoned: Cell<bool>,
}

/// Gathers findings into batches and hands them on, waiting when nobody takes
/// them.
struct Outbox<'a> {
    context: Context<'a>,
    progress: &'a Progress,
    sender: mpsc::Sender<Batch>,
    batch: Batch,
    batch_bytes: usize,
    tally: Tally,
}

impl Outbox<'_> {
    fn add(&mut self, found: Found<'_>) {
        if self.progress.abandoned.get() {
            return;
        }
        let (Found::Record(piece) | Found::Refused { piece, .. }) = &found;
        self.batch_bytes += piece.bytes.len();
        self.batch.add(found, &self.context);
        let rows = self.batch.parsed.len() + self.batch.rejected.len();
        if rows >= BATCH_ROWS || self.batch_bytes >= BATCH_BYTES {
            self.send();
        }
    }

    /// Hands on what is left, and what became of the file.
    fn end(mut self, found_as: Option<String>, version: Option<Version>) {
        self.tally.count(&self.batch);
        self.batch.sources_done = 1;
        let read = version.filter(|_| !self.tally.unreadable);
        let read = read.map(|version| self.tally.row(&self.context, version));
        self.batch.file = file_end(found_as, read);
        self.hand_on();
    }

    fn send(&mut self) {
        self.tally.count(&self.batch);
        self.hand_on();
    }

    fn hand_on(&mut self) {
        self.batch.bytes_read = self.progress.bytes_read.take();
        self.batch_bytes = 0;
        let batch = std::mem::take(&mut self.batch);
        if self.sender.blocking_send(batch).is_err() {
            self.progress.abandoned.set(true);
        }
    }
}

/// Counts bytes, and ends early when they are not wanted any more.
struct Counted<'a> {
    source: Box<dyn Read + Send>,
    progress: &'a Progress,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.progress.abandoned.get() {
            return Ok(0);
        }
        let count = self.source.read(buffer)?;
        let total = self.progress.bytes_read.get() + count as u64;
        self.progress.bytes_read.set(total);
        Ok(count)
    }
}

#[cfg(test)]
mod tests;
