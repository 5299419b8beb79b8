//! The daemon keeps its lake small while it reads.

use super::cluster::Cluster;
use super::messages::record;
use super::process::Daemons;
use crate::command::Trailwright;

#[test]
fn small_files_become_large_ones_beside_reading() {
    let mut cluster = Cluster::new(1);
    let trailwright = Trailwright::new();
    let mut daemons = Daemons::new(&trailwright, &cluster);
    trailwright.write(
        "trailwright.toml",
        "[commit]\nseconds_max = 0.05\n[compaction]\nquiet_seconds = 0\n[maintenance]\nseconds = 1\n",
    );
    daemons.start("small-files");
    let mut sent = Vec::new();
    for number in 10..18 {
        let id = number.to_string();
        cluster.send(0, record(&id));
        cluster.flush();
        daemons.wait_until_stored(&cluster.ends());
        sent.push(id);
    }
    daemons.wait_until_said("small files became");
    cluster.send(0, record("10"));
    cluster.send(0, record("18"));
    cluster.flush();
    sent.push("18".to_owned());
    daemons.wait_until_stored(&cluster.ends());
    daemons.stop();
    assert_eq!(
        trailwright.ask("select event_id from events order by 1"),
        sent
    );
}

#[test]
fn it_is_off_when_the_configuration_says_so() {
    let mut cluster = Cluster::new(1);
    let trailwright = Trailwright::new();
    let mut daemons = Daemons::new(&trailwright, &cluster);
    trailwright.write(
        "trailwright.toml",
        "[commit]\nseconds_max = 0.05\n[maintenance]\nenabled = false\nseconds = 1\n",
    );
    daemons.start("off");
    cluster.send(0, record("a"));
    cluster.flush();
    daemons.wait_until_stored(&cluster.ends());
    daemons.stop();
    assert!(
        !daemons.said().contains("maintenance"),
        "{}",
        daemons.said()
    );
}
