//! Reading JSON objects liberally and without losing a byte.
//!
//! CloudTrail's own documents spell fields in several ways and give booleans as
//! strings, so a derived deserializer is too strict. [`Fields`] keeps every
//! value as the text that was received and lets the caller read it as loosely
//! as that field deserves.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

/// JSON text exactly as received: parameters whose shape differs per API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonText(String);

impl JsonText {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text of a value as received. `None` for null and the empty string.
    pub(crate) fn from_raw(value: &RawValue) -> Option<Self> {
        let text = value.get();
        (text != "null" && text != "\"\"").then(|| Self(text.to_owned()))
    }

    /// The text as a JSON tree, for code that has to look inside. `None` when
    /// a number in it does not fit any machine type.
    pub fn to_value(&self) -> Option<serde_json::Value> {
        serde_json::from_str(&self.0).ok()
    }
}

/// The members of one JSON object in the order received, values untouched.
#[derive(Debug, Default)]
pub struct Fields<'a> {
    members: Vec<(Cow<'a, str>, &'a RawValue)>,
}

impl<'a> Fields<'a> {
    /// Reads one JSON object. Fails on anything else and on a name that occurs
    /// twice, because two readers of such an object see two different events.
    pub fn parse(text: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// Removes and returns the member `name`: spelled exactly so, or else in
    /// other letter case (`eventId` for `eventID` occurs in real records).
    pub fn take(&mut self, name: &str) -> Option<&'a RawValue> {
        let exact = self.members.iter().position(|(key, _)| key == name);
        let found = exact.or_else(|| {
            self.members
                .iter()
                .position(|(key, _)| key.eq_ignore_ascii_case(name))
        })?;
        Some(self.members.remove(found).1)
    }

    /// Takes `name` as text: strings decoded, other scalars as written.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.take(name).and_then(text)
    }

    /// Takes `name` as a boolean: `true`, `false`, or these words in a string.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        let word = self.text(name)?;
        match word.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// Takes `name` as an object. `None` when it is missing or something else.
    pub fn object(&mut self, name: &str) -> Option<Fields<'a>> {
        Fields::parse(self.take(name)?.get()).ok()
    }

    /// Takes `name` as JSON text. `None` when missing, null or an empty string.
    pub fn json(&mut self, name: &str) -> Option<JsonText> {
        self.take(name).and_then(JsonText::from_raw)
    }

    /// What has not been taken, as one JSON object; `None` when nothing is left.
    pub fn rest(self) -> Option<JsonText> {
        if self.members.is_empty() {
            return None;
        }
        let members: Vec<String> = self
            .members
            .iter()
            .map(|(name, value)| format!("{}:{}", quoted(name), value.get()))
            .collect();
        Some(JsonText(format!("{{{}}}", members.join(","))))
    }
}

/// A scalar as text: strings decoded, numbers and booleans as written, arrays
/// and objects as their JSON. `None` for null and for the empty string, which
/// CloudTrail writes where it means "not known".
pub(crate) fn text(value: &RawValue) -> Option<String> {
    let value = value.get();
    if value.starts_with('"') {
        let decoded: String = serde_json::from_str(value).ok()?;
        return (!decoded.is_empty()).then_some(decoded);
    }
    (value != "null").then(|| value.to_owned())
}

fn quoted(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members: Self::Value = Vec::with_capacity(24);
                while let Some(Name(name)) = map.next_key()? {
                    if members.iter().any(|(known, _)| *known == name) {
                        return Err(A::Error::custom(format_args!(
                            "the name \"{name}\" occurs twice"
                        )));
                    }
                    members.push((name, map.next_value()?));
                }
                Ok(members)
            }
        }

        deserializer
            .deserialize_map(Members)
            .map(|members| Fields { members })
    }
}

/// A member name, borrowed when it has no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
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
