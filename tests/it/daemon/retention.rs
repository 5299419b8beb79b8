//! What Kafka deleted before it was read.

use super::cluster::Cluster;
use super::messages::record;
use super::process::Daemons;
use crate::command::Trailwright;

/// The mock keeps 5 MiB of a topic partition.
const LARGE: usize = 900_000;

#[test]
fn offsets_that_kafka_deleted_are_on_record() {
    let mut cluster = Cluster::new(1);
    let trailwright = Trailwright::new();
    let mut daemons = Daemons::new(&trailwright, &cluster);
    cluster.send(0, record("first"));
    cluster.flush();
    daemons.start("audit");
    daemons.wait_until_stored(&cluster.ends());
    daemons.stop();
    for number in 0..10 {
        let padded = record(&number.to_string()) + &" ".repeat(LARGE);
        cluster.send(0, padded);
        cluster.flush();
    }
    daemons.start("audit");
    daemons.wait_until_stored(&cluster.ends());
    daemons.stop();
    let gaps = trailwright.ask("select source, reason, detail from rejected");
    insta::assert_snapshot!("offsets_deleted", gaps.join("\n"));
    assert_eq!(trailwright.ask("select count(*) from events"), ["6"]);
}
