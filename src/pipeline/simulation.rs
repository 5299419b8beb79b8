//! The daemon on a simulated broker and a simulated store, deterministic: the
//! same seed, the same run.
//!
//! Two or three instances of the real pipeline share one topic and one lake.
//! One of them runs at a time, until it waits for the broker or for the store.
//! Then the seed says what happens next: an object that is on its way arrives,
//! in part, late, not at all or without an answer; messages come; topic
//! partitions move, with notice or without, so that two instances own them; time
//! passes; a process ends, and what it sent arrives afterwards or never; another
//! one starts. Readers are refused, and listings show what was there a while ago.
//!
//! A process ends at one of its writes, or while it waits for messages: between
//! two writes nothing changes outside of it, so that an end at another await
//! is one of these.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod chance;
mod group;
mod load;
mod store;
mod world;

pub(crate) use self::group::{Member, source};
use self::load::Load;
use self::world::World;

/// Seeds unless `TRAILWRIGHT_SEEDS` says how many.
const SEEDS: u64 = 20;
/// A seed to run alone, saying everything that happens.
const ALONE: &str = "TRAILWRIGHT_SEED";
/// Things that happen before the broker and the store come to rest.
const TURMOIL: usize = 150;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap()
}

fn simulate(load: &Load, seed: u64, turmoil: usize) -> u64 {
    let talks = number(ALONE).is_some();
    runtime().block_on(async {
        let mut world = World::new(load, seed, talks);
        world.turmoil(turmoil).await;
        world.calm().await;
        load.assert_stored(&mut world.lake().await).await;
        world.course()
    })
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap())
}

/// Says which seed it was when a run fails.
struct Failing(u64);

impl Drop for Failing {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!(
                "seed {0} failed; alone: TRAILWRIGHT_SEED={0} cargo test --workspace --lib simulation::whatever",
                self.0
            );
        }
    }
}

#[test]
fn undisturbed_every_message_is_stored_once_and_labelled_by_all_that_is_known() {
    simulate(&Load::new(), 0, 0);
}

#[test]
fn messages_are_read_while_a_commit_is_made() {
    let reads_on = runtime().block_on(async {
        let mut world = World::new(&Load::new(), 0, false);
        world.reads_while_it_puts_events().await
    });
    assert!(reads_on);
}

#[test]
fn whatever_happens_the_lake_is_that_of_an_undisturbed_run() {
    let load = Load::new();
    let run = |seed| {
        let failing = Failing(seed);
        simulate(&load, seed, TURMOIL);
        drop(failing);
    };
    if let Some(seed) = number(ALONE) {
        return run(seed);
    }
    let seeds = number("TRAILWRIGHT_SEEDS").unwrap_or(SEEDS);
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get() as u64);
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let seeds = (thread..seeds).step_by(threads as usize);
            scope.spawn(move || seeds.for_each(run));
        }
    });
}

#[test]
fn the_same_seed_is_the_same_run() {
    let load = Load::new();
    let courses = [(); 2].map(|()| simulate(&load, SEEDS, TURMOIL));
    assert_eq!(courses[0], courses[1]);
}
