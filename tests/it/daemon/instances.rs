//! Several instances on one lake.

use super::cluster::Cluster;
use super::messages::record;
use super::process::Daemons;
use crate::command::Trailwright;

const PARTITIONS: i32 = 4;
const EVENTS: usize = 400;

fn send(cluster: &mut Cluster, from: usize) {
    for number in from..from + EVENTS {
        let partition = i32::try_from(number % PARTITIONS as usize).unwrap();
        cluster.send(partition, record(&number.to_string()));
    }
    cluster.flush();
}

fn assert_once(trailwright: &Trailwright, events: usize) {
    let sql = "select count(*), count(distinct event_id) from events";
    assert_eq!(trailwright.ask(sql), [format!("{events},{events}")]);
}

#[test]
fn two_instances_of_a_group_share_the_topic_partitions() {
    let mut cluster = Cluster::new(PARTITIONS);
    let trailwright = Trailwright::new();
    let mut daemons = Daemons::new(&trailwright, &cluster);
    send(&mut cluster, 0);
    daemons.start_classic("audit");
    daemons.wait_until_stored(&cluster.ends());
    daemons.start_classic("audit");
    // The second begins where the first left what it gave up.
    daemons.wait_for("from 100");
    send(&mut cluster, EVENTS);
    daemons.wait_until_stored(&cluster.ends());
    daemons.stop();
    assert_once(&trailwright, 2 * EVENTS);
}

#[test]
fn two_that_both_believe_they_own_everything_store_each_event_once() {
    let mut cluster = Cluster::new(PARTITIONS);
    let trailwright = Trailwright::new();
    let mut daemons = Daemons::new(&trailwright, &cluster);
    send(&mut cluster, 0);
    for group in ["one", "other"] {
        daemons.start(group);
        daemons.wait_for("reading");
    }
    send(&mut cluster, EVENTS);
    daemons.wait_until_stored(&cluster.ends());
    // Both read the second half, and one of them is too late with it.
    daemons.wait_until_said("another instance stored");
    daemons.stop();
    assert_once(&trailwright, 2 * EVENTS);
}
