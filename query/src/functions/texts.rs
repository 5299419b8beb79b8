//! Functions of texts, row by row.

use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, AsArray as _, StringArray};
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};
use datafusion::scalar::ScalarValue;

/// A function of two texts. A null argument gives null; so does `None`.
pub(super) fn of_two<T, A>(
    name: &str,
    returns: DataType,
    body: fn(&str, &str) -> Result<Option<T>>,
) -> ScalarUDF
where
    T: 'static,
    A: arrow::array::Array + FromIterator<Option<T>> + 'static,
{
    let run = move |args: &[ColumnarValue]| {
        columns::<2, T, A>(args, |[first, second]| body(first, second))
    };
    let takes = vec![DataType::Utf8; 2];
    create_udf(name, takes, returns, Volatility::Immutable, Arc::new(run))
}

/// A function of one text, as [`of_two`].
pub(super) fn of_one<T, A>(
    name: &str,
    returns: DataType,
    body: fn(&str) -> Result<Option<T>>,
) -> ScalarUDF
where
    T: 'static,
    A: arrow::array::Array + FromIterator<Option<T>> + 'static,
{
    let run = move |args: &[ColumnarValue]| columns::<1, T, A>(args, |[only]| body(only));
    let takes = vec![DataType::Utf8];
    create_udf(name, takes, returns, Volatility::Immutable, Arc::new(run))
}

fn columns<const N: usize, T, A>(
    args: &[ColumnarValue],
    body: impl Fn([&str; N]) -> Result<Option<T>>,
) -> Result<ColumnarValue>
where
    A: arrow::array::Array + FromIterator<Option<T>> + 'static,
{
    let arrays = ColumnarValue::values_to_arrays(args)?;
    let texts: Vec<&StringArray> = arrays.iter().map(|array| array.as_string()).collect();
    let rows = arrays.first().map_or(0, |array| array.len());
    let answer = |row: usize| {
        let mut values = [""; N];
        for (value, texts) in values.iter_mut().zip(&texts) {
            if texts.is_null(row) {
                return Ok(None);
            }
            *value = texts.value(row);
        }
        body(values)
    };
    let answers: A = (0..rows).map(answer).collect::<Result<_>>()?;
    let answers: ArrayRef = Arc::new(answers);
    if args
        .iter()
        .all(|arg| matches!(arg, ColumnarValue::Scalar(_)))
    {
        return ScalarValue::try_from_array(&answers, 0).map(ColumnarValue::Scalar);
    }
    Ok(ColumnarValue::Array(answers))
}
