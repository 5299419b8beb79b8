//! Values in place of `$name`: as literals of the parsed statement, so that
//! nothing of a value is ever read as SQL.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{
    CastKind, DataType, Expr, Interval, TimezoneInfo, Value as Literal, visit_expressions_mut,
};

use crate::error::QueryError;
use crate::questions::{Kind, Value};

/// Puts `values` in place of the placeholders of their names. A placeholder
/// without a value is an error.
pub(crate) fn bind(
    statement: &mut Statement,
    values: &BTreeMap<String, Value>,
) -> Result<(), QueryError> {
    let Statement::Statement(parsed) = statement else {
        return Ok(());
    };
    let outcome = visit_expressions_mut(parsed, |expression| {
        let Some(name) = placeholder(expression) else {
            return ControlFlow::Continue(());
        };
        match values.get(name.trim_start_matches('$')) {
            Some(value) => *expression = literal(value),
            None => return ControlFlow::Break(name),
        }
        ControlFlow::Continue(())
    });
    match outcome {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(name) => Err(QueryError::Statement(format!(
            "no value is given for {name}"
        ))),
    }
}

fn placeholder(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Value(value) => match &value.value {
            Literal::Placeholder(name) => Some(name.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn literal(value: &Value) -> Expr {
    match value {
        Value::Text(value) => text(value),
        Value::Integer(number) => Expr::value(Literal::Number(number.to_string(), false)),
        Value::Duration(length) => interval(&format!("{} seconds", length.num_seconds())),
        Value::Time(time) => {
            let time = time.format("%Y-%m-%dT%H:%M:%S%.6f").to_string();
            cast(text(&time), timestamp())
        }
        Value::Absent(Kind::Text | Kind::Network) => cast(null(), DataType::Varchar(None)),
        Value::Absent(Kind::Integer) => cast(null(), DataType::BigInt(None)),
        Value::Absent(Kind::Duration) => cast(
            null(),
            DataType::Interval {
                fields: None,
                precision: None,
            },
        ),
        Value::Absent(Kind::Time) => cast(null(), timestamp()),
    }
}

fn text(value: &str) -> Expr {
    Expr::value(Literal::SingleQuotedString(value.to_owned()))
}

fn null() -> Expr {
    Expr::value(Literal::Null)
}

fn timestamp() -> DataType {
    DataType::Timestamp(Some(6), TimezoneInfo::None)
}

fn interval(length: &str) -> Expr {
    Expr::Interval(Interval {
        value: Box::new(text(length)),
        leading_field: None,
        leading_precision: None,
        last_field: None,
        fractional_seconds_precision: None,
    })
}

fn cast(expression: Expr, data_type: DataType) -> Expr {
    Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(expression),
        data_type,
        array: false,
        format: None,
    }
}
