//! Condition operators by name.

/// An operator with its prefix and suffix taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operator {
    pub(crate) quantifier: Quantifier,
    pub(crate) family: Family,
    /// `Not` operators: the condition holds if no value matches.
    pub(crate) negated: bool,
    pub(crate) if_exists: bool,
}

/// The set operators for multivalued keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantifier {
    None,
    All,
    Any,
}

/// What is compared and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    Arn,
    Numeric(Compare),
    Date(Compare),
    Bool,
    Binary,
    Ip,
    Null,
}

/// How numbers and dates are compared: request value against policy value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compare {
    Equals,
    Less,
    LessEquals,
    Greater,
    GreaterEquals,
}

impl Compare {
    pub(crate) fn accepts(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Compare::Equals => ordering.is_eq(),
            Compare::Less => ordering.is_lt(),
            Compare::LessEquals => ordering.is_le(),
            Compare::Greater => ordering.is_gt(),
            Compare::GreaterEquals => ordering.is_ge(),
        }
    }
}

impl Operator {
    /// Reads an operator's name; names are case-insensitive. `None` if there is no such operator.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let (quantifier, name) = match name.split_once(':') {
            Some(("forallvalues", rest)) => (Quantifier::All, rest),
            Some(("foranyvalue", rest)) => (Quantifier::Any, rest),
            Some(_) => return None,
            None => (Quantifier::None, name.as_str()),
        };
        let (name, if_exists) = match name.strip_suffix("ifexists") {
            Some(base) => (base, true),
            None => (name, false),
        };
        let (family, negated) = match name {
            "null" => (Family::Null, false),
            "bool" => (Family::Bool, false),
            "binaryequals" => (Family::Binary, false),
            "ipaddress" => (Family::Ip, false),
            "notipaddress" => (Family::Ip, true),
            "stringequals" => (Family::StringEquals, false),
            "stringnotequals" => (Family::StringEquals, true),
            "stringequalsignorecase" => (Family::StringEqualsIgnoreCase, false),
            "stringnotequalsignorecase" => (Family::StringEqualsIgnoreCase, true),
            "stringlike" => (Family::StringLike, false),
            "stringnotlike" => (Family::StringLike, true),
            "arnequals" | "arnlike" => (Family::Arn, false),
            "arnnotequals" | "arnnotlike" => (Family::Arn, true),
            _ => match (name.strip_prefix("numeric"), name.strip_prefix("date")) {
                (Some(rest), _) => {
                    compare(rest).map(|(how, negated)| (Family::Numeric(how), negated))?
                }
                (_, Some(rest)) => {
                    compare(rest).map(|(how, negated)| (Family::Date(how), negated))?
                }
                _ => return None,
            },
        };
        // `Null` asks whether the key exists, so neither suffix nor set operator fits it.
        if family == Family::Null && (if_exists || quantifier != Quantifier::None) {
            return None;
        }
        Some(Operator {
            quantifier,
            family,
            negated,
            if_exists,
        })
    }

    /// Whether policy variables are replaced in values: only text and ARN operators take them.
    pub(crate) fn takes_variables(self) -> bool {
        use Family::{Arn, StringEquals, StringEqualsIgnoreCase, StringLike};
        matches!(
            self.family,
            StringEquals | StringEqualsIgnoreCase | StringLike | Arn
        )
    }
}

fn compare(name: &str) -> Option<(Compare, bool)> {
    Some(match name {
        "equals" => (Compare::Equals, false),
        "notequals" => (Compare::Equals, true),
        "lessthan" => (Compare::Less, false),
        "lessthanequals" => (Compare::LessEquals, false),
        "greaterthan" => (Compare::Greater, false),
        "greaterthanequals" => (Compare::GreaterEquals, false),
        _ => return None,
    })
}
