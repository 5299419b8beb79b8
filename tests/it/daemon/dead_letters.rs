//! Messages that cannot be used, in the dead letter topic.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::Message as _;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::Headers as _;
use rdkafka::{Offset, TopicPartitionList};

use super::cluster::{Cluster, DEAD_LETTERS, TOPIC};
use super::faults::STANDING;
use super::messages::record;
use super::process::Daemons;
use crate::command::Trailwright;

const PATIENCE: Duration = Duration::from_secs(60);
const CONFIGURED: &str =
    "[commit]\nseconds_max = 0.2\n[source.kafka.dead_letter]\ntopic = 'cloudtrail.dlq'\n";

/// The next dead letters, as a person would read them.
fn dead_letters(cluster: &Cluster, count: usize) -> Vec<String> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", cluster.brokers())
        .set("group.id", "reader of dead letters")
        .create()
        .unwrap();
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(DEAD_LETTERS, 0, Offset::Beginning)
        .unwrap();
    consumer.assign(&list).unwrap();
    let mut read = Vec::new();
    while read.len() < count {
        let message = consumer.poll(PATIENCE).expect("a dead letter").unwrap();
        let text = |bytes: Option<&[u8]>| {
            bytes.map_or("(none)".to_owned(), |bytes| {
                String::from_utf8_lossy(bytes).into_owned()
            })
        };
        let mut lines = vec![
            format!("key: {}", text(message.key())),
            format!("value: {}", text(message.payload())),
        ];
        for header in message.headers().unwrap().iter() {
            lines.push(format!("{}: {}", header.key, text(header.value)));
        }
        read.push(lines.join("\n"));
    }
    read
}

#[test]
fn a_message_that_cannot_be_used_is_there_as_it_was_with_the_headers_of_kafka_connect() {
    let mut cluster = Cluster::new(1);
    cluster.send(0, record("good"));
    cluster.send_with_key_and_header(0, b"not a record", b"key-1", ("trace", "42"));
    cluster.send(0, format!("{}\npoison", record("half")));
    cluster.send_nothing(0);
    cluster.flush();
    let trailwright = Trailwright::new();
    let mut daemons = Daemons::new(&trailwright, &cluster);
    trailwright.write("trailwright.toml", CONFIGURED);
    daemons.start("audit");
    daemons.wait_until_stored(&cluster.ends());
    daemons.stop();
    let letters = dead_letters(&cluster, 3).join("\n\n");
    insta::assert_snapshot!("dead_letters", letters);
    let rejected = trailwright.ask("select count(*) from rejected");
    assert_eq!(rejected, ["3"]);
    let events = trailwright.ask("select event_id from events order by 1");
    assert_eq!(events, ["good", "half"]);
}

#[test]
fn killed_before_the_position_passes_a_dead_letter_it_is_there_at_least_once() {
    let mut cluster = Cluster::new(1);
    cluster.send(0, "poison");
    cluster.flush();
    let trailwright = Trailwright::new();
    let mut daemons = Daemons::new(&trailwright, &cluster);
    trailwright.write("trailwright.toml", CONFIGURED);
    daemons.start_with("before rejected/part-");
    daemons.wait_for(STANDING);
    daemons.kill();
    daemons.start("audit");
    daemons.wait_until_stored(&cluster.ends());
    daemons.stop();
    // The same source offset tells that it is one message.
    for letter in dead_letters(&cluster, 2) {
        assert!(letter.contains("value: poison"), "{letter}");
        assert!(letter.contains("__connect.errors.offset: 0"), "{letter}");
    }
    assert_eq!(trailwright.ask("select count(*) from rejected"), ["1"]);
}

#[test]
fn a_topic_to_consume_from_is_no_dead_letter_topic() {
    let trailwright = Trailwright::new();
    let wrong = CONFIGURED.replace("cloudtrail.dlq", TOPIC);
    trailwright.write("trailwright.toml", wrong);
    let args = ["run", "--brokers", "127.0.0.1:1", "--topic", TOPIC];
    let complaint = trailwright.complaint(&args, 2);
    // The daemon writes a log: the time is before it.
    let said = complaint.split_once(" ERROR ").unwrap().1;
    insta::assert_snapshot!(said, @"trailwright: [source.kafka.dead_letter] topic: cloudtrail is also a topic to consume from; dead letters need one of their own");
}
