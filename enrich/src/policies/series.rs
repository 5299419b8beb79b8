//! The values of one fact over time.

use std::sync::Arc;

use super::moment::{Moment, Origin, Phase, When};

/// A value of a fact: something that is there, or the fact that it is not.
pub(super) trait Fact: PartialEq {
    /// Whether the value says that something is there.
    fn is_set(&self) -> bool;
}

impl Fact for bool {
    fn is_set(&self) -> bool {
        *self
    }
}

impl<T: PartialEq> Fact for Option<T> {
    fn is_set(&self) -> bool {
        self.is_some()
    }
}

/// A value from a moment on.
#[derive(Clone, Debug)]
pub(super) struct Entry<T> {
    pub(super) at: Moment,
    pub(super) value: T,
    pub(super) origin: Arc<Origin>,
}

/// A fact: what files without a date say of it, and its changes in order.
#[derive(Clone, Debug)]
pub(super) struct Series<T> {
    pub(super) undated: Option<(T, Arc<Origin>)>,
    pub(super) dated: Vec<Entry<T>>,
}

impl<T> Default for Series<T> {
    fn default() -> Self {
        Self {
            undated: None,
            dated: Vec::new(),
        }
    }
}

/// From when on everything about the owner of a fact is known.
#[derive(Clone, Copy, Debug)]
pub(super) enum Start<'a> {
    /// From this creation or snapshot on. Files without a date add what they
    /// say of the same owner, if `undated`.
    From { moment: &'a Moment, undated: bool },
    /// Only a later snapshot, or a file without a date (`None`), shows the
    /// owner: what is not changed in between was so before.
    Backwards(Option<&'a Moment>),
    /// Nothing shows the owner as a whole.
    Partly,
}

/// What is known of a fact at a moment.
#[derive(Debug)]
pub(super) enum Reading<'a, T> {
    /// Its value and what told of it.
    Known(&'a T, &'a Arc<Origin>),
    /// It was not there.
    Absent,
    /// It is known only that this later change changed it.
    Before(&'a Entry<T>),
}

impl<T> Series<T> {
    /// Every change with what told of it, in order.
    pub(super) fn changes(&self) -> impl Iterator<Item = (&Moment, &Arc<Origin>)> {
        self.dated.iter().map(|entry| (&entry.at, &entry.origin))
    }

    /// The value set at a moment.
    pub(super) fn entry(&self, at: &Moment) -> Option<&Entry<T>> {
        self.dated.iter().find(|entry| entry.at == *at)
    }

    /// The last change that counts.
    pub(super) fn latest(&self, when: When<'_>) -> Option<&Entry<T>> {
        let end = self.dated.partition_point(|entry| when.includes(&entry.at));
        self.dated[..end].last()
    }

    /// What is known of a fact that has no owner whose beginning counts.
    pub(super) fn start(&self) -> Start<'_> {
        match self.dated.first() {
            Some(entry) if entry.at.phase == Phase::Snapshot => Start::Backwards(Some(&entry.at)),
            _ if self.undated.is_some() => Start::Backwards(None),
            _ => Start::Partly,
        }
    }
}

impl<T: Fact> Series<T> {
    /// Sets the value from `at` on, or in files without a date.
    pub(super) fn set(&mut self, at: Option<&Moment>, value: T, origin: &Arc<Origin>) {
        let origin = origin.clone();
        let Some(at) = at else {
            self.undated = Some((value, origin));
            return;
        };
        let entry = Entry {
            at: at.clone(),
            value,
            origin,
        };
        let place = self.dated.partition_point(|known| known.at < entry.at);
        match self.dated.get_mut(place) {
            Some(known) if known.at == entry.at => *known = entry,
            _ => self.dated.insert(place, entry),
        }
    }

    /// What told first of a value that `told` confirms: of the entries of this
    /// life that say the same, one after the other, the first.
    pub(super) fn since<'a>(
        &'a self,
        told: &'a Arc<Origin>,
        when: When<'_>,
        began: Option<&Moment>,
    ) -> &'a Arc<Origin> {
        let end = self.dated.partition_point(|entry| when.includes(&entry.at));
        let Some((last, before)) = self.dated[..end].split_last() else {
            return told;
        };
        if !Arc::ptr_eq(&last.origin, told) {
            return told;
        }
        let same = |entry: &&Entry<T>| {
            entry.value == last.value && began.is_none_or(|began| entry.at >= *began)
        };
        let first = before.iter().rev().take_while(same).last();
        first.map_or(told, |entry| &entry.origin)
    }

    /// What is known at a moment.
    pub(super) fn at(&self, when: When<'_>, start: Start<'_>) -> Reading<'_, T> {
        let in_this_life = |entry: &&Entry<T>| match start {
            Start::From { moment, .. } => entry.at >= *moment,
            Start::Backwards(_) | Start::Partly => true,
        };
        if let Some(entry) = self.latest(when).filter(in_this_life) {
            return Reading::Known(&entry.value, &entry.origin);
        }
        match start {
            Start::From { undated: false, .. } => Reading::Absent,
            Start::From { undated: true, .. } => self.backwards(when, None),
            Start::Backwards(first) => self.backwards(when, first),
            Start::Partly => match self.dated.first() {
                Some(entry) => Reading::Before(entry),
                None => Reading::Absent,
            },
        }
    }

    /// The value of the snapshot at `first`, or of undated files, unless a
    /// change between tells that it was another before.
    fn backwards(&self, when: When<'_>, first: Option<&Moment>) -> Reading<'_, T> {
        let shown = match first {
            Some(moment) => {
                let entry = self.entry(moment);
                entry.map(|entry| (&entry.value, &entry.origin))
            }
            None => self.undated.as_ref().map(|(value, origin)| (value, origin)),
        };
        let next = self
            .dated
            .iter()
            .find(|entry| !when.includes(&entry.at) && entry.at.phase != Phase::Snapshot)
            .filter(|entry| first.is_none_or(|moment| entry.at < *moment));
        match (shown, next) {
            // The file is from before the change.
            (Some((value, origin)), Some(next)) if *value != next.value => {
                Reading::Known(value, origin)
            }
            (Some((value, origin)), None) => Reading::Known(value, origin),
            (None, Some(next)) if next.value.is_set() => Reading::Absent,
            (None, None) => Reading::Absent,
            (_, Some(next)) => Reading::Before(next),
        }
    }
}

impl Series<bool> {
    /// Whether it is so; a change to its contrary tells that it was.
    pub(super) fn holds(&self, when: When<'_>, start: Start<'_>) -> bool {
        match self.at(when, start) {
            Reading::Known(value, _) => *value,
            Reading::Absent => false,
            Reading::Before(next) => !next.value,
        }
    }
}

/// Something worked out once per stretch of time in which nothing it depends
/// on changes.
#[derive(Debug)]
pub(super) struct Epochs<T> {
    moments: Vec<Moment>,
    values: Vec<std::sync::OnceLock<T>>,
}

impl<T> Epochs<T> {
    /// Between these moments, in any order and number.
    pub(super) fn between(moments: impl IntoIterator<Item = Moment>) -> Self {
        let mut moments: Vec<Moment> = moments.into_iter().collect();
        moments.sort_unstable();
        moments.dedup();
        let values = (0..=moments.len())
            .map(|_| std::sync::OnceLock::new())
            .collect();
        Self { moments, values }
    }

    /// The value in force; `work_out` is asked the first time.
    pub(super) fn get(&self, when: When<'_>, work_out: impl FnOnce(When<'_>) -> T) -> &T {
        let passed = self.moments.partition_point(|moment| when.includes(moment));
        self.values[passed].get_or_init(|| match passed.checked_sub(1) {
            Some(last) => work_out(When::Through(&self.moments[last])),
            None => match self.moments.first() {
                Some(first) => work_out(When::Before(first)),
                None => work_out(when),
            },
        })
    }
}
