//! Recognising the same record in another dress.
//!
//! Copies of one record arrive through different channels: files, EventBridge,
//! a person's `jq`. White space, the order of members and the spelling of
//! escapes then differ although nothing that was recorded does.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

/// SHA-256 of a record's canonical form: members sorted by name, no white
/// space, strings in one spelling, numbers as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// The hash of one JSON value. `None` when the text is not JSON.
    ///
    /// Text that is JSON but no Unicode, such as half a surrogate pair, has no
    /// other spelling and counts as written.
    pub fn of(json: &str) -> Option<Self> {
        let mut canonical = String::with_capacity(json.len());
        // Records are objects; whatever else it is, it has to be JSON.
        if write_object(json, &mut canonical).is_none() {
            let value: &RawValue = serde_json::from_str(json).ok()?;
            write(value.get(), &mut canonical);
        }
        Some(Self(Sha256::digest(canonical.as_bytes()).into()))
    }

    /// The first 8 bytes, enough to tell two contents of one event ID apart.
    pub fn short(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// Appends the canonical form of `json`, or `json` itself where it has none.
fn write(json: &str, out: &mut String) {
    let written = match json.as_bytes().first() {
        Some(b'{') => write_object(json, out),
        Some(b'[') => write_array(json, out),
        Some(b'"') => write_string(json, out),
        _ => None,
    };
    if written.is_none() {
        out.push_str(json);
    }
}

/// Without a backslash there is one spelling only.
fn write_string(json: &str, out: &mut String) -> Option<()> {
    if !json.contains('\\') {
        out.push_str(json);
        return Some(());
    }
    let text: String = serde_json::from_str(json).ok()?;
    out.push_str(&serde_json::Value::from(text).to_string());
    Some(())
}

fn write_object(json: &str, out: &mut String) -> Option<()> {
    let Members(mut members) = serde_json::from_str(json).ok()?;
    members.sort_by(|(a, _), (b, _)| a.0.cmp(&b.0));
    out.push('{');
    for (index, (name, value)) in members.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        name.write(out);
        out.push(':');
        write(value.get(), out);
    }
    out.push('}');
    Some(())
}

fn write_array(json: &str, out: &mut String) -> Option<()> {
    let elements: Vec<&RawValue> = serde_json::from_str(json).ok()?;
    out.push('[');
    for (index, element) in elements.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(element.get(), out);
    }
    out.push(']');
    Some(())
}

/// The members of an object, repeated names included: unlike
/// [`Fields`](crate::Fields) it hashes what it would refuse to read.
struct Members<'a>(Vec<(Name<'a>, &'a RawValue)>);

/// The name of a member; borrowed when it was written without escapes.
struct Name<'a>(Cow<'a, str>);

impl Name<'_> {
    fn write(&self, out: &mut String) {
        match &self.0 {
            Cow::Borrowed(name) => {
                out.push('"');
                out.push_str(name);
                out.push('"');
            }
            Cow::Owned(name) => {
                out.push_str(&serde_json::Value::from(name.as_str()).to_string());
            }
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }

        deserializer.deserialize_str(Visitor)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Visitor)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn dress_does_not_change_the_hash() {
        let plain = ContentHash::of(r#"{"a":1,"b":["x",{"c":"é"}]}"#);
        let dressed = ContentHash::of("{ \"b\" : [\"x\", {\"c\":\"\\u00e9\"}],\n\"a\":1 }");
        assert_eq!(plain.unwrap(), dressed.unwrap());
    }

    #[test]
    fn the_canonical_form_is_the_one_that_lakes_hold() {
        let hash = ContentHash::of(r#" {"é\n": "a\/b", "\u0061": [1.50, {"z":"\"","a":null}] } "#);
        assert_eq!(
            hash.unwrap(),
            ContentHash(
                Sha256::digest("{\"a\":[1.50,{\"a\":null,\"z\":\"\\\"\"}],\"é\\n\":\"a/b\"}")
                    .into()
            )
        );
    }

    #[test]
    fn any_recorded_difference_changes_the_hash() {
        let texts = [
            r#"{"a":1}"#,
            r#"{"a":"1"}"#,
            r#"{"a":1.0}"#,
            r#"{"a":18446744073709551616}"#,
            r#"{"a":18446744073709551617}"#,
            r#"{"a":[1]}"#,
            r#"{"a":null}"#,
            r#"{"a":1,"b":null}"#,
        ];
        let hashes: std::collections::BTreeSet<_> = texts
            .iter()
            .map(|text| ContentHash::of(text).unwrap())
            .collect();
        assert_eq!(hashes.len(), texts.len());
    }

    #[test]
    fn half_a_surrogate_pair_is_hashed_as_written() {
        let with = |text: &str| ContentHash::of(&format!(r#"{{"b":{{"{text}":1}},"a":"{text}"}}"#));
        assert!(with(r"\ud800").is_some());
        assert_ne!(with(r"\ud800"), with(r"\ud801"));
        assert_eq!(ContentHash::of("{"), None);
    }
}
