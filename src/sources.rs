//! What the daemon reads from: Kafka, places in which files appear, or both.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::Instant;
use trailwright_ingest::{Batch, FileEnd, TopicPartition};
use trailwright_store::Advance;

use crate::failure::Failure;
use crate::kafka::Kafka;
use crate::objects::{Arrival, Objects};
use crate::patient_lake::PatientLake;
use crate::telemetry::Telemetry;

/// The sources of one daemon. They share its commits.
pub(crate) struct Sources {
    pub(crate) kafka: Option<Kafka>,
    pub(crate) objects: Option<Objects>,
    /// Becomes true when nothing more is wanted.
    pub(crate) stop: watch::Receiver<bool>,
    pub(crate) telemetry: Arc<Telemetry>,
}

/// What comes next.
pub(crate) enum Next {
    /// The records of one message, or some of those of a file.
    Batch(Batch),
    /// Nothing; it is time to store what waits, or to settle labels.
    Due,
    /// Topic partitions to [`Sources::begin`].
    Assigned(Vec<TopicPartition>),
    /// Topic partitions to [`Sources::release`], once what was read is stored.
    Revoked(Vec<TopicPartition>),
    /// It is time to [`Sources::look`] for new files.
    LookDue,
    /// Nothing more is wanted.
    Stop,
}

impl Sources {
    /// What comes next, at the latest at `due`.
    pub(crate) async fn next(&mut self, due: Instant, lake: &PatientLake) -> Result<Next, Failure> {
        let Self {
            kafka,
            objects,
            stop,
            ..
        } = self;
        let files = async {
            match objects {
                Some(objects) => objects.next(lake.lake()).await,
                None => std::future::pending().await,
            }
        };
        // Neither of the two waits for the other.
        let either = async {
            tokio::select! {
                next = messages(kafka) => next,
                arrival = files => Ok(match arrival {
                    Arrival::Batch(batch) => Next::Batch(batch),
                    Arrival::LookDue => Next::LookDue,
                }),
            }
        };
        let next = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => Next::Stop,
            () = tokio::time::sleep_until(due) => Next::Due,
            next = either => next?,
        };
        self.note(&next);
        Ok(next)
    }

    /// What comes next of what can be read without the lake.
    pub(crate) async fn next_without_lake(&mut self) -> Result<Next, Failure> {
        let Self { kafka, objects, .. } = self;
        let files = async {
            match objects {
                Some(objects) => objects.batch().await,
                None => std::future::pending().await,
            }
        };
        let next = tokio::select! {
            next = messages(kafka) => next?,
            batch = files => Next::Batch(batch),
        };
        self.note(&next);
        Ok(next)
    }

    fn note(&self, next: &Next) {
        if let Next::Batch(batch) = next {
            self.telemetry.read(batch.bytes_read);
        }
    }

    /// Begins to read topic partitions where the lake says they stand.
    pub(crate) async fn begin(
        &mut self,
        partitions: &[TopicPartition],
        lake: &mut PatientLake,
    ) -> Result<(), Failure> {
        match &mut self.kafka {
            Some(kafka) => kafka.begin(partitions, lake).await,
            None => Ok(()),
        }
    }

    /// Gives up topic partitions, of which everything that was read is stored.
    pub(crate) fn release(&mut self, partitions: &[TopicPartition]) -> Result<(), Failure> {
        match &mut self.kafka {
            Some(kafka) => kafka.release(partitions),
            None => Ok(()),
        }
    }

    /// Begins to look for new files.
    pub(crate) async fn look(&mut self, lake: &mut PatientLake) -> Result<(), Failure> {
        match &mut self.objects {
            Some(objects) => Ok(objects.look(lake).await?),
            None => Ok(()),
        }
    }

    /// Writes messages that could not be used to the dead letter topic, if there
    /// is one, before positions pass them.
    pub(crate) async fn bury(&mut self) -> Result<(), Failure> {
        match &mut self.kafka {
            Some(kafka) => kafka.bury().await,
            None => Ok(()),
        }
    }

    /// How far the topic partitions were read since the last commit, for one that
    /// begins now.
    pub(crate) fn advances(&mut self) -> Vec<Advance> {
        self.kafka.as_mut().map_or_else(Vec::new, Kafka::advances)
    }

    /// The lake has what the last [`Self::advances`] said, and these files.
    pub(crate) fn acknowledge(&mut self, files: &[FileEnd]) -> Result<(), Failure> {
        if let Some(objects) = &mut self.objects {
            objects.stored(files);
        }
        match &mut self.kafka {
            Some(kafka) => kafka.acknowledge(),
            None => Ok(()),
        }
    }

    /// Begins again where the lake stands: what was read and is not in it is
    /// forgotten.
    pub(crate) async fn begin_again(&mut self, lake: &mut PatientLake) -> Result<(), Failure> {
        if let Some(objects) = &mut self.objects {
            objects.begin_again();
        }
        match &mut self.kafka {
            Some(kafka) => kafka.begin_again(lake).await,
            None => Ok(()),
        }
    }

    /// Leaves the consumer group.
    pub(crate) fn leave(self) {
        if let Some(kafka) = self.kafka {
            kafka.leave();
        }
    }
}

async fn messages(kafka: &mut Option<Kafka>) -> Result<Next, Failure> {
    match kafka {
        Some(kafka) => kafka.next().await,
        None => std::future::pending().await,
    }
}
