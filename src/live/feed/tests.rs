#![allow(clippy::unwrap_used)]
use std::sync::Arc;

use futures::FutureExt as _;
use proptest::prelude::*;
use trailwright_schemas::Event;

use super::super::samples::events;
use super::{Feed, Heard, Reader};

/// Everything a reader can get at this moment, in words.
fn heard(reader: &mut Reader) -> Vec<String> {
    let mut said = Vec::new();
    while let Some(heard) = reader.next().now_or_never() {
        said.push(match heard {
            Heard::Events(events) => ids(&events).join(" "),
            Heard::Committed { version, whole } => {
                format!("version {version}{}", if whole { "" } else { ", in part" })
            }
            Heard::Missed(count) => format!("missed {count}"),
        });
    }
    said
}

fn ids(events: &[Arc<Event>]) -> Vec<String> {
    let id = |event: &Arc<Event>| event.record.event_id.clone().unwrap();
    events.iter().map(id).collect()
}

fn bytes(events: &[Arc<Event>]) -> usize {
    events.iter().map(|event| event.received.raw.len()).sum()
}

#[test]
fn everybody_gets_everything_from_when_they_came_and_the_commits_between() {
    let feed = Arc::new(Feed::default());
    assert!(!feed.is_read());
    feed.publish(&events([1]));
    let mut early = feed.read();
    assert!(feed.is_read());
    feed.committed(7);
    feed.publish(&events([2, 3]));
    let mut late = feed.read();
    feed.publish(&events([4]));
    feed.committed(8);
    feed.committed(9);
    assert_eq!(
        heard(&mut early),
        ["version 7, in part", "2 3", "4", "version 8", "version 9"]
    );
    assert_eq!(heard(&mut late), ["4", "version 8, in part", "version 9"]);
    drop((early, late));
    assert!(!feed.is_read());
    assert!(feed.state().kept.is_empty(), "nobody needs it");
}

#[test]
fn what_was_given_up_is_no_part_of_the_next_commit() {
    let feed = Arc::new(Feed::default());
    feed.publish(&events([1]));
    feed.given_up();
    let mut reader = feed.read();
    feed.publish(&events([1]));
    feed.committed(3);
    assert_eq!(heard(&mut reader), ["1", "version 3"]);
}

#[test]
fn a_stalled_reader_is_told_the_exact_number_and_nobody_else_notices() {
    let one = bytes(&events([0]));
    let feed = Arc::new(Feed::keeping(3 * one));
    let mut stalled = feed.read();
    let mut others = [feed.read(), feed.read(), feed.read()];
    for number in 0..10 {
        feed.publish(&events([number]));
        feed.committed(number);
        for other in &mut others {
            assert_eq!(
                heard(other),
                [number.to_string(), format!("version {number}")]
            );
        }
    }
    assert!(stalled.is_behind());
    assert!(feed.state().bytes <= 3 * one, "memory is bounded");
    let said = heard(&mut stalled);
    assert_eq!(said[0], "missed 7");
    assert_eq!(said[said.len() - 2..], ["9", "version 9"]);
    assert!(!stalled.is_behind());
}

#[tokio::test]
async fn who_waits_is_woken() {
    let feed = Arc::new(Feed::default());
    let mut reader = feed.read();
    let waiting = tokio::spawn(async move {
        match reader.next().await {
            Heard::Events(events) => ids(&events),
            _ => Vec::new(),
        }
    });
    tokio::task::yield_now().await;
    feed.publish(&events([1]));
    assert_eq!(waiting.await.unwrap(), ["1"]);
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Publish(u64),
    Commit,
    /// This reader takes so much of what there is.
    Take(usize, usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (1..4u64).prop_map(Step::Publish),
        Just(Step::Commit),
        (0..3usize, 0..6usize).prop_map(|(reader, most)| Step::Take(reader, most)),
    ];
    proptest::collection::vec(step, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    /// However slow: what a reader got and what it was told that it missed is
    /// everything, in order.
    #[test]
    fn got_and_missed_together_are_everything(steps in steps()) {
        let feed = Arc::new(Feed::keeping(4 * bytes(&events([0]))));
        let mut readers = [feed.read(), feed.read(), feed.read()];
        let mut next = [0u64; 3];
        let mut published = 0;
        let mut take = |reader: usize, next: &mut [u64; 3]| {
            let heard = readers[reader].next().now_or_never();
            match heard {
                Some(Heard::Events(events)) => for id in ids(&events) {
                    assert_eq!(id, next[reader].to_string());
                    next[reader] += 1;
                },
                Some(Heard::Missed(count)) => next[reader] += count,
                Some(Heard::Committed { .. }) => {}
                None => return false,
            }
            true
        };
        for step in steps {
            match step {
                Step::Publish(count) => {
                    feed.publish(&events(published..published + count));
                    published += count;
                }
                Step::Commit => feed.committed(published),
                Step::Take(reader, most) => {
                    for _ in 0..most {
                        take(reader, &mut next);
                    }
                }
            }
        }
        for reader in 0..3 {
            while take(reader, &mut next) {}
        }
        prop_assert_eq!(next, [published; 3]);
    }
}
