//! A compiled statement.

use crate::arn::ResourcePattern;
use crate::condition::Condition;
use crate::diagnostic::Position;
use crate::pattern::Glob;
use crate::principal_element::PrincipalElement;

/// What a statement does when it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It allows.
    Allow,
    /// It denies.
    Deny,
}

/// One statement of a policy.
#[derive(Debug, Clone)]
pub struct Statement {
    pub(crate) sid: Option<Box<str>>,
    pub(crate) effect: Effect,
    pub(crate) position: Position,
    pub(crate) span: std::ops::Range<usize>,
    pub(crate) actions: ActionElement,
    /// `None`: the statement has no Resource, as in trust policies.
    pub(crate) resources: Option<ResourceElement>,
    /// `None`: the statement has no Principal, as in identity-based policies.
    pub(crate) principals: Option<PrincipalElement>,
    pub(crate) conditions: Vec<Condition>,
    /// AWS would refuse it. It never allows; if it denies, what can be read of it decides.
    pub(crate) broken: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct ActionElement {
    pub(crate) negated: bool,
    /// In lower case.
    pub(crate) patterns: Vec<Glob>,
}

#[derive(Debug, Clone)]
pub(crate) struct ResourceElement {
    pub(crate) negated: bool,
    pub(crate) patterns: Vec<ResourcePattern>,
}

impl Statement {
    /// The statement's `Sid`.
    #[must_use]
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// Whether it allows or denies.
    #[must_use]
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// Where the statement begins in its document.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// Whether AWS would refuse the statement; the policy's diagnostics say why.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.broken
    }
}
