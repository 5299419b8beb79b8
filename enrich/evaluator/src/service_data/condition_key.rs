//! Condition keys and their types.

/// The type of a condition key's values.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyType {
    /// Text.
    String,
    /// An ARN.
    Arn,
    /// `true` or `false`.
    Bool,
    /// A number.
    Numeric,
    /// A date, or seconds since 1970.
    Date,
    /// An IP address.
    IpAddress,
}

impl KeyType {
    /// The type as AWS writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            KeyType::String => "String",
            KeyType::Arn => "ARN",
            KeyType::Bool => "Bool",
            KeyType::Numeric => "Numeric",
            KeyType::Date => "Date",
            KeyType::IpAddress => "IPAddress",
        }
    }
}

/// A condition key of a service, or one of all services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConditionKey {
    name: &'static str,
    key_type: KeyType,
    is_multivalued: bool,
}

impl ConditionKey {
    /// Reads a type such as `ArrayOfString`.
    pub(super) fn new(type_name: &str, name: &'static str) -> Option<Self> {
        let (is_multivalued, single) = match type_name.strip_prefix("ArrayOf") {
            Some(single) => (true, single),
            None => (false, type_name),
        };
        let key_type = match single {
            "String" => KeyType::String,
            "ARN" => KeyType::Arn,
            "Bool" => KeyType::Bool,
            "Numeric" => KeyType::Numeric,
            "Date" => KeyType::Date,
            "IPAddress" => KeyType::IpAddress,
            _ => return None,
        };
        Some(ConditionKey {
            name,
            key_type,
            is_multivalued,
        })
    }

    /// Its name as AWS writes it; `${TagKey}` or `<key>` in it stands for any text.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The type of its value, or of each of its values.
    #[must_use]
    pub fn key_type(&self) -> KeyType {
        self.key_type
    }

    /// Whether it holds a list of values.
    #[must_use]
    pub fn is_multivalued(&self) -> bool {
        self.is_multivalued
    }

    /// Whether a key as written in a policy is this one. Names ignore case.
    #[must_use]
    pub fn is_named(&self, key: &str) -> bool {
        let placeholder = self.name.find("${").zip(Some('}'));
        let placeholder = placeholder.or_else(|| self.name.find('<').zip(Some('>')));
        let Some((start, close)) = placeholder else {
            return self.name.eq_ignore_ascii_case(key);
        };
        let (before, rest) = self.name.split_at(start);
        let after = rest.split_once(close).map_or("", |(_, after)| after);
        key.len() > before.len() + after.len()
            && starts_with(key, before)
            && key
                .get(key.len() - after.len()..)
                .is_some_and(|end| end.eq_ignore_ascii_case(after))
    }
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len())
        .is_some_and(|begin| begin.eq_ignore_ascii_case(start))
}
