//! Following places: every file that appears in them is read once.
//!
//! What is new says the ledger of the lake, not the order of names: a file that
//! comes days late, into an old folder, is as new as any other. A look goes
//! through the places file by file and reads those that the ledger does not
//! know, a few at a time; the next look begins when all of them are read.

mod look;
mod postponed;

use std::collections::HashSet;
use std::time::Duration;

use chrono::Days;
use tokio::time::Instant;
use trailwright_ingest::{Batch, Discovered, FileEnd, Input, Place, Settings};
use trailwright_schemas::Reason;
use trailwright_store::{Lake, LakeError};

use self::look::{Look, Step};
use self::postponed::Postponed;
use crate::patient_lake::PatientLake;

/// Where to look, and how often.
pub(crate) struct Following {
    pub(crate) places: Vec<Place>,
    /// From the beginning of a look to that of the next.
    pub(crate) interval: Duration,
    /// Between looks that see everything.
    pub(crate) whole_interval: Duration,
    /// How files are read.
    pub(crate) settings: Settings,
}

/// The files that appear in places.
pub(crate) struct Objects {
    following: Following,
    look: Option<Look>,
    next_look: Instant,
    next_whole_look: Instant,
    /// Files that are being read, or read and not yet in the ledger, as found.
    in_flight: HashSet<String>,
    /// Files that could not be read, until they are tried again.
    postponed: Postponed,
    last_notice: String,
}

/// What comes next from places.
pub(crate) enum Arrival {
    /// Records of a file.
    Batch(Batch),
    /// It is time to [`Objects::look`].
    LookDue,
}

impl Objects {
    pub(crate) fn new(following: Following) -> Self {
        let now = Instant::now();
        Self {
            following,
            look: None,
            next_look: now,
            next_whole_look: now,
            in_flight: HashSet::new(),
            postponed: Postponed::default(),
            last_notice: String::new(),
        }
    }

    /// What comes next; `lake` says which files are known. Dropping the future
    /// loses nothing.
    pub(crate) async fn next(&mut self, lake: &Lake) -> Arrival {
        loop {
            let Some(look) = &mut self.look else {
                tokio::time::sleep_until(self.next_look).await;
                return Arrival::LookDue;
            };
            match look.step().await {
                Step::Found(place, discovered) => self.found(place, discovered, lake),
                Step::Batch(batch) => return Arrival::Batch(self.arrived(batch)),
                Step::Ended => self.look = None,
            }
        }
    }

    /// What was read of the files that were found so far: for what else there is, the
    /// lake has to be asked. Dropping the future loses nothing.
    pub(crate) async fn batch(&mut self) -> Batch {
        if let Some(look) = &mut self.look {
            if let Some(batch) = look.batch().await {
                return self.arrived(batch);
            }
            self.look = None;
        }
        std::future::pending().await
    }

    /// Begins to look through the places.
    pub(crate) async fn look(&mut self, lake: &mut PatientLake) -> Result<(), LakeError> {
        lake.call(async |lake, _| lake.load_files().await).await?;
        let Following {
            places,
            interval,
            whole_interval,
            settings,
        } = &mut self.following;
        let now = Instant::now();
        self.postponed.forget_old(now);
        self.next_look = now + *interval;
        let mut days = Vec::new();
        if self.next_whole_look <= now {
            self.next_whole_look = now + *whole_interval;
        } else {
            // Midnight may pass between a delivery and a look.
            let today = (settings.now)().date_naive();
            days.extend(today.checked_sub_days(Days::new(1)));
            days.push(today);
        }
        self.look = Some(Look::begin(places, &days, settings.clone()));
        Ok(())
    }

    /// A file, or what should be one. `place` says that a whole look of that
    /// place found it.
    fn found(&mut self, place: Option<usize>, discovered: Discovered, lake: &Lake) {
        match discovered {
            Discovered::Skipped { .. } => {}
            Discovered::Refused { name, detail, .. } => {
                self.next_whole_look = self.next_look;
                self.say(format!("{name}: {detail}; it is looked at again"));
            }
            Discovered::Input(input) => {
                let place = place.and_then(|number| self.following.places.get_mut(number));
                if let Some(place) = place {
                    place.note(&input.name);
                }
                self.consider(input, lake);
            }
        }
    }

    fn consider(&mut self, input: Input, lake: &Lake) {
        // What is no file, such as a pipe, cannot be followed.
        let Some(id) = input.file_id() else { return };
        let known = lake.knows_file(&id)
            || self.in_flight.contains(&id)
            || self.postponed.waits(&id, Instant::now());
        if let (false, Some(look)) = (known, &self.look)
            && look.read(input)
        {
            self.in_flight.insert(id);
        }
    }

    /// A file that cannot be read is not rejected, but tried again later.
    fn arrived(&mut self, mut batch: Batch) -> Batch {
        let unreadable = |reason| reason == Reason::Unreadable;
        let failures = batch.rejected.extract_if(.., |row| unreadable(row.reason));
        let failures: Vec<_> = failures.collect();
        for row in failures {
            self.say(format!("{}: {}; it is tried again", row.source, row.detail));
        }
        if let Some(end) = batch.file.take_if(|end| end.read.is_none()) {
            self.in_flight.remove(&end.found_as);
            self.postponed.add(end.found_as, Instant::now());
        }
        batch
    }

    /// These files are in the ledger.
    pub(crate) fn stored(&mut self, files: &[FileEnd]) {
        for file in files {
            self.in_flight.remove(&file.found_as);
            self.postponed.remove(&file.found_as);
        }
    }

    /// What was read and not stored is forgotten: it is found again.
    pub(crate) fn begin_again(&mut self) {
        let now = Instant::now();
        self.look = None;
        self.in_flight.clear();
        (self.next_look, self.next_whole_look) = (now, now);
    }

    /// Once, however often it comes in a row.
    fn say(&mut self, notice: String) {
        if self.last_notice != notice {
            tracing::warn!(target: "files", "{notice}");
            self.last_notice = notice;
        }
    }
}
