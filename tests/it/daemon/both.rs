//! Kafka and files at once: they share commits.

use super::cluster::Cluster;
use super::faults::STANDING;
use super::messages::record;
use super::process::Daemons;
use crate::command::Trailwright;

const CONFIGURED: &str =
    "[commit]\nseconds_max = 0.2\n[source.objects]\nplaces = ['logs']\nlook_seconds = 0.2\n";

fn sent(messages: usize) -> Cluster {
    let mut cluster = Cluster::new(1);
    for number in 0..messages {
        cluster.send(0, record(&format!("message-{number}")));
        cluster.send(0, format!("poison {number}"));
    }
    cluster.flush();
    cluster
}

fn write_files(trailwright: &Trailwright, files: usize) {
    trailwright.write("trailwright.toml", CONFIGURED);
    for number in 0..files {
        // One event of each file is in a message too.
        let lines = [
            record(&format!("file-{number}")),
            record(&format!("message-{number}")),
        ];
        trailwright.write(&format!("logs/{number}.json"), lines.join("\n"));
    }
}

/// Everything once: events, poison, files.
fn counts(trailwright: &Trailwright) -> Vec<String> {
    let tables = ["events", "rejected", "files"];
    let count = |table| trailwright.ask(&format!("select count(*) from {table}"));
    tables.map(count).concat()
}

/// Each commit may be the one after which everything is there.
#[track_caller]
fn wait_until_stored(daemons: &mut Daemons<'_>, trailwright: &Trailwright, all: [&str; 3]) {
    daemons.wait_for("stored ");
    while counts(trailwright) != all {
        daemons.wait_for("stored ");
    }
}

#[test]
fn killed_between_two_steps_of_a_common_commit_both_are_there_once() {
    let cluster = sent(5);
    let trailwright = Trailwright::new();
    let mut daemons = Daemons::new(&trailwright, &cluster);
    write_files(&trailwright, 5);
    for fault in ["before events/_delta_log/", "after files/part-"] {
        daemons.start_with(fault);
        daemons.wait_for(STANDING);
        daemons.kill();
    }
    daemons.start("audit");
    wait_until_stored(&mut daemons, &trailwright, ["10", "5", "5"]);
    daemons.stop();
}

#[test]
fn two_daemons_that_both_read_everything_store_it_once() {
    let cluster = sent(20);
    let trailwright = Trailwright::new();
    let mut daemons = Daemons::new(&trailwright, &cluster);
    write_files(&trailwright, 20);
    daemons.start("one");
    daemons.start("two");
    // Who was overtaken forgets its files too, and reads them again.
    wait_until_stored(&mut daemons, &trailwright, ["40", "20", "20"]);
    daemons.stop();
    assert_eq!(counts(&trailwright), ["40", "20", "20"]);
}
