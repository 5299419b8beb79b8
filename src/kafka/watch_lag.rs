//! Asks the brokers now and then how far topics go.

use std::sync::Arc;
use std::time::Duration;

use trailwright_ingest::{Brokers, ConsumeError, KafkaSettings};

use crate::telemetry::Telemetry;

/// Between two questions. Each goes to every broker once.
const EVERY: Duration = Duration::from_secs(5);
/// How long an answer may take, and with it the end of the daemon.
const WITHIN: Duration = Duration::from_secs(5);

/// Keeps the lag current until the runtime ends. It asks with a client of its
/// own, because the consumer's is not asked for anything while the store is
/// away, and that is when people look at the lag.
pub(crate) fn watch_lag(
    settings: &KafkaSettings,
    telemetry: Arc<Telemetry>,
) -> Result<(), ConsumeError> {
    let brokers = Arc::new(Brokers::connect(settings)?);
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = telemetry.lag.begun() => {}
            }
            ask(&brokers, &telemetry).await;
        }
    });
    Ok(())
}

async fn ask(brokers: &Arc<Brokers>, telemetry: &Telemetry) {
    let partitions = telemetry.lag.partitions();
    if partitions.is_empty() {
        return;
    }
    let count = partitions.len();
    let asked = Arc::clone(brokers);
    let answer = tokio::task::spawn_blocking(move || {
        let offsets = asked.offsets(&partitions, WITHIN);
        (offsets, asked.complaints(Duration::ZERO))
    });
    match answer.await {
        Ok((Ok(offsets), _)) => {
            telemetry.lag.offsets(offsets);
            telemetry.health.brokers_answer();
            tracing::debug!(target: "kafka", "asked the brokers for the offsets of {count} topic partitions");
        }
        Ok((Err(error), complaints)) => {
            let why = complaints.first().cloned();
            let why = why.unwrap_or_else(|| error.to_string());
            telemetry.health.brokers_are_away(why.clone());
            tracing::debug!(target: "kafka", "asked the brokers in vain: {why}");
        }
        // The process ends.
        Err(_) => {}
    }
}
