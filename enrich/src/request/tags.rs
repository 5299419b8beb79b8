//! The tags that a call passes, in the shapes that AWS's APIs have for them: a
//! list of keys and values, a map, EC2's sets of items and specifications, S3's
//! XML as JSON, and a header.

use std::borrow::Cow;

use super::json::Json;

/// A tag; untagging names keys only.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tag<'t> {
    pub(super) key: Cow<'t, str>,
    pub(super) value: Option<Cow<'t, str>>,
}

/// What a request says of tags.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tags<'t> {
    /// These; none, when it passes none.
    Known(Vec<Tag<'t>>),
    /// The parameters are not recorded, or something that looks like tags has
    /// a shape that is not known.
    Unclear,
}

impl<'t> Tags<'t> {
    pub(super) fn pairs(&self) -> &[Tag<'t>] {
        match self {
            Tags::Known(pairs) => pairs,
            Tags::Unclear => &[],
        }
    }
}

/// Members that hold tags, as AWS's APIs call them.
const HOLDERS: [&str; 11] = [
    "tags",
    "tagSet",
    "tagList",
    "tagsList",
    "tagsSet",
    "tagsModel",
    "tagging",
    "tagSpecification",
    "tagSpecifications",
    "tagSpecificationSet",
    "principalTags",
];

/// Members that hold keys of tags to remove.
const KEY_HOLDERS: [&str; 3] = ["tagKeys", "tagKeyList", "tagsToRemove"];

/// Members that look like tags of the request and are not: they say which tags
/// a session hands on, and which it was handed.
const OTHERS: [&str; 2] = ["transitiveTagKeys", "incomingTransitiveTags"];

/// What lists of tags are wrapped in.
const WRAPPERS: [&str; 6] = ["items", "tags", "tag", "tagSet", "member", "tagList"];

/// EC2 wraps some requests in an object, and S3 its tags in another.
const DEPTH_MAX: usize = 3;

/// The tags among the parameters.
pub(super) fn of_request<'t>(parameters: &'t Json<'_>) -> Tags<'t> {
    let mut pairs = Vec::new();
    if parameters.is_null() || !gather(parameters, DEPTH_MAX, &mut pairs) {
        return Tags::Unclear;
    }
    Tags::Known(pairs)
}

/// The tags of a new object of S3: `x-amz-tagging: a=b&c=d`.
pub(super) fn of_object<'t>(parameters: &'t Json<'_>) -> Tags<'t> {
    match parameters.member("x-amz-tagging") {
        Some(Json::Text(header)) => {
            let pairs = form_urlencoded::parse(header.as_bytes());
            let tag = |(key, value)| Tag {
                key,
                value: Some(value),
            };
            Tags::Known(pairs.map(tag).collect())
        }
        Some(_) => Tags::Unclear,
        None if parameters.is_null() => Tags::Unclear,
        None => Tags::Known(Vec::new()),
    }
}

/// Adds the tags of a value's members; `false` if some have an unknown shape.
fn gather<'t>(value: &'t Json<'_>, depth: usize, pairs: &mut Vec<Tag<'t>>) -> bool {
    let mut is_clear = true;
    for (name, value) in value.members() {
        let is_in = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        is_clear &= if is_in(&HOLDERS) {
            collect(value, pairs)
        } else if is_in(&KEY_HOLDERS) {
            collect_keys(value, pairs)
        } else if is_in(&OTHERS) {
            true
        } else if depth > 0 && matches!(value, Json::Object(_)) {
            gather(value, depth - 1, pairs)
        } else {
            !looks_like_tags(name, value)
        };
    }
    is_clear
}

/// A list or an object with "tag" as a word in its name.
fn looks_like_tags(name: &str, value: &Json<'_>) -> bool {
    let is_holder = matches!(value, Json::List(_) | Json::Object(_));
    is_holder && (name.starts_with("tag") || name.contains("Tag"))
}

/// EC2 numbers its entries by a member `tag`, which is none.
fn is_wrapper((name, value): &&(Cow<'_, str>, Json<'_>)) -> bool {
    let is_holder = matches!(value, Json::List(_) | Json::Object(_));
    is_holder
        && WRAPPERS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
}

fn collect<'t>(value: &'t Json<'_>, pairs: &mut Vec<Tag<'t>>) -> bool {
    match value {
        Json::Null => true,
        Json::List(values) => values.iter().all(|value| collect(value, pairs)),
        Json::Object(members) => {
            let either = |names: [&str; 2]| names.iter().find_map(|name| value.member(name));
            if let Some(Json::Text(key)) = either(["key", "tagKey"]) {
                pairs.push(Tag {
                    key: Cow::Borrowed(key),
                    value: either(["value", "tagValue"]).and_then(text),
                });
                return true;
            }
            let mut wrapped = members.iter().filter(is_wrapper).peekable();
            if wrapped.peek().is_some() {
                return wrapped.all(|(_, value)| collect(value, pairs));
            }
            members.iter().all(|(key, value)| {
                let value = text(value);
                let is_text = value.is_some();
                pairs.push(Tag {
                    key: Cow::Borrowed(key),
                    value,
                });
                is_text
            })
        }
        Json::Bool(_) | Json::Number(_) | Json::Text(_) => false,
    }
}

fn collect_keys<'t>(value: &'t Json<'_>, pairs: &mut Vec<Tag<'t>>) -> bool {
    match value {
        Json::List(values) => values.iter().all(|value| collect_keys(value, pairs)),
        Json::Text(key) => {
            pairs.push(Tag {
                key: Cow::Borrowed(key),
                value: None,
            });
            true
        }
        Json::Object(_) => collect(value, pairs),
        Json::Null => true,
        Json::Bool(_) | Json::Number(_) => false,
    }
}

/// Text, the empty one included: a tag's value may be empty.
fn text<'t>(value: &'t Json<'_>) -> Option<Cow<'t, str>> {
    match value {
        Json::Text(text) => Some(Cow::Borrowed(text)),
        other => other.scalar(),
    }
}

#[cfg(test)]
mod tests;
