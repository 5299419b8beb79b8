//! One time through all places.

use chrono::NaiveDate;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use tokio::sync::mpsc;
use trailwright_ingest::{Batch, Discovered, Input, Place, Settings, read};

/// Files that wait to be read. When they are so many, listing waits.
const QUEUE_MAX: usize = 16;

/// What was found, with the number of the place if this was a whole look at it.
type Found = (Option<usize>, Discovered);

/// What a look does next.
pub(super) enum Step {
    /// Something is there.
    Found(Option<usize>, Discovered),
    /// Records of a file that was to be read.
    Batch(Batch),
    /// Everything was seen, and what was to be read is read.
    Ended,
}

pub(super) struct Look {
    /// `None` when everything was seen.
    listing: Option<Listing>,
    batches: BoxStream<'static, Batch>,
}

struct Listing {
    found: BoxStream<'static, Found>,
    to_read: mpsc::Sender<Discovered>,
}

impl Look {
    /// Goes through the folders of `days` where that is cheaper, and through
    /// everything without any days.
    pub(super) fn begin(places: &mut [Place], days: &[NaiveDate], settings: Settings) -> Self {
        let one = |(number, place): (usize, &mut Place)| match place.look_at(days) {
            Some(recent) => recent.map(|found| (None, found)).boxed(),
            None => place.look().map(move |found| (Some(number), found)).boxed(),
        };
        let lists: Vec<_> = places.iter_mut().enumerate().map(one).collect();
        let (to_read, queue) = mpsc::channel(QUEUE_MAX);
        let queue = stream::unfold(queue, |mut queue| async {
            let discovered = queue.recv().await?;
            Some((discovered, queue))
        });
        Self {
            listing: Some(Listing {
                found: stream::iter(lists).flatten().boxed(),
                to_read,
            }),
            batches: read(queue, settings).boxed(),
        }
    }

    /// Dropping the future loses nothing.
    pub(super) async fn step(&mut self) -> Step {
        loop {
            tokio::select! {
                batch = self.batches.next() => {
                    return batch.map_or(Step::Ended, Step::Batch);
                }
                found = next(&mut self.listing) => match found {
                    Some((place, discovered)) => return Step::Found(place, discovered),
                    None => self.listing = None,
                },
            }
        }
    }

    /// What was read of the files that were found so far; `None` when nothing more
    /// is to be found, either.
    pub(super) async fn batch(&mut self) -> Option<Batch> {
        self.batches.next().await
    }

    /// Has a file read that was found in the last step. False when it is not
    /// wanted any more.
    pub(super) fn read(&self, input: Input) -> bool {
        let Some(listing) = &self.listing else {
            return false;
        };
        listing.to_read.try_send(Discovered::Input(input)).is_ok()
    }
}

/// What is found next, once there is room for it to be read; `None` at the end.
async fn next(listing: &mut Option<Listing>) -> Option<Found> {
    match listing {
        None => std::future::pending().await,
        Some(Listing { found, to_read }) => {
            let room = to_read.reserve().await.ok()?;
            let found = found.next().await;
            drop(room);
            found
        }
    }
}
