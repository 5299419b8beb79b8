//! Rows of `events` by a condition, and some of their columns: asked of the lake,
//! or taken out of events that no lake holds yet. Both give the same JSON lines.

use std::borrow::Borrow;
use std::sync::Arc;

use arrow::array::{AsArray as _, BooleanArray};
use arrow::datatypes::DataType;
use datafusion::common::tree_node::TreeNode as _;
use datafusion::common::{DFSchema, ToDFSchema as _};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::utils::{collect_columns, reassign_expr_columns};
use datafusion::prelude::{DataFrame, SessionContext, col};
use trailwright_schemas::{COLUMNS, Event, event_schema};
use trailwright_store::event_columns;

use crate::error::QueryError;
use crate::format::{arrow_error, json_lines};
use crate::functions;

/// A condition on rows of `events`, and columns of them.
pub struct Selection {
    condition: Expr,
    columns: Vec<usize>,
    predicate: Predicate,
}

/// The condition in a form that is evaluated on batches, and the columns it
/// looks at.
struct Predicate {
    expression: Arc<dyn PhysicalExpr>,
    looks_at: Vec<usize>,
}

impl Selection {
    /// `condition` is an SQL expression over the columns of `events`, without
    /// questions in it. No `columns` are all columns.
    pub fn new(condition: &str, columns: &[impl AsRef<str>]) -> Result<Self, QueryError> {
        let context = SessionContext::new();
        functions::register(&context);
        let schema = event_schema()
            .to_dfschema()
            .map_err(QueryError::statement)?;
        let unreadable = |error: DataFusionError| {
            let why = error.strip_backtrace();
            QueryError::Statement(format!("the condition {condition} cannot be read: {why}"))
        };
        let expression = context.parse_sql_expr(condition, &schema);
        let expression = expression.map_err(unreadable)?;
        if asks(&expression).map_err(unreadable)? {
            return Err(QueryError::Statement(format!(
                "the condition {condition} has a question in it (SELECT), which cannot be answered for events on their way: \
                 compare columns with values"
            )));
        }
        Ok(Self {
            columns: places(columns)?,
            predicate: Predicate::of(&expression, &context, &schema)
                .map_err(unreadable)?
                .ok_or_else(|| {
                    QueryError::Statement(format!(
                        "{condition} is no condition: it is neither true nor false, as decision = 'allow' is"
                    ))
                })?,
            condition: expression,
        })
    }

    /// The rows of a table in the order of their times: all of them, or so many
    /// of the newest.
    pub(crate) fn of(
        &self,
        events: DataFrame,
        newest: Option<usize>,
    ) -> Result<DataFrame, DataFusionError> {
        let time = col("event_time");
        let mut chosen = events.filter(self.condition.clone())?;
        if newest.is_some() {
            let newest_first = time.clone().sort(false, false);
            chosen = chosen.sort(vec![newest_first])?.limit(0, newest)?;
        }
        let names: Vec<&str> = self
            .columns
            .iter()
            .map(|place| COLUMNS[*place].name)
            .collect();
        chosen
            .sort(vec![time.sort(true, false)])?
            .select_columns(&names)
    }

    /// Adds those of `events` for which the condition holds to `out`, one JSON
    /// object a line, and says how many they are.
    pub fn write(
        &self,
        events: &[impl Borrow<Event>],
        out: &mut Vec<u8>,
    ) -> Result<usize, QueryError> {
        let all: Vec<&Event> = events.iter().map(Borrow::borrow).collect();
        let holds = self.predicate.holds(&all)?;
        let chosen = all.into_iter().zip(&holds);
        let chosen = chosen.filter(|(_, holds)| *holds == Some(true));
        let chosen: Vec<&Event> = chosen.map(|(event, _)| event).collect();
        if !chosen.is_empty() {
            let batch = event_columns(&self.columns, &chosen).map_err(arrow_error)?;
            json_lines(&batch, out)?;
        }
        Ok(chosen.len())
    }
}

/// Whether there is a question in a condition.
fn asks(condition: &Expr) -> Result<bool, DataFusionError> {
    condition.exists(|part| {
        Ok(matches!(
            part,
            Expr::Exists(_) | Expr::InSubquery(_) | Expr::ScalarSubquery(_)
        ))
    })
}

/// Where the columns stand in [`COLUMNS`].
fn places(columns: &[impl AsRef<str>]) -> Result<Vec<usize>, QueryError> {
    if columns.is_empty() {
        return Ok((0..COLUMNS.len()).collect());
    }
    let place = |name: &str| {
        let place = COLUMNS.iter().position(|column| column.name == name);
        place.ok_or_else(|| {
            QueryError::Statement(format!(
                "events has no column {name} (docs/reference/columns.md)"
            ))
        })
    };
    columns.iter().map(|name| place(name.as_ref())).collect()
}

impl Predicate {
    /// `None` for an expression that is neither true nor false.
    fn of(
        condition: &Expr,
        context: &SessionContext,
        schema: &DFSchema,
    ) -> Result<Option<Self>, DataFusionError> {
        let expression = simple(condition, context, schema)?;
        let expression = context.create_physical_expr(expression, schema)?;
        if expression.data_type(schema.as_arrow())? != DataType::Boolean {
            return Ok(None);
        }
        let columns = collect_columns(&expression);
        let mut looks_at: Vec<usize> = columns.iter().map(|column| column.index()).collect();
        looks_at.sort_unstable();
        let seen = event_schema().project(&looks_at)?;
        Ok(Some(Self {
            expression: reassign_expr_columns(expression, &seen)?,
            looks_at,
        }))
    }

    /// Where it holds; null where it is neither true nor false.
    fn holds(&self, events: &[&Event]) -> Result<BooleanArray, QueryError> {
        let batch = event_columns(&self.looks_at, events).map_err(arrow_error)?;
        let value = self.expression.evaluate(&batch);
        let value = value.and_then(|value| value.into_array(events.len()));
        let value = value.map_err(QueryError::execution)?;
        Ok(value.as_boolean().clone())
    }
}

/// `now()` and the like become what they are at this moment.
fn simple(
    condition: &Expr,
    context: &SessionContext,
    schema: &DFSchema,
) -> Result<Expr, DataFusionError> {
    let state = context.state();
    let simplifying = SimplifyContext::builder()
        .with_schema(Arc::new(schema.clone()))
        .with_config_options(Arc::clone(state.config_options()))
        .with_current_time()
        .build();
    let simplifier = ExprSimplifier::new(simplifying);
    simplifier.simplify(simplifier.coerce(condition.clone(), schema)?)
}
