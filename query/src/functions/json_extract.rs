//! Trino's functions of a JSON text and a path.

use arrow::array::{Int64Array, StringArray};
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;
use serde_json::Value;

use super::{json_path, texts};

/// `json_extract_scalar(json, path)`: the text of a string, number or boolean.
/// Null for an object, an array, JSON's null, an absent value, and text that
/// is no JSON.
pub(super) fn scalar() -> ScalarUDF {
    texts::of_two::<String, StringArray>("json_extract_scalar", DataType::Utf8, scalar_at)
}

/// `json_extract(json, path)`: the value as JSON text.
pub(super) fn json() -> ScalarUDF {
    texts::of_two::<String, StringArray>("json_extract", DataType::Utf8, json_at)
}

/// `json_array_length(json)`: how many elements an array has; null for
/// anything else.
pub(super) fn array_length() -> ScalarUDF {
    texts::of_one::<i64, Int64Array>("json_array_length", DataType::Int64, length)
}

fn scalar_at(json: &str, path: &str) -> Result<Option<String>> {
    let document = document(json).unwrap_or_default();
    Ok(match json_path::find(&document, path)? {
        Some(Value::String(text)) => Some(text.clone()),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => Some(value.to_string()),
        _ => None,
    })
}

fn json_at(json: &str, path: &str) -> Result<Option<String>> {
    let Some(document) = document(json) else {
        return json_path::find(&Value::Null, path).map(|_| None);
    };
    Ok(json_path::find(&document, path)?.map(Value::to_string))
}

fn length(json: &str) -> Result<Option<i64>> {
    let length = document(json).and_then(|document| document.as_array().map(Vec::len));
    Ok(length.and_then(|length| i64::try_from(length).ok()))
}

fn document(json: &str) -> Option<Value> {
    serde_json::from_str(json).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{json_at, length, scalar_at};

    const DOCUMENT: &str = r#"{"name":"a \"b\"","n":12345678901234567890,"on":false,"none":null,"list":[1,"two"],"deep":{"a":[]}}"#;

    #[test]
    fn scalars_are_text_and_everything_else_is_null() {
        let cases = [
            ("$.name", Some("a \"b\"")),
            ("$.n", Some("12345678901234567890")),
            ("$.on", Some("false")),
            ("$.list[1]", Some("two")),
            ("$.none", None),
            ("$.list", None),
            ("$.deep", None),
            ("$.absent", None),
        ];
        for (path, expected) in cases {
            assert_eq!(
                scalar_at(DOCUMENT, path).unwrap().as_deref(),
                expected,
                "{path}"
            );
        }
        assert_eq!(scalar_at("{broken", "$.name").unwrap(), None);
        assert!(scalar_at(DOCUMENT, "name").is_err());
    }

    #[test]
    fn json_stays_json() {
        let cases = [
            ("$.name", Some(r#""a \"b\"""#)),
            ("$.none", Some("null")),
            ("$.list", Some(r#"[1,"two"]"#)),
            ("$.absent", None),
        ];
        for (path, expected) in cases {
            assert_eq!(
                json_at(DOCUMENT, path).unwrap().as_deref(),
                expected,
                "{path}"
            );
        }
        assert_eq!(json_at("{broken", "$").unwrap(), None);
        assert!(json_at("{broken", "name").is_err());
    }

    #[test]
    fn only_arrays_have_a_length() {
        for (json, expected) in [
            ("[]", Some(0)),
            ("[1,[2,3]]", Some(2)),
            ("{}", None),
            ("x", None),
        ] {
            assert_eq!(length(json).unwrap(), expected, "{json}");
        }
    }
}
