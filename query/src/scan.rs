//! What a question reads, as far as it has come.

use std::fmt;
use std::sync::Arc;

use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::metrics::{MetricValue, PruningMetrics};

/// The files that a question reads, to be looked at while it does.
#[derive(Clone, Debug)]
pub struct Scan {
    plan: Arc<dyn ExecutionPlan>,
}

/// What was read up to a moment, and what was left out because it cannot hold
/// an answer. DataFusion's own names of these figures are those that `EXPLAIN
/// ANALYZE` shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scanned {
    /// Rows that came out of files, after filters that are evaluated while
    /// files are decoded.
    pub rows: usize,
    /// Bytes read from files.
    pub bytes: usize,
    /// Row groups, by the least and greatest values of their columns
    /// (`row_groups_pruned_statistics`).
    pub row_groups_by_statistics: Kept,
    /// Those that are left, by their bloom filters
    /// (`row_groups_pruned_bloom_filter`).
    pub row_groups_by_bloom_filters: Kept,
    /// Pages of those that are left, by the page index
    /// (`page_index_pages_pruned`).
    pub pages: Kept,
}

/// How many there were, and how many were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// How many there were.
    pub of: usize,
    /// How many could hold an answer.
    pub kept: usize,
}

impl Scan {
    pub(crate) fn of(plan: Arc<dyn ExecutionPlan>) -> Self {
        Self { plan }
    }

    /// What was read until now.
    pub fn scanned(&self) -> Scanned {
        let mut sum = Scanned::default();
        sum.add_leaves(self.plan.as_ref());
        sum
    }
}

impl Scanned {
    /// Files are read by the leaves of a plan.
    fn add_leaves(&mut self, plan: &dyn ExecutionPlan) {
        let children = plan.children();
        for child in &children {
            self.add_leaves(child.as_ref());
        }
        let Some(metrics) = plan.metrics().filter(|_| children.is_empty()) else {
            return;
        };
        for metric in metrics.iter() {
            match metric.value() {
                MetricValue::OutputRows(rows) => self.rows += rows.value(),
                MetricValue::Count { name, count } if name == "bytes_scanned" => {
                    self.bytes += count.value();
                }
                MetricValue::PruningMetrics {
                    name,
                    pruning_metrics,
                } => self.add_pruning(name, pruning_metrics),
                _ => {}
            }
        }
    }

    fn add_pruning(&mut self, name: &str, pruning: &PruningMetrics) {
        let sum = match name {
            "row_groups_pruned_statistics" => &mut self.row_groups_by_statistics,
            "row_groups_pruned_bloom_filter" => &mut self.row_groups_by_bloom_filters,
            "page_index_pages_pruned" => &mut self.pages,
            _ => return,
        };
        sum.of += pruning.pruned() + pruning.matched();
        sum.kept += pruning.matched();
    }
}

impl fmt::Display for Scanned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mebibytes = self.bytes as f64 / f64::from(1 << 20);
        write!(f, "{} rows, {mebibytes:.1} MiB read", self.rows)
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.kept, self.of)
    }
}
