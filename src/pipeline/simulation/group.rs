//! A topic and a consumer group, which keep to what Kafka promises and to
//! nothing more: whoever reads a topic partition gets its messages in order from
//! where it says, whether it still owns it or not.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use trailwright_ingest::{Arrival, Batch, TopicPartition};

use super::chance::Chance;

const TOPIC: &str = "cloudtrail";
/// Messages fetched ahead.
const QUEUED_MAX: usize = 6;

/// The name under which the position of a topic partition is kept.
pub(crate) fn source(partition: &TopicPartition) -> String {
    format!("kafka/{partition}")
}

pub(super) fn topic_partition(number: usize) -> TopicPartition {
    TopicPartition {
        topic: TOPIC.to_owned(),
        partition: i32::try_from(number).unwrap(),
    }
}

fn number(partition: &TopicPartition) -> usize {
    usize::try_from(partition.partition).unwrap()
}

pub(super) struct Group {
    /// The messages of each topic partition.
    topic: Vec<Vec<Batch>>,
    owners: Vec<Option<usize>>,
    members: BTreeMap<usize, Mailbox>,
}

#[derive(Default)]
struct Mailbox {
    queue: VecDeque<Arrival>,
    /// The next offset of each topic partition that it reads.
    reads: BTreeMap<usize, usize>,
    /// What it was told to own.
    told: BTreeSet<usize>,
    /// It has asked and not got anything.
    waits: bool,
}

impl Mailbox {
    fn tell(&mut self, change: fn(Vec<TopicPartition>) -> Arrival, partitions: &[usize]) {
        if !partitions.is_empty() {
            let partitions = partitions.iter().copied().map(topic_partition);
            self.queue.push_back(change(partitions.collect()));
        }
    }

    fn forget(&mut self, partition: &TopicPartition) {
        let is_of = |arrival: &Arrival| match arrival {
            Arrival::Batch { from, .. } => from == partition,
            _ => false,
        };
        self.queue.retain(|arrival| !is_of(arrival));
        self.reads.remove(&number(partition));
    }
}

impl Group {
    pub(super) fn new(topic: Vec<Vec<Batch>>) -> Self {
        Self {
            owners: vec![None; topic.len()],
            topic,
            members: BTreeMap::new(),
        }
    }

    pub(super) fn members(&self) -> Vec<usize> {
        self.members.keys().copied().collect()
    }

    /// It is gone, and the group knows.
    pub(super) fn remove(&mut self, id: usize) {
        self.members.remove(&id);
        for owner in &mut self.owners {
            owner.take_if(|owner| *owner == id);
        }
    }

    /// Gives each topic partition that nobody owns to someone.
    pub(super) fn assign(&mut self, chance: &mut Chance) -> bool {
        let ids = self.members();
        let mut given: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (partition, owner) in self.owners.iter_mut().enumerate() {
            if owner.is_none() {
                *owner = chance.pick(&ids);
                let Some(id) = *owner else { continue };
                given.entry(id).or_default().push(partition);
            }
        }
        for (id, partitions) in &given {
            let member = self.members.get_mut(id).unwrap();
            let had = partitions.iter().filter(|it| member.told.contains(it));
            let had: Vec<usize> = had.copied().collect();
            member.tell(Arrival::Revoked, &had);
            member.tell(Arrival::Assigned, partitions);
            member.told.extend(partitions);
        }
        !given.is_empty()
    }

    /// Some topic partitions are to move: their owners are asked to give them up.
    pub(super) fn ask_back(&mut self, chance: &mut Chance) {
        for partition in 0..self.owners.len() {
            let owner = self.owners[partition].filter(|_| chance.one_in(2));
            let owner = owner.and_then(|id| self.members.get_mut(&id));
            if let Some(owner) = owner
                && owner.told.remove(&partition)
            {
                owner.tell(Arrival::Revoked, &[partition]);
            }
        }
    }

    /// A member was silent for too long: others take over, and it does not know.
    pub(super) fn take_away(&mut self, chance: &mut Chance) {
        let Some(silent) = chance.pick(&self.members()) else {
            return;
        };
        for owner in &mut self.owners {
            owner.take_if(|owner| *owner == silent);
        }
    }

    /// All learn what they lost.
    pub(super) fn tell_losses(&mut self) -> bool {
        let mut told = false;
        for (id, member) in &mut self.members {
            let kept = |partition: &usize| self.owners[*partition] == Some(*id);
            let lost: Vec<usize> = member.told.iter().copied().filter(|it| !kept(it)).collect();
            member.told.retain(|it| !lost.contains(it));
            member.tell(Arrival::Revoked, &lost);
            told |= !lost.is_empty();
        }
        told
    }

    /// A message comes to `id`, if there is one for it.
    pub(super) fn deliver(&mut self, id: usize, chance: &mut Chance) -> bool {
        let Some(member) = self.members.get_mut(&id) else {
            return false;
        };
        if member.queue.len() >= QUEUED_MAX {
            return false;
        }
        let ready = member.reads.iter();
        let ready = ready.filter(|(partition, next)| **next < self.topic[**partition].len());
        let ready: Vec<(usize, usize)> =
            ready.map(|(partition, next)| (*partition, *next)).collect();
        let Some((partition, offset)) = chance.pick(&ready) else {
            return false;
        };
        member.reads.insert(partition, offset + 1);
        member.queue.push_back(Arrival::Batch {
            sent_at: None,
            from: topic_partition(partition),
            next: i64::try_from(offset + 1).unwrap(),
            batch: self.topic[partition][offset].clone(),
        });
        true
    }

    /// Whether it waits has to show again.
    pub(super) fn goes_on(&mut self, id: usize) {
        if let Some(member) = self.members.get_mut(&id) {
            member.waits = false;
        }
    }

    /// True when it waits for something to come, and nothing does.
    pub(super) fn waits(&self, id: usize) -> bool {
        let member = self.members.get(&id);
        member.is_some_and(|member| member.waits && member.queue.is_empty())
    }
}

/// One member, as the pipeline sees it.
pub(crate) struct Member {
    group: Rc<RefCell<Group>>,
    id: usize,
}

impl Member {
    pub(super) fn join(group: &Rc<RefCell<Group>>, id: usize) -> Self {
        group.borrow_mut().members.insert(id, Mailbox::default());
        let group = group.clone();
        Self { group, id }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Mailbox) -> T) -> T {
        act(self.group.borrow_mut().members.get_mut(&self.id).unwrap())
    }

    /// Nobody is woken: the world asks again when there may be something.
    pub(crate) async fn next(&mut self) -> Arrival {
        poll_fn(|_| {
            self.with(|mailbox| {
                let arrival = mailbox.queue.pop_front();
                mailbox.waits = arrival.is_none();
                arrival.map_or(Poll::Pending, Poll::Ready)
            })
        })
        .await
    }

    pub(crate) fn begin(&self, starts: &[(TopicPartition, Option<i64>)]) {
        self.with(|mailbox| {
            for (partition, offset) in starts {
                mailbox.forget(partition);
                let offset = usize::try_from(offset.unwrap_or(0)).unwrap();
                mailbox.reads.insert(number(partition), offset);
            }
        });
    }

    pub(crate) fn release(&self, partitions: &[TopicPartition]) {
        for partition in partitions {
            let owns = self.with(|mailbox| {
                mailbox.forget(partition);
                mailbox.told.contains(&number(partition))
            });
            let owner = &mut self.group.borrow_mut().owners[number(partition)];
            owner.take_if(|owner| *owner == self.id && !owns);
        }
    }
}
