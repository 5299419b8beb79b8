//! What a call needs: actions, and where their resources are named.

use trailwright_evaluator::ActionName;
use trailwright_evaluator::service_data::TypeTest;

/// What calls of one name need.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The first whose condition holds counts.
    pub(super) alternatives: Vec<Alternative>,
}

#[derive(Clone, Debug)]
pub(super) struct Alternative {
    /// The request parameter that must be there.
    pub(super) condition: Option<&'static str>,
    pub(super) mapping: Mapping,
}

/// What a call needs.
#[derive(Clone, Debug)]
pub enum Mapping {
    /// These actions, all of them.
    Actions(Vec<Needed>),
    /// No published action; why.
    Unmapped(&'static str),
}

/// An action, and where its resources are named.
#[derive(Clone, Debug)]
pub struct Needed {
    /// The action.
    pub action: ActionName,
    /// The request parameters of which one must be there for the action to be
    /// needed; empty: it always is.
    pub when: Vec<&'static str>,
    /// Where its resources are named.
    pub resources: Resources,
}

/// Where the resources of an action are named.
#[derive(Clone, Debug)]
pub enum Resources {
    /// The action works on no resource: policies say `*`.
    None,
    /// Nothing is published of the action.
    Unknown,
    /// In a parameter that names the role that is passed (`iam:PassRole`).
    PassedRole(Path),
    /// In the parameters that fill the operation's own ARN template.
    Form(Form),
    /// In those that fill the templates of the action's types.
    Types(Vec<Kind>),
}

/// A type of resource that an action works on.
#[derive(Clone, Debug)]
pub struct Kind {
    /// Such as `bucket`.
    pub name: &'static str,
    /// The action always needs one.
    pub required: bool,
    /// Its ARNs have nothing that a request would have to name.
    pub is_fixed: bool,
    /// Whether an ARN is of this type.
    pub test: TypeTest,
    /// How its ARNs are made.
    pub form: Form,
}

/// An ARN template, ready to be filled.
#[derive(Clone, Debug)]
pub struct Form {
    /// What follows `arn:partition:`.
    pub parts: Vec<Part>,
    /// The kind of IAM entity whose path the request leaves out.
    pub entity: Option<&'static str>,
}

/// A part of an ARN.
#[derive(Clone, Debug)]
pub enum Part {
    /// Text as it stands.
    Literal(&'static str),
    /// The partition.
    Partition,
    /// The call's Region.
    Region,
    /// What a parameter says.
    Variable(Variable),
}

/// A part of an ARN that the request names.
#[derive(Clone, Debug)]
pub struct Variable {
    /// It is the account, where that is known.
    pub is_account: bool,
    /// The parameters that may name it, best first.
    pub paths: Vec<Path>,
    /// Where no parameter does, AWS evaluates `*`: the call makes the resource,
    /// or asks for all there are.
    pub is_all_otherwise: bool,
    /// The kind that stands before it in the template (`alias/${Alias}`), and
    /// that values may repeat.
    pub kind: Option<&'static str>,
    /// How its values are read.
    pub reading: Reading,
}

/// How a parameter's value is read to stand in an ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// As it is.
    Plain,
    /// An ARN, with its colons and slashes encoded.
    Encoded,
    /// Without the slash it begins with.
    WithoutSlash,
    /// A key's id; what has a kind before it is none.
    Key,
    /// A queue's name, or the end of its URL.
    Queue,
    /// A function's name, or the end of a partial ARN.
    Function,
    /// A secret's name, to which AWS adds six characters.
    Secret,
}

impl Reading {
    /// The reading of a template variable.
    pub(super) fn of(variable: &str) -> Self {
        match variable {
            "UrlEncodedResourceARN" => Self::Encoded,
            "KeyId" => Self::Key,
            "QueueName" => Self::Queue,
            "FunctionName" => Self::Function,
            "SecretId" => Self::Secret,
            name if name.ends_with("WithoutLeadingSlash") => Self::WithoutSlash,
            _ => Self::Plain,
        }
    }
}

/// Where a value lies in a request: `Outer.Inner`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    text: Box<str>,
    last_at: usize,
    is_common: bool,
    bits: NameBits,
}

/// A set of member names that may claim to have a name too many, and never one
/// too few; letter case does not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NameBits(u64);

impl NameBits {
    /// Adds a name.
    pub fn add(&mut self, name: &str) {
        self.0 |= Self::of(name).0;
    }

    /// Whether the name of which the other set was made can be here.
    pub fn may_have(self, other: NameBits) -> bool {
        self.0 & other.0 == other.0
    }

    /// Two of 64 bits, from the name's length and its outer letters.
    fn of(name: &str) -> Self {
        let bytes = name.as_bytes();
        let letter = |at: usize| u64::from(bytes.get(at).map_or(0, |byte| byte | 0x20));
        let length = bytes.len();
        let first = letter(0) + 7 * letter(1) + 31 * length as u64;
        let last = letter(length.wrapping_sub(1)) + 11 * letter(length / 2) + 17 * length as u64;
        Self(1 << (first & 63) | 1 << (last & 63))
    }
}

/// Names that too many things have: they count only where the path says.
const COMMON: [&str; 5] = ["arn", "id", "key", "name", "value"];

impl Path {
    /// Reads `Outer.Inner`.
    pub fn new(text: &str) -> Self {
        let last_at = text.rfind('.').map_or(0, |at| at + 1);
        let last = &text[last_at..];
        let mut bits = NameBits::default();
        bits.add(last);
        Self {
            text: text.into(),
            last_at,
            bits,
            is_common: COMMON.iter().any(|name| name.eq_ignore_ascii_case(last)),
        }
    }

    /// The path as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The set that has the name at its end only.
    pub fn name_bits(&self) -> NameBits {
        self.bits
    }

    /// The name at its end, unless it is so common that it means nothing
    /// elsewhere.
    pub fn telling_name(&self) -> Option<&str> {
        (!self.is_common).then(|| &self.text[self.last_at..])
    }
}

#[cfg(test)]
mod tests {
    use super::NameBits;

    #[test]
    fn a_set_of_names_has_each_of_them_in_any_case() {
        let bits = |name: &str| {
            let mut bits = NameBits::default();
            bits.add(name);
            bits
        };
        let names = [
            "bucketName",
            "key",
            "x-amz-acl",
            "",
            "i",
            "DBInstanceIdentifier",
        ];
        let mut all = NameBits::default();
        for name in names {
            all.add(name);
        }
        for name in names {
            assert!(all.may_have(bits(&name.to_uppercase())), "{name}");
        }
        assert!(!bits("bucketName").may_have(bits("functionName")));
        assert!(!NameBits::default().may_have(bits("")));
    }
}
