//! Events on their way to the lake, for whoever looks on.
//!
//! Publishing waits for nobody and costs next to nothing when nobody looks on.
//! What readers have not read yet is kept up to a number of bytes; then the
//! oldest goes, and who has not read it is told how many events that were.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use trailwright_schemas::Event;

/// Bytes of records that are kept for readers. In memory an event takes about
/// four times the bytes of its record.
const KEPT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What is published, between the pipeline and its readers.
pub(crate) struct Feed {
    state: Mutex<State>,
    /// The number of the next item, for readers that wait for it.
    newest: watch::Sender<u64>,
    kept_bytes_max: usize,
}

#[derive(Default)]
struct State {
    kept: VecDeque<Kept>,
    /// The number of the next item; the last one kept has the number before it.
    next: u64,
    /// Events that were published.
    events: u64,
    bytes: usize,
    /// Where each reader stands, by its own number.
    readers: BTreeMap<u64, u64>,
    reader_next: u64,
    commit: Ahead,
}

/// What was published of the next commit.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Ahead {
    /// Nothing yet.
    #[default]
    Nothing,
    /// All of it, from this item on.
    Since(u64),
    /// Not all of it, because nobody was looking on.
    InPart,
}

struct Kept {
    item: Item,
    /// Events that were published before it.
    events_before: u64,
    bytes: usize,
}

#[derive(Clone)]
enum Item {
    Events(Arc<Vec<Arc<Event>>>),
    Committed { version: u64, ahead: Ahead },
}

impl Default for Feed {
    fn default() -> Self {
        Self::keeping(KEPT_BYTES_MAX)
    }
}

impl Feed {
    /// A feed that keeps so many bytes of records for readers that are slow.
    pub(crate) fn keeping(kept_bytes_max: usize) -> Self {
        Self {
            state: Mutex::default(),
            newest: watch::Sender::new(0),
            kept_bytes_max,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True while anybody looks on.
    pub(crate) fn is_read(&self) -> bool {
        !self.state().readers.is_empty()
    }

    /// Shows events that the next commit will store.
    pub(crate) fn publish(&self, events: &Arc<Vec<Arc<Event>>>) {
        if events.is_empty() {
            return;
        }
        let mut state = self.state();
        if state.readers.is_empty() {
            state.commit = Ahead::InPart;
            return;
        }
        if state.commit == Ahead::Nothing {
            state.commit = Ahead::Since(state.next);
        }
        let raw = events.iter().map(|event| event.received.raw.len());
        let bytes = raw.sum();
        state.keep(Item::Events(Arc::clone(events)), bytes);
        state.events += events.len() as u64;
        while state.bytes > self.kept_bytes_max && state.kept.len() > 1 {
            state.drop_oldest();
        }
        self.newest.send_replace(state.next);
    }

    /// Says that everything published so far is stored, with this version of the
    /// table of events.
    pub(crate) fn committed(&self, version: u64) {
        let mut state = self.state();
        let ahead = std::mem::take(&mut state.commit);
        if !state.readers.is_empty() {
            state.keep(Item::Committed { version, ahead }, 0);
            self.newest.send_replace(state.next);
        }
    }

    /// Says that what was published since the last commit is not stored: another
    /// instance did that, or it is read again.
    pub(crate) fn given_up(&self) {
        self.state().commit = Ahead::Nothing;
    }

    /// Begins to look on: everything that is published from now on.
    pub(crate) fn read(self: &Arc<Self>) -> Reader {
        let mut state = self.state();
        let number = state.reader_next;
        state.reader_next += 1;
        let next = state.next;
        state.readers.insert(number, next);
        Reader {
            number,
            joined: next,
            next,
            events: state.events,
            changes: self.newest.subscribe(),
            feed: Arc::clone(self),
        }
    }
}

impl State {
    fn keep(&mut self, item: Item, bytes: usize) {
        self.kept.push_back(Kept {
            item,
            events_before: self.events,
            bytes,
        });
        self.bytes += bytes;
        self.next += 1;
    }

    fn drop_oldest(&mut self) {
        if let Some(kept) = self.kept.pop_front() {
            self.bytes -= kept.bytes;
        }
    }

    /// The number of the oldest item that is kept.
    fn oldest(&self) -> u64 {
        self.next - self.kept.len() as u64
    }

    /// Keeps nothing that all readers have read.
    fn forget_read(&mut self) {
        let needed = self.readers.values().min().copied();
        while self.oldest() < needed.unwrap_or(self.next) {
            self.drop_oldest();
        }
    }
}

/// Somebody who looks on, until it is dropped.
pub(crate) struct Reader {
    feed: Arc<Feed>,
    number: u64,
    /// The first item it could read.
    joined: u64,
    next: u64,
    /// Events published before its next item.
    events: u64,
    changes: watch::Receiver<u64>,
}

/// What a reader gets.
pub(crate) enum Heard {
    /// Events, before they are stored.
    Events(Arc<Vec<Arc<Event>>>),
    /// A commit was made.
    Committed {
        /// The version of the table of events that it made.
        version: u64,
        /// Whether this reader got everything it stored, as far as it was not
        /// told that it missed some.
        whole: bool,
    },
    /// So many events are not kept any more, because it was too slow.
    Missed(u64),
}

impl Reader {
    /// What comes next. Dropping the future loses nothing.
    pub(crate) async fn next(&mut self) -> Heard {
        loop {
            if let Some(heard) = self.take() {
                return heard;
            }
            if self.changes.changed().await.is_err() {
                // The sender lives as long as this reader.
                std::future::pending::<()>().await;
            }
        }
    }

    /// True when it has missed something that it was not told of yet.
    pub(crate) fn is_behind(&self) -> bool {
        self.next < self.feed.state().oldest()
    }

    fn take(&mut self) -> Option<Heard> {
        let mut state = self.feed.state();
        let oldest = state.oldest();
        if self.next < oldest {
            let events_now = state
                .kept
                .front()
                .map_or(state.events, |kept| kept.events_before);
            let missed = events_now - self.events;
            (self.next, self.events) = (oldest, events_now);
            state.readers.insert(self.number, self.next);
            return Some(Heard::Missed(missed));
        }
        let place = usize::try_from(self.next - oldest).ok()?;
        let item = state.kept.get(place)?.item.clone();
        self.next += 1;
        state.readers.insert(self.number, self.next);
        state.forget_read();
        Some(match item {
            Item::Events(events) => {
                self.events += events.len() as u64;
                Heard::Events(events)
            }
            Item::Committed { version, ahead } => Heard::Committed {
                version,
                whole: match ahead {
                    Ahead::Nothing => true,
                    Ahead::Since(first) => self.joined <= first,
                    Ahead::InPart => false,
                },
            },
        })
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut state = self.feed.state();
        state.readers.remove(&self.number);
        state.forget_read();
    }
}

#[cfg(test)]
mod tests;
