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
    let said = [Some(system.total_memory()), container];
    // Where nothing is said there is no bound.
    let whole = said.into_iter().flatten().filter(|bytes| *bytes > 0).min();
    whole.map_or(usize::MAX, |whole| {
        usize::try_from(whole / 2).unwrap_or(usize::MAX)
    })
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
    use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
    use datafusion::execution::runtime_env::RuntimeEnvBuilder;
    use datafusion::prelude::{SessionConfig, SessionContext};

    use super::{runtime, share};
    use crate::{QueryError, functions};

    const MIB: usize = 1024 * 1024;

    /// Each group counts different texts, for which the engine sets 16 KiB aside.
    const MANY_GROUPS: &str = "SELECT count(*) AS groups, sum(texts) AS texts FROM (
        SELECT value % 10000 AS nth, count(DISTINCT cast(value AS varchar)) AS texts
        FROM generate_series(1, 40000) GROUP BY 1)";

    fn context(bytes: usize) -> SessionContext {
        let config = SessionConfig::new().with_target_partitions(2);
        SessionContext::new_with_config_rt(config, runtime(bytes).unwrap())
    }

    async fn ask(sql: &str, context: SessionContext) -> Result<[i64; 2], QueryError> {
        let rows = context.sql(sql).await.unwrap().collect().await;
        let rows = rows.map_err(QueryError::execution)?;
        Ok([0, 1].map(|column| rows[0].column(column).as_primitive::<Int64Type>().value(0)))
    }

    #[tokio::test]
    async fn what_does_not_fit_is_grouped_on_disk() {
        let answer = ask(MANY_GROUPS, context(64 * MIB)).await;
        assert_eq!(answer.unwrap(), [10_000, 40_000]);
    }

    #[tokio::test]
    async fn different_texts_of_many_groups_fit_without_files() {
        let files = DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled);
        let runtime = RuntimeEnvBuilder::from_runtime_env(&runtime(32 * MIB).unwrap());
        let runtime = runtime.with_disk_manager_builder(files);
        let config = SessionConfig::new().with_target_partitions(2);
        let context = SessionContext::new_with_config_rt(config, runtime.build_arc().unwrap());
        functions::register(&context);
        let answer = ask(MANY_GROUPS, context).await;
        assert_eq!(answer.unwrap(), [10_000, 40_000]);
    }

    #[tokio::test]
    async fn what_cannot_go_to_disk_is_refused_with_what_to_do() {
        let joined = "SELECT count(*), max(a.value) FROM generate_series(1, 100000) a
            JOIN generate_series(1, 100000) b ON a.value % 7 = b.value % 7 AND a.value < b.value";
        let error = ask(joined, context(MIB / 4)).await.unwrap_err().to_string();
        assert!(error.starts_with("more memory is needed than"), "{error}");
    }

    #[test]
    fn there_is_a_share_of_memory_on_every_machine() {
        assert!(share() > 64 * MIB);
    }
}
