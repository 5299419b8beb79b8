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

/// What is counted against `bytes` is what sorts, groups and joins. Operators that can
/// do with less get equal parts of it.
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
    use crate::{QueryError, functions};

    const MIB: usize = 1024 * 1024;

    async fn ask(sql: &str, bytes: usize) -> Result<[i64; 2], QueryError> {
        let config = SessionConfig::new().with_target_partitions(2);
        let context = SessionContext::new_with_config_rt(config, runtime(bytes).unwrap());
        functions::register(&context);
        let rows = context.sql(sql).await.unwrap().collect().await;
        let rows = rows.map_err(QueryError::execution)?;
        Ok([0, 1].map(|column| rows[0].column(column).as_primitive::<Int64Type>().value(0)))
    }

    #[tokio::test]
    async fn different_texts_of_many_groups_need_little() {
        let many_groups = "SELECT count(*), sum(texts) FROM (
            SELECT value % 10000 AS nth, count(DISTINCT cast(value AS varchar)) AS texts
            FROM generate_series(1, 40000) GROUP BY 1)";
        let answer = ask(many_groups, 32 * MIB).await;
        assert_eq!(answer.unwrap(), [10_000, 40_000]);
    }

    #[tokio::test]
    async fn what_needs_more_is_refused_with_what_to_do() {
        let joined = "SELECT count(*), max(a.value) FROM generate_series(1, 100000) a
            JOIN generate_series(1, 100000) b ON a.value % 7 = b.value % 7 AND a.value < b.value";
        let grouped = "SELECT count(*), sum(n) FROM (
            SELECT value, count(*) AS n FROM generate_series(1, 400000) GROUP BY 1)";
        for sql in [joined, grouped] {
            let error = ask(sql, MIB / 4).await.unwrap_err().to_string();
            assert!(error.starts_with("more memory is needed than"), "{error}");
        }
    }

    #[test]
    fn there_is_a_share_of_memory_on_every_machine() {
        assert!(share() > 64 * MIB);
    }
}
