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
    /// Apart, so that a decision does not read over it.
    pub(crate) source: Box<Source>,
    pub(crate) effect: Effect,
    pub(crate) actions: ActionElement,
    /// `None`: the statement has no Resource, as in trust policies.
    pub(crate) resources: Option<ResourceElement>,
    /// `None`: the statement has no Principal, as in identity-based policies.
    pub(crate) principals: Option<PrincipalElement>,
    pub(crate) conditions: Box<[Condition]>,
    /// AWS would refuse it. It never allows; if it denies, what can be read of it decides.
    pub(crate) broken: bool,
}

/// Where a statement stands and what it is called.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) sid: Option<Box<str>>,
    pub(crate) position: Position,
    pub(crate) span: std::ops::Range<usize>,
}

#[derive(Debug, Clone)]
pub(crate) struct ActionElement {
    pub(crate) negated: bool,
    /// Bits of what the patterns can match: most statements are ruled out without reading them.
    filter: u64,
    /// In lower case.
    pub(crate) patterns: Box<[Glob]>,
}

impl ActionElement {
    pub(crate) fn new(negated: bool, patterns: Box<[Glob]>) -> Self {
        let bits = |pattern: &Glob| match pattern.literal_prefix() {
            (literal, true) => bit(literal),
            (literal, false) => match literal.iter().position(|&b| b == b':') {
                Some(end) => bit(&literal[..end]),
                None => u64::MAX,
            },
        };
        let filter = patterns.iter().map(bits).fold(0, |all, bits| all | bits);
        ActionElement {
            negated,
            filter,
            patterns,
        }
    }

    /// Of every action that the element can cover, one of its [`action_bits`] is among these.
    pub(crate) fn bits(&self) -> u64 {
        if self.negated { u64::MAX } else { self.filter }
    }

    /// Whether the element covers an action. `key` is the action in lower case, `bits` its
    /// [`action_bits`].
    pub(crate) fn covers(&self, key: &str, bits: u64) -> bool {
        let listed = self.filter & bits != 0 && self.patterns.iter().any(|p| p.matches(key));
        listed != self.negated
    }
}

/// The bits under which an action's patterns can be filed: its own and its service's.
pub(crate) fn action_bits(key: &str) -> u64 {
    let service = key.split(':').next().unwrap_or_default();
    bit(key.as_bytes()) | bit(service.as_bytes())
}

/// One of 64 bits for a text.
fn bit(text: &[u8]) -> u64 {
    let hash = text.iter().fold(0u64, |hash, byte| {
        (hash ^ u64::from(*byte))
            .wrapping_mul(0x0100_0000_01b3)
            .rotate_left(29)
    });
    1 << (hash & 63)
}

#[derive(Debug, Clone)]
pub(crate) struct ResourceElement {
    pub(crate) negated: bool,
    pub(crate) patterns: Box<[ResourcePattern]>,
}

impl Statement {
    /// The statement's `Sid`.
    #[must_use]
    pub fn sid(&self) -> Option<&str> {
        self.source.sid.as_deref()
    }

    /// Whether it allows or denies.
    #[must_use]
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// Where the statement begins in its document.
    #[must_use]
    pub fn position(&self) -> Position {
        self.source.position
    }

    /// Whether AWS would refuse the statement; the policy's diagnostics say why.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.broken
    }
}
