//! A DataFusion session over one lake.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};
use datafusion::config::Dialect;
use datafusion::datasource::empty::EmptyTable;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::context::SQLOptions;
use datafusion::physical_plan::execute_stream;
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext};
use deltalake_core::DeltaTable;
use futures::TryStreamExt as _;
use trailwright_schemas::{files_schema, replayed_schema};
use trailwright_store::{EVENTS, FILES, Lake, Later, REJECTED, REPLAYED};

use crate::bind::bind;
use crate::error::QueryError;
use crate::functions;
use crate::geo::GeoDatabases;
use crate::memory;
use crate::questions::Value;
use crate::scan::Scan;
use crate::selection::Selection;

/// The views every session has, with their SQL.
pub const VIEWS: [(&str, &str); 10] = [
    ("named_events", include_str!("../views/named_events.sql")),
    ("sign_ins", include_str!("../views/sign_ins.sql")),
    ("denials", include_str!("../views/denials.sql")),
    ("role_sessions", include_str!("../views/role_sessions.sql")),
    ("iam_changes", include_str!("../views/iam_changes.sql")),
    ("principals", include_str!("../views/principals.sql")),
    ("access_keys", include_str!("../views/access_keys.sql")),
    (
        "cloudtrail_lake",
        include_str!("../views/cloudtrail_lake.sql"),
    ),
    (
        "athena_cloudtrail",
        include_str!("../views/athena_cloudtrail.sql"),
    ),
    ("open_rejected", include_str!("../views/open_rejected.sql")),
];

/// The tables every session has, with what they hold.
pub const TABLES: [(&str, &str); 4] = [
    (EVENTS, "every event once, with its label"),
    (REJECTED, "what could not be used, with its bytes"),
    (FILES, "the files that were read"),
    (
        REPLAYED,
        "what became of rejected bytes that were read again",
    ),
];

/// Which part of `events` a session sees.
#[derive(Clone, Debug)]
pub enum Tables {
    /// All of it.
    Whole,
    /// Only what was stored after somebody looked.
    Later(Later),
}

/// A session: the lake as it was when the session began.
pub struct Session {
    context: SessionContext,
}

/// An answer, not yet read.
pub struct Answer {
    stream: SendableRecordBatchStream,
    scan: Scan,
}

impl Session {
    /// Begins a session over the state in which `lake` was last loaded.
    pub async fn begin(lake: &Lake, tables: Tables) -> Result<Self, QueryError> {
        let runtime = memory::runtime(memory::share()).map_err(QueryError::execution)?;
        let context = SessionContext::new_with_config_rt(config(), runtime);
        functions::register(&context);
        match &tables {
            Tables::Whole => register(&context, EVENTS, lake.events(), None).await?,
            Tables::Later(later) => {
                let files = Some(later.files().to_vec());
                register(&context, EVENTS, later.table(), files).await?;
            }
        }
        register(&context, REJECTED, lake.rejected(), None).await?;
        register_or_empty(&context, FILES, lake.files(), files_schema()).await?;
        register_or_empty(&context, REPLAYED, lake.replayed(), replayed_schema()).await?;
        for (name, sql) in VIEWS {
            let view = format!("CREATE VIEW {name} AS {sql}");
            let made = context.sql(&view).await;
            made.map_err(|error| {
                QueryError::Statement(format!("view {name}: {}", error.strip_backtrace()))
            })?;
        }
        Ok(Self { context })
    }

    /// The same session, in which questions may also ask for the places of
    /// addresses (`geo_lookup`).
    pub fn with_geo(self, databases: Arc<GeoDatabases>) -> Self {
        self.context.register_udf(functions::geo_lookup(databases));
        self
    }

    /// Plans a question and starts to answer it. Statements that would change
    /// anything are refused.
    pub async fn ask(&self, sql: &str) -> Result<Answer, QueryError> {
        self.ask_with(sql, &BTreeMap::new()).await
    }

    /// Asks a question in which `$name` stands for a value.
    pub async fn ask_with(
        &self,
        sql: &str,
        values: &BTreeMap<String, Value>,
    ) -> Result<Answer, QueryError> {
        let state = self.context.state();
        let statement = state.sql_to_statement(sql, &Dialect::default());
        let mut statement = statement.map_err(QueryError::statement)?;
        bind(&mut statement, values)?;
        let plan = state.statement_to_plan(statement).await;
        let plan = plan.map_err(QueryError::statement)?;
        questions_only()
            .verify_plan(&plan)
            .map_err(|error| QueryError::NotAQuestion(error.strip_backtrace()))?;
        let frame = self.context.execute_logical_plan(plan).await;
        answer(frame.map_err(QueryError::statement)?).await
    }

    /// The columns of a table or view, `None` when there is no such.
    pub async fn columns(&self, table: &str) -> Option<Vec<String>> {
        let table = self.context.table_provider(table).await.ok()?;
        let schema = table.schema();
        let names = schema.fields().iter().map(|field| field.name().clone());
        Some(names.collect())
    }

    /// The names of all functions: of rows, of groups and of windows.
    pub fn functions(&self) -> Vec<String> {
        let state = self.context.state();
        let mut names: Vec<String> = state.scalar_functions().keys().cloned().collect();
        names.extend(state.aggregate_functions().keys().cloned());
        names.extend(state.window_functions().keys().cloned());
        names.sort();
        names.dedup();
        names
    }

    /// The rows of `events` that a selection chooses, in the order of their times:
    /// all of them, or so many of the newest.
    pub async fn select(
        &self,
        selection: &Selection,
        newest: Option<usize>,
    ) -> Result<Answer, QueryError> {
        let events = self.context.table(EVENTS).await;
        let events = events.map_err(QueryError::statement)?;
        let rows = selection.of(events, newest);
        answer(rows.map_err(QueryError::statement)?).await
    }
}

/// Starts to answer.
async fn answer(frame: DataFrame) -> Result<Answer, QueryError> {
    let tasks = Arc::new(frame.task_ctx());
    let plan = frame.create_physical_plan().await;
    let plan = plan.map_err(QueryError::execution)?;
    let stream = execute_stream(plan.clone(), tasks).map_err(QueryError::execution)?;
    let scan = Scan::of(plan);
    Ok(Answer { stream, scan })
}

impl Answer {
    /// The columns of the answer.
    pub fn schema(&self) -> SchemaRef {
        self.stream.schema()
    }

    /// What is read for it, to be looked at while it is.
    pub fn scan(&self) -> Scan {
        self.scan.clone()
    }

    /// The next rows, or `None` at the end.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>, QueryError> {
        self.stream.try_next().await.map_err(QueryError::execution)
    }

    /// All rows.
    pub async fn collect(self) -> Result<Vec<RecordBatch>, QueryError> {
        self.stream
            .try_collect()
            .await
            .map_err(QueryError::execution)
    }
}

/// Filters are evaluated while Parquet is decoded: a needle with `raw` then
/// decodes only the pages it needs.
fn config() -> SessionConfig {
    let mut config = SessionConfig::new().with_information_schema(true);
    let parquet = &mut config.options_mut().execution.parquet;
    parquet.pushdown_filters = true;
    parquet.reorder_filters = true;
    // DataFusion 55 fails here on a view that shows one column under two names.
    config
        .options_mut()
        .optimizer
        .enable_leaf_expression_pushdown = false;
    config
}

/// A table that an older lake does not have reads as an empty one.
async fn register_or_empty(
    context: &SessionContext,
    name: &'static str,
    table: Option<&DeltaTable>,
    schema: Schema,
) -> Result<(), QueryError> {
    if let Some(table) = table {
        return register(context, name, table, None).await;
    }
    let empty = Arc::new(EmptyTable::new(Arc::new(schema)));
    let registered = context.register_table(name, empty);
    registered.map_err(|error| QueryError::Table {
        table: name,
        message: error.strip_backtrace(),
    })?;
    Ok(())
}

fn questions_only() -> SQLOptions {
    SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false)
}

/// Registers a table, or only some of its files.
async fn register(
    context: &SessionContext,
    name: &'static str,
    table: &DeltaTable,
    files: Option<Vec<String>>,
) -> Result<(), QueryError> {
    let fail = |message: String| QueryError::Table {
        table: name,
        message,
    };
    let state = Arc::new(context.state());
    table
        .update_datafusion_session(state.as_ref())
        .map_err(|error| fail(error.to_string()))?;
    let scan = table.table_provider().with_session(state).build().await;
    let mut scan = scan.map_err(|error| fail(error.to_string()))?;
    if let Some(files) = files {
        scan = scan.with_file_paths(files);
    }
    context
        .register_table(name, Arc::new(scan))
        .map_err(|error| fail(error.strip_backtrace()))?;
    Ok(())
}
