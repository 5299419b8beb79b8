//! A Kafka cluster in this process, and what is in it.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::message::{Header, OwnedHeaders, ToBytes};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer as _};

pub(super) const TOPIC: &str = "cloudtrail";
pub(super) const DEAD_LETTERS: &str = "cloudtrail.dlq";
const SENT_WITHIN: Duration = Duration::from_secs(30);

/// One broker with one topic, and the next offset of each topic partition.
pub(super) struct Cluster {
    mock: MockCluster<'static, DefaultProducerContext>,
    producer: BaseProducer,
    ends: BTreeMap<i32, i64>,
}

impl Cluster {
    pub(super) fn new(partitions: i32) -> Self {
        let mock = MockCluster::new(1).unwrap();
        mock.create_topic(TOPIC, partitions, 1).unwrap();
        mock.create_topic(DEAD_LETTERS, 1, 1).unwrap();
        let producer = ClientConfig::new()
            .set("bootstrap.servers", mock.bootstrap_servers())
            .create()
            .unwrap();
        let ends = (0..partitions).map(|partition| (partition, 0)).collect();
        Self {
            mock,
            producer,
            ends,
        }
    }

    pub(super) fn brokers(&self) -> String {
        self.mock.bootstrap_servers()
    }

    pub(super) fn send(&mut self, partition: i32, value: impl AsRef<[u8]>) {
        let record = BaseRecord::<(), [u8]>::to(TOPIC).payload(value.as_ref());
        self.produce(partition, record);
    }

    pub(super) fn send_encoded(&mut self, partition: i32, value: &[u8], encoding: &str) {
        let header = Header {
            key: "content-encoding",
            value: Some(encoding),
        };
        let record = BaseRecord::<(), [u8]>::to(TOPIC)
            .payload(value)
            .headers(OwnedHeaders::new().insert(header));
        self.produce(partition, record);
    }

    pub(super) fn send_nothing(&mut self, partition: i32) {
        self.produce(partition, BaseRecord::<(), [u8]>::to(TOPIC));
    }

    pub(super) fn send_with_key_and_header(
        &mut self,
        partition: i32,
        value: &[u8],
        key: &[u8],
        (name, text): (&str, &str),
    ) {
        let header = Header {
            key: name,
            value: Some(text),
        };
        let record = BaseRecord::<[u8], [u8]>::to(TOPIC)
            .key(key)
            .payload(value)
            .headers(OwnedHeaders::new().insert(header));
        self.produce(partition, record);
    }

    fn produce<K: ToBytes + ?Sized>(&mut self, partition: i32, record: BaseRecord<'_, K, [u8]>) {
        let sent = self.producer.send(record.partition(partition));
        sent.map_err(|(error, _)| error).unwrap();
        *self.ends.get_mut(&partition).unwrap() += 1;
    }

    /// Waits until the brokers have everything.
    pub(super) fn flush(&self) {
        self.producer.flush(SENT_WITHIN).unwrap();
    }

    /// The positions of a lake that has everything.
    pub(super) fn ends(&self) -> BTreeMap<String, i64> {
        self.ends
            .iter()
            .filter(|(_, end)| **end > 0)
            .map(|(partition, end)| (format!("kafka/{TOPIC}/{partition}"), *end))
            .collect()
    }
}
