//! Condition operators that do not fit the type of their key.

use crate::condition::{Condition, Family};
use crate::service_data::{KeyType, ServiceData};

/// What is wrong with a condition, if anything is.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
pub(super) fn check(data: &ServiceData, condition: &Condition) -> Option<String> {
    let key = data.condition_key(&condition.key)?;
    if fits(condition.operator.family, key.key_type()) {
        return None;
    }
    let (operator, name) = (&condition.source.operator, &condition.source.key);
    let key_type = key.key_type();
    Some(format!(
        "`{operator}` does not fit `{name}`, which is of type {}: use {}",
        key_type.as_str(),
        operators(key_type)
    ))
}

fn fits(family: Family, key_type: KeyType) -> bool {
    match family {
        Family::Null => true,
        Family::StringEquals | Family::StringEqualsIgnoreCase | Family::StringLike => {
            matches!(key_type, KeyType::String | KeyType::Arn)
        }
        Family::Arn => matches!(key_type, KeyType::String | KeyType::Arn),
        Family::Numeric(_) => matches!(key_type, KeyType::Numeric | KeyType::Date),
        Family::Date(_) => key_type == KeyType::Date,
        Family::Bool => key_type == KeyType::Bool,
        Family::Binary => key_type == KeyType::String,
        Family::Ip => key_type == KeyType::IpAddress,
    }
}

fn operators(key_type: KeyType) -> &'static str {
    match key_type {
        KeyType::String => "a String operator",
        KeyType::Arn => "an Arn operator",
        KeyType::Bool => "Bool",
        KeyType::Numeric => "a Numeric operator",
        KeyType::Date => "a Date operator",
        KeyType::IpAddress => "IpAddress or NotIpAddress",
    }
}
