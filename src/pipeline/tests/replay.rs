//! Rejected rows that are read again, with the process killed at every write.

use trailwright_schemas::Reason;

use super::watched::Crash;
use super::world::{World, key, log_file};

/// Limits under which a record is too large, and has to be replayed.
const SMALL: &str = "[ingest]\nrecord_bytes_max = 100\n";

#[tokio::test(start_paused = true)]
async fn killed_at_any_write_a_replay_stores_each_event_once_and_notes_each_row_once() {
    let mut crashes = 0;
    for after in [false, true] {
        for write in 0.. {
            let world = World::with(SMALL);
            world
                .put(&key("09", "1005", "aaaa"), &log_file(&["a-1", "a-2"]))
                .await;
            assert!(world.follow(None).await);
            let open = world.ask("select reason from open_rejected").await;
            assert_eq!(open, [Reason::RecordTooLarge.as_str(); 2]);
            let done = world.replay(Some(Crash { write, after })).await;
            assert!(world.replay(None).await);
            let counts = world
                .ask_all(&[
                    "select event_id from events order by 1",
                    "select count(*) from rejected",
                    "select records from replayed",
                    "select reason from open_rejected",
                ])
                .await;
            assert_eq!(
                counts,
                ["a-1", "a-2", "2", "1", "1"],
                "{write}, after: {after}"
            );
            if done {
                break;
            }
            crashes += 1;
        }
    }
    // Events, the table `replayed`, and the rows in it.
    assert_eq!(crashes, 2 * 5);
}
