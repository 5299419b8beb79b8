//! Request parameters as a tree that borrows the record's text: nothing is
//! copied but strings with escapes.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use trailwright_schemas::JsonText;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json<'r> {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    Text(Cow<'r, str>),
    List(Vec<Json<'r>>),
    /// Members in the order received.
    Object(Vec<(Cow<'r, str>, Json<'r>)>),
}

impl<'r> Json<'r> {
    /// `Null` when there is nothing, or a number that fits no machine type.
    pub(super) fn read(text: Option<&'r JsonText>) -> Self {
        let read = |text: &'r JsonText| serde_json::from_str(text.as_str()).ok();
        text.and_then(read).unwrap_or(Json::Null)
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self, Json::Null)
    }

    /// An object's members.
    pub(super) fn members(&self) -> &[(Cow<'r, str>, Json<'r>)] {
        match self {
            Json::Object(members) => members,
            _ => &[],
        }
    }

    /// The member called so: exactly, or else in other letter case.
    pub(super) fn member(&self, name: &str) -> Option<&Json<'r>> {
        let members = self.members();
        let exact = members.iter().find(|(key, _)| key == name);
        let other = || {
            members
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
        };
        exact.or_else(other).map(|(_, value)| value)
    }

    /// Whether nothing is said: null, an empty list, an empty object.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Json::Null => true,
            Json::List(values) => values.is_empty(),
            Json::Object(members) => members.is_empty(),
            Json::Bool(_) | Json::Number(_) | Json::Text(_) => false,
        }
    }

    /// A scalar as text; `None` for the empty text too.
    pub(super) fn scalar(&self) -> Option<Cow<'_, str>> {
        match self {
            Json::Text(text) if !text.is_empty() => Some(Cow::Borrowed(text)),
            Json::Number(number) => Some(number.to_string().into()),
            Json::Bool(flag) => Some(if *flag { "true" } else { "false" }.into()),
            _ => None,
        }
    }
}

impl<'de: 'r, 'r> Deserialize<'de> for Json<'r> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Json<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Json::Null)
            }

            fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
                Ok(Json::Bool(flag))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
                Ok(Json::Number(number.into()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
                Ok(Json::Number(number.into()))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
                Ok(serde_json::Number::from_f64(number).map_or(Json::Null, Json::Number))
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Json::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Json::Text(Cow::Owned(text.to_owned())))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = seq.next_element()? {
                    values.push(value);
                }
                Ok(Json::List(values))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::with_capacity(8);
                while let Some(Name(name)) = map.next_key()? {
                    members.push((name, map.next_value()?));
                }
                Ok(Json::Object(members))
            }
        }

        deserializer.deserialize_any(Any)
    }
}

/// A member name, borrowed when it has no escapes.
struct Name<'r>(Cow<'r, str>);

impl<'de: 'r, 'r> Deserialize<'de> for Name<'r> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Cow<'de, str>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a member name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(name))
            }

            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(name.to_owned()))
            }
        }

        deserializer.deserialize_str(Text).map(Name)
    }
}
