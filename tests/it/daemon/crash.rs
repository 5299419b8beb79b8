//! Killed between every two steps of a commit.

use super::cluster::Cluster;
use super::faults::STANDING;
use super::messages::record;
use super::process::Daemons;
use crate::command::Trailwright;

const PARTITIONS: i32 = 3;

/// The steps of a commit, in their order; the last brings the positions.
const STEPS: [&str; 4] = [
    "rejected/part-",
    "rejected/_delta_log/",
    "events/trail_region=",
    "events/_delta_log/",
];

/// One record twice in every topic partition, a batch, and poison.
fn send_round(cluster: &mut Cluster, round: usize) {
    for partition in 0..PARTITIONS {
        let id = format!("{round}-{partition}");
        cluster.send(partition, record(&id));
        cluster.send(partition, format!("poison {id}"));
        cluster.send((partition + 1) % PARTITIONS, record(&id));
    }
    let batch = format!(
        r#"{{"Records":[{},{}]}}"#,
        record(&format!("{round}-a")),
        record(&format!("{round}-b"))
    );
    cluster.send(0, batch);
    cluster.flush();
}

#[test]
fn killed_at_any_step_of_a_commit_nothing_is_lost_and_nothing_is_there_twice() {
    let mut cluster = Cluster::new(PARTITIONS);
    let trailwright = Trailwright::new();
    let mut daemons = Daemons::new(&trailwright, &cluster);
    let mut rounds = 0;
    for step in STEPS {
        for when in ["before", "after"] {
            send_round(&mut cluster, rounds);
            rounds += 1;
            daemons.start_with(&format!("{when} {step}"));
            daemons.wait_for(STANDING);
            daemons.kill();
        }
    }
    daemons.start("audit");
    daemons.wait_until_stored(&cluster.ends());
    daemons.stop();

    let partitions = PARTITIONS as usize;
    let events = rounds * (partitions + 2);
    let once = format!("{events},{events}");
    assert_eq!(
        trailwright.ask("select count(*), count(distinct event_id) from events"),
        [once]
    );
    let poison = rounds * partitions;
    let once = format!("{poison},{poison}");
    assert_eq!(
        trailwright.ask("select count(*), count(distinct original_sha256) from rejected"),
        [once]
    );
}
