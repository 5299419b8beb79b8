//! In place of the consumer, in a build without Kafka: there is none.

use tokio::sync::watch;
use trailwright_store::Advance;

use crate::Host;
use crate::args::Run;
use crate::config::Config;
use crate::failure::Failure;
use crate::patient_lake::PatientLake;
use crate::sources::Next;

/// No value has this type.
pub(crate) enum Kafka {}

/// No value has this type.
pub(crate) enum TopicPartition {}

impl Kafka {
    pub(crate) fn join(
        args: &Run,
        config: &Config,
        _: &Host,
        _: watch::Receiver<bool>,
    ) -> Result<Option<Self>, Failure> {
        if !args.wants_kafka() && config.source.kafka.topics.is_empty() {
            return Ok(None);
        }
        Err(Failure::usage(
            "this build has no Kafka consumer: build it with cargo install --path . --features kafka (needs a C++ compiler and make)",
        ))
    }

    pub(crate) async fn next(&mut self) -> Result<Next, Failure> {
        match *self {}
    }

    pub(crate) async fn begin(
        &mut self,
        _: &[TopicPartition],
        _: &mut PatientLake,
    ) -> Result<(), Failure> {
        match *self {}
    }

    pub(crate) async fn begin_again(&mut self, _: &mut PatientLake) -> Result<(), Failure> {
        match *self {}
    }

    pub(crate) fn release(&mut self, _: &[TopicPartition]) -> Result<(), Failure> {
        match *self {}
    }

    pub(crate) async fn bury(&mut self) -> Result<(), Failure> {
        match *self {}
    }

    pub(crate) fn advances(&self) -> Vec<Advance> {
        match *self {}
    }

    pub(crate) fn acknowledge(&mut self) -> Result<(), Failure> {
        match *self {}
    }

    pub(crate) fn leave(self) {
        match self {}
    }
}
