//! How much memory an answer may hold.

use std::num::NonZeroUsize;
use std::sync::Arc;

use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use sysinfo::System;

/// Operators that an error about memory names.
const NAMED: NonZeroUsize = NonZeroUsize::new(3).unwrap();

/// Half the bytes of memory of the machine, or of the container: what an answer holds
/// that is not counted (rows on their way, pages being decoded) has the rest.
pub(crate) fn share() -> usize {
    let mut system = System::new();
    system.refresh_memory();
    let container = system.cgroup_limits().map(|limits| limits.total_memory);
    let machine = system.total_memory();
    let whole = container.map_or(machine, |container| container.min(machine));
    usize::try_from(whole / 2).unwrap_or(usize::MAX)
}

/// Sorting and grouping that need more than their part of `bytes` go on in files
/// of the directory for temporary ones.
pub(crate) fn runtime(bytes: usize) -> Result<Arc<RuntimeEnv>, DataFusionError> {
    let pool = TrackConsumersPool::new(FairSpillPool::new(bytes), NAMED);
    RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(pool))
        .build_arc()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use arrow::array::AsArray as _;
    use arrow::datatypes::Int64Type;
    use datafusion::prelude::{SessionConfig, SessionContext};

    use super::{runtime, share};
    use crate::QueryError;

    const MIB: usize = 1024 * 1024;

    /// Each group counts different texts, for which the engine sets 16 KiB aside.
    const MANY_GROUPS: &str = "SELECT count(*) AS groups, sum(texts) AS texts FROM (
        SELECT value % 10000 AS nth, count(DISTINCT cast(value AS varchar)) AS texts
        FROM generate_series(1, 40000) GROUP BY 1)";

    async fn ask(sql: &str, bytes: usize) -> Result<[i64; 2], QueryError> {
        let config = SessionConfig::new().with_target_partitions(2);
        let context = SessionContext::new_with_config_rt(config, runtime(bytes).unwrap());
        let rows = context.sql(sql).await.unwrap().collect().await;
        let rows = rows.map_err(QueryError::execution)?;
        Ok([0, 1].map(|column| rows[0].column(column).as_primitive::<Int64Type>().value(0)))
    }

    #[tokio::test]
    async fn what_does_not_fit_is_grouped_on_disk() {
        assert_eq!(ask(MANY_GROUPS, 64 * MIB).await.unwrap(), [10_000, 40_000]);
    }

    #[tokio::test]
    async fn what_cannot_go_to_disk_is_refused_with_what_to_do() {
        let joined = "SELECT count(*), max(a.value) FROM generate_series(1, 100000) a
            JOIN generate_series(1, 100000) b ON a.value % 7 = b.value % 7 AND a.value < b.value";
        let error = ask(joined, MIB / 4).await.unwrap_err().to_string();
        assert!(error.starts_with("more memory is needed than"), "{error}");
    }

    #[test]
    fn there_is_a_share_of_memory_on_every_machine() {
        assert!(share() > 64 * MIB);
    }
}
