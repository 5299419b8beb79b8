//! The organization's days as they pass: calls, changes and what they mean.

mod change;
mod record;
mod session;
mod tried;

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::NaiveDate;
use serde_json::Value;
use trailwright_schemas::{CauseType, Decision};

use super::accounts::{ACCOUNTS, TOOLS};
use super::actor::Actor;
use super::delivery::Delivery;
use super::world::{EntityName, World};
use super::{setup, snapshot};
use crate::generator::day::{moment, timestamp};
use crate::generator::organization::PRODUCTION;
use crate::generator::random::Random;

/// Events of one round: a burst of changes with calls between them, then calls
/// alone.
const ROUND: usize = 1_000;
const CHANGES: usize = 25;
/// Calls after each change of a burst.
const CALLS: u32 = 5;
/// After so many seconds a change explains no difference any more.
pub(super) const QUIET: u32 = 30 * 60;

/// The history while it is made.
#[derive(Debug)]
pub(super) struct Story {
    pub(super) world: World,
    pub(super) random: Random,
    pub(super) start: NaiveDate,
    /// Seconds since the start.
    pub(super) at: u32,
    pub(super) delivery: Delivery,
    pub(super) files: Vec<(PathBuf, String)>,
    /// Sessions that have not ended.
    pub(super) sessions: Vec<Actor>,
    /// The access key of each user who has one.
    keys: BTreeMap<(&'static str, String), String>,
    /// When policies changed last.
    changed: u32,
    /// How many changes were tried.
    turn: usize,
    /// How often each outcome occurred, so that the rare ones are sought.
    seen: BTreeMap<(Decision, Option<CauseType>), usize>,
}

impl Story {
    pub(super) fn new(seed: u64, start: NaiveDate) -> Self {
        let mut random = Random::new(seed);
        let created = start
            .checked_sub_days(chrono::Days::new(400))
            .unwrap_or(start);
        let world = setup::world(&mut random, &timestamp(created, 9 * 3600));
        Self {
            world,
            random,
            start,
            at: 60,
            delivery: Delivery::default(),
            files: Vec::new(),
            sessions: Vec::new(),
            keys: BTreeMap::new(),
            changed: 0,
            turn: 0,
            seen: BTreeMap::new(),
        }
    }

    /// Lets at least `events` happen. `watch` sees the state before every
    /// change and at the end.
    pub(super) fn tell(&mut self, events: usize, watch: &mut dyn FnMut(&Self)) {
        self.first_snapshot();
        let mut again = false;
        while self.delivery.events() < events {
            let until = self.delivery.events() + ROUND;
            self.burst(watch);
            while self.delivery.events() < until.min(events) {
                self.pause(0, 10);
                self.call();
            }
            if !again && self.delivery.events() >= events / 2 {
                self.second_snapshot();
                again = true;
            }
        }
        watch(self);
    }

    fn burst(&mut self, watch: &mut dyn FnMut(&Self)) {
        for _ in 0..CHANGES {
            self.change(watch);
            for _ in 0..self.random.between(1, 2 * CALLS - 1) {
                self.pause(0, 6);
                self.call();
            }
        }
    }

    /// Some seconds pass.
    fn pause(&mut self, least: u32, most: u32) {
        self.at += self.random.between(least, most);
    }

    /// The time as CloudTrail writes it.
    fn time(&self) -> String {
        timestamp(self.start, self.at)
    }

    /// The time as IAM and STS write it in responses.
    fn long_time(&self, seconds: u32, pattern: &str) -> String {
        moment(self.start, seconds).format(pattern).to_string()
    }

    /// The name of a directory that dates what is in it.
    fn folder(&self, at: u32) -> String {
        moment(self.start, at)
            .format("%Y-%m-%dT%H-%M-%SZ")
            .to_string()
    }

    /// Every account, the organization and the policies of resources; one
    /// account lies where no directory dates it.
    fn first_snapshot(&mut self) {
        let folder = self.folder(0);
        let mut add = |path: String, content: &Value| {
            self.files.push(snapshot::file(path, content));
        };
        for (account, _) in ACCOUNTS {
            let path = match account {
                TOOLS => format!("{account}.json"),
                _ => format!("{folder}/{account}.json"),
            };
            add(path, &snapshot::account(&self.world, account));
        }
        add(
            format!("{folder}/organization.json"),
            &snapshot::organization(&self.world),
        );
        add(
            format!("{folder}/resource-policies.json"),
            &snapshot::resource_policies(&self.world),
        );
    }

    /// One account once more, as the changes until then have left it.
    fn second_snapshot(&mut self) {
        self.pause(60, 60);
        let path = format!("{}/{PRODUCTION}.json", self.folder(self.at));
        let content = snapshot::account(&self.world, PRODUCTION);
        self.files.push(snapshot::file(path, &content));
        self.pause(60, 60);
    }

    /// The long-term access key of a user.
    fn key_of(&mut self, name: &EntityName) -> String {
        let key = (name.account, name.name.clone());
        let random = &mut self.random;
        self.keys
            .entry(key)
            .or_insert_with(|| random.long_term_key())
            .clone()
    }
}
