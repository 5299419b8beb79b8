//! The store is away for a while.

use super::cluster::Cluster;
use super::messages::record;
use super::process::Daemons;
use crate::command::Trailwright;

#[test]
fn when_the_store_is_back_the_daemon_goes_on_by_itself() {
    let mut cluster = Cluster::new(1);
    let trailwright = Trailwright::new();
    let mut daemons = Daemons::new(&trailwright, &cluster);
    cluster.send(0, record("a"));
    cluster.flush();
    daemons.start_with("fail events/_delta_log/");
    daemons.wait_for("the connection broke; nothing is lost, trying again in");
    daemons.wait_until_stored(&cluster.ends());
    daemons.stop();
    assert_eq!(trailwright.ask("select event_id from events"), ["a"]);
}
