//! One of the events of a batch, as the lake takes it.

use std::borrow::Borrow;
use std::sync::Arc;

use trailwright_schemas::Event;

/// An event of a batch that is shown to others, too, and written on another thread.
#[derive(Clone)]
pub(super) struct Row {
    batch: Arc<Vec<Event>>,
    place: usize,
}

impl Row {
    pub(super) fn all(batch: &Arc<Vec<Event>>) -> impl Iterator<Item = Self> {
        (0..batch.len()).map(|place| Self {
            batch: Arc::clone(batch),
            place,
        })
    }
}

impl Borrow<Event> for Row {
    fn borrow(&self) -> &Event {
        &self.batch[self.place]
    }
}
