//! Following a bucket: every event once, every file in the ledger once.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::watched::Crash;
use super::world::{World, key, log_file};

/// Files of two days, one of them a copy of events, one with poison.
fn files() -> Vec<(String, String)> {
    vec![
        (key("09", "1005", "aaaa"), log_file(&["a-1", "a-2"])),
        (key("09", "1010", "bbbb"), log_file(&["b-1", "a-1"])),
        (key("08", "2355", "cccc"), log_file(&["c-1"])),
        (
            key("09", "1015", "dddd"),
            format!("{} poison", log_file(&["d-1"])),
        ),
        (key("09", "1020", "eeee"), r#"{"Records":[]}"#.to_owned()),
    ]
}

/// What the lake must hold when all files were followed.
async fn undisturbed() -> Vec<String> {
    let world = World::default();
    world.put_all(&files()).await;
    assert!(world.follow(None).await);
    let content = world.content().await;
    assert_eq!(content.len(), 5 + 1 + 5, "{content:#?}");
    content
}

#[tokio::test(start_paused = true)]
async fn killed_before_or_after_any_write_nothing_is_lost_and_nothing_is_there_twice() {
    let expected = undisturbed().await;
    let mut crashes = 0;
    for after in [false, true] {
        for write in 0.. {
            let world = World::default();
            world.put_all(&files()).await;
            if world.follow(Some(Crash { write, after })).await {
                break;
            }
            crashes += 1;
            assert!(world.follow(None).await);
            assert_eq!(
                world.content().await,
                expected,
                "killed at write {write}, after: {after}"
            );
        }
    }
    // Rejected rows, events, and the ledger, which is made first: a file and a
    // commit each.
    assert_eq!(crashes, 2 * 7);
}

#[tokio::test(start_paused = true)]
async fn a_file_of_the_ledger_is_not_read_again_and_a_late_one_is_found() {
    let world = World::default();
    world.put_all(&files()).await;
    assert!(world.follow(None).await);
    let before = world.bucket.reads();
    assert!(world.follow(None).await);
    assert_eq!(world.bucket.reads(), before);
    // A name that sorts before all others, in a folder of long ago.
    world
        .put(&key("01", "0000", "0000"), &log_file(&["late"]))
        .await;
    assert!(world.follow(None).await);
    assert_eq!(world.bucket.reads(), before + 1);
    let late = world
        .ask("select source from events where event_id = 'late'")
        .await;
    assert_eq!(late, [format!("s3://logs/{}", key("01", "0000", "0000"))]);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_appears_while_the_daemon_runs_is_read_at_the_next_look() {
    let world = World::default();
    let appear = async {
        tokio::time::sleep(std::time::Duration::from_secs(90)).await;
        world
            .put(&key("09", "1005", "aaaa"), &log_file(&["a-1"]))
            .await;
    };
    let (followed, ()) = tokio::join!(world.follow_for(200, None), appear);
    assert!(followed);
    assert_eq!(world.ask("select event_id from events").await, ["a-1"]);
}

#[tokio::test(start_paused = true)]
async fn files_that_were_found_are_read_while_a_commit_is_made_up_to_the_size_of_one() {
    let world = World::with("[commit]\nrows_max = 16\n");
    for number in 10..34 {
        let event = number.to_string();
        world
            .put(
                &key("09", &format!("10{event}"), "aaaa"),
                &log_file(&[&event]),
            )
            .await;
    }
    // A file is two rows, an event and one of the ledger. The next file may have begun.
    let reads = world.reads_during_a_commit().await;
    assert!((16..=17).contains(&reads), "{reads} files");
}

#[tokio::test(start_paused = true)]
async fn a_file_replaced_under_its_name_is_read_again() {
    let world = World::default();
    let name = key("09", "1005", "aaaa");
    world.put(&name, &log_file(&["a-1"])).await;
    assert!(world.follow(None).await);
    world.put(&name, &log_file(&["a-1", "a-2"])).await;
    assert!(world.follow(None).await);
    let events = world.ask("select event_id from events order by 1").await;
    assert_eq!(events, ["a-1", "a-2"]);
    let ledger = world.ask("select records from files order by 1").await;
    assert_eq!(ledger, ["1", "2"]);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_cannot_be_read_is_tried_again_and_not_rejected() {
    let world = World::default();
    world.put_all(&files()).await;
    let name = key("09", "1005", "aaaa");
    world.bucket.refuse(&name, 3);
    assert!(world.follow_for(500, None).await);
    assert_eq!(world.content().await, undisturbed().await);
}

/// What happens, one after another.
#[derive(Clone, Debug)]
enum Step {
    /// The next files, by number, appear.
    Appear(usize),
    /// The daemon runs and is killed at this write, if it comes so far.
    Run(Crash),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let crash = (0..12usize, any::<bool>()).prop_map(|(write, after)| Crash { write, after });
    let step = prop_oneof![
        (1..3usize).prop_map(Step::Appear),
        crash.prop_map(Step::Run),
    ];
    proptest::collection::vec(step, 1..8)
}

/// The files appear in this order, some before and the others after the steps.
async fn content_after(order: &[(String, String)], steps: &[Step]) -> Vec<String> {
    let world = World::default();
    let mut waiting = order;
    for step in steps {
        match step {
            Step::Appear(count) => {
                let (now, later) = waiting.split_at(*count.min(&waiting.len()));
                world.put_all(now).await;
                waiting = later;
            }
            Step::Run(crash) => drop(world.follow(Some(*crash)).await),
        }
    }
    world.put_all(waiting).await;
    assert!(world.follow(None).await);
    world.content().await
}

#[test]
fn files_in_any_order_and_any_interruptions_give_the_same_lake() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    let expected = runtime.block_on(undisturbed());
    let case = (Just(files()).prop_shuffle(), steps());
    let mut runner = TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(8)
    });
    let outcome = runner.run(&case, |(order, steps)| {
        let found = runtime.block_on(content_after(&order, &steps));
        prop_assert_eq!(found, expected.clone());
        Ok(())
    });
    outcome.unwrap();
}
