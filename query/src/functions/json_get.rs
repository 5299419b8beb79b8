//! `json_get(json, step, …)` and `json_get_array(json, step, …)`.
//!
//! `datafusion-functions-json` offers as much and fits; it is not used because
//! its parser brings fourteen packages, among them the Python bindings, into
//! the lock file and changes the features with which Arrow is built.

use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, AsArray as _, ListBuilder, StringArray, StringBuilder};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Int64Type};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use serde_json::Value;

/// `json_get`: the value that the steps lead to, as text: a string without its
/// quotes, anything else as JSON. A text is the name of a member, a number the
/// place in an array, from 0. Null when there is nothing, or JSON's null, or
/// the text is no JSON. `element_at` is the same under the name that CloudTrail
/// Lake's samples use for its maps, which are JSON text here.
pub(super) fn text() -> ScalarUDF {
    ScalarUDF::from(Get::new("json_get", Shape::Text)).with_aliases(["element_at"])
}

/// `json_get_array`: the elements of the array that the steps lead to, each as
/// JSON text, for `unnest`. Null when there is no array.
pub(super) fn array() -> ScalarUDF {
    ScalarUDF::from(Get::new("json_get_array", Shape::Elements))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Shape {
    Text,
    Elements,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Get {
    name: &'static str,
    shape: Shape,
    signature: Signature,
}

impl Get {
    fn new(name: &'static str, shape: Shape) -> Self {
        let signature = Signature::variadic_any(Volatility::Immutable);
        Self {
            name,
            shape,
            signature,
        }
    }
}

impl ScalarUDFImpl for Get {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let name = self.name;
        if let Some(first) = types.first().filter(|first| !is_text(first)) {
            return plan_err!("{name}: the first argument is JSON text, not {first}");
        }
        if let Some(step) = types
            .iter()
            .skip(1)
            .find(|step| !is_text(step) && !step.is_integer())
        {
            return plan_err!("{name}: a step is a name or a whole number, not {step}");
        }
        Ok(match self.shape {
            Shape::Text => DataType::Utf8,
            Shape::Elements => {
                DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)))
            }
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let arrays = arrays.iter().map(plain).collect::<Result<Vec<_>>>()?;
        let Some((documents, steps)) = arrays.split_first() else {
            return plan_err!("{}: give JSON text and the steps into it", self.name);
        };
        let documents = documents.as_string::<i32>();
        let found = (0..documents.len()).map(|row| find(documents, steps, row));
        let answers: ArrayRef = match self.shape {
            Shape::Text => Arc::new(
                found
                    .map(|value| value.and_then(as_text))
                    .collect::<StringArray>(),
            ),
            Shape::Elements => Arc::new(elements(found).finish()),
        };
        Ok(ColumnarValue::Array(answers))
    }
}

fn is_text(kind: &DataType) -> bool {
    kind.is_string() || kind.is_null()
}

/// Steps and documents in one of two types, whatever they came in.
fn plain(array: &ArrayRef) -> Result<ArrayRef> {
    let target = if array.data_type().is_integer() {
        DataType::Int64
    } else {
        DataType::Utf8
    };
    Ok(cast(array, &target)?)
}

/// What the steps of one row lead to.
fn find(documents: &StringArray, steps: &[ArrayRef], row: usize) -> Option<Value> {
    if documents.is_null(row) {
        return None;
    }
    let mut value: Value = serde_json::from_str(documents.value(row)).ok()?;
    for step in steps {
        if step.is_null(row) {
            return None;
        }
        value = match (value, step.as_string_opt::<i32>()) {
            (Value::Object(mut members), Some(name)) => members.remove(name.value(row))?,
            (Value::Array(mut elements), None) => {
                let place = usize::try_from(step.as_primitive::<Int64Type>().value(row)).ok()?;
                (place < elements.len()).then(|| elements.swap_remove(place))?
            }
            _ => return None,
        };
    }
    Some(value)
}

fn as_text(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

fn elements(found: impl Iterator<Item = Option<Value>>) -> ListBuilder<StringBuilder> {
    let mut builder = ListBuilder::new(StringBuilder::new());
    for value in found {
        match value {
            Some(Value::Array(elements)) => {
                for element in elements {
                    builder.values().append_value(element.to_string());
                }
                builder.append(true);
            }
            _ => builder.append(false),
        }
    }
    builder
}
