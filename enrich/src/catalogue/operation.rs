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
    /// Its name in the template.
    pub name: &'static str,
    /// It is the account, where that is known.
    pub is_account: bool,
    /// The parameters that may name it, best first.
    pub paths: Vec<Path>,
    /// Where no parameter does, AWS evaluates `*`: the call makes the resource,
    /// or asks for all there are.
    pub is_all_otherwise: bool,
    /// The text before it in the template.
    pub before: &'static str,
}

/// Where a value lies in a request: `Outer.Inner`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    text: Box<str>,
    last_at: usize,
    is_common: bool,
}

/// Names that too many things have: they count only where the path says.
const COMMON: [&str; 5] = ["arn", "id", "key", "name", "value"];

impl Path {
    /// Reads `Outer.Inner`.
    pub fn new(text: &str) -> Self {
        let last_at = text.rfind('.').map_or(0, |at| at + 1);
        let last = &text[last_at..];
        Self {
            text: text.into(),
            last_at,
            is_common: COMMON.iter().any(|name| name.eq_ignore_ascii_case(last)),
        }
    }

    /// The path as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name at its end, unless it is so common that it means nothing
    /// elsewhere.
    pub fn telling_name(&self) -> Option<&str> {
        (!self.is_common).then(|| &self.text[self.last_at..])
    }
}
