//! What is wrong with a policy document, and where.

use std::fmt;

/// A place in a document: both numbers start at 1; a column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// Where the lines of a text begin, to turn offsets into positions.
pub(crate) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    /// Bytes are characters, so a column is a difference.
    ascii: bool,
}

impl<'t> Lines<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let after_newlines = text.match_indices('\n').map(|(at, _)| at + 1);
        Lines {
            text,
            starts: std::iter::once(0).chain(after_newlines).collect(),
            ascii: text.is_ascii(),
        }
    }

    /// The position of a byte.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line.wrapping_sub(1)).copied().unwrap_or(0);
        let before = if self.ascii {
            offset.min(self.text.len()) - start
        } else {
            let rest = self.text.get(start..).unwrap_or_default();
            rest.char_indices()
                .take_while(|(at, _)| start + at < offset)
                .count()
        };
        Position {
            line: to_u32(line),
            column: to_u32(before + 1),
        }
    }
}

fn to_u32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The document is accepted; the author probably meant something else.
    Warning,
    /// AWS would refuse the document. The statement concerned fails closed: it never allows, and
    /// denies whatever its readable elements match.
    Error,
}

/// What kind of finding a diagnostic is. Stable: tools may rely on these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// Not JSON.
    Syntax,
    /// JSON of the wrong shape: an array where an object belongs, a number where text belongs.
    Shape,
    /// The document has no `Statement`.
    NoStatement,
    /// `Version` is neither 2012-10-17 nor 2008-10-17.
    UnknownVersion,
    /// `Effect` is missing or neither `Allow` nor `Deny`.
    BadEffect,
    /// Neither `Action` nor `NotAction`, or both.
    BadAction,
    /// Both `Resource` and `NotResource`, or an empty one.
    BadResource,
    /// Both `Principal` and `NotPrincipal`, or a principal that is none.
    BadPrincipal,
    /// A condition operator that does not exist.
    UnknownOperator,
    /// A condition value its operator cannot compare: no date, no number, no address.
    BadValue,
    /// An element that does not exist.
    UnknownElement,
    /// The same element or key twice in one object.
    Duplicate,
    /// A policy variable where variables are not replaced, or one that is not closed.
    BadVariable,
    /// The same `Sid` twice.
    DuplicateSid,
    /// A service prefix that AWS does not list.
    UnknownService,
    /// An action that its service does not list.
    UnknownAction,
    /// A pattern that covers no action.
    UnmatchedAction,
    /// A condition operator for values of another type than the key's.
    OperatorType,
    /// A resource that none of the statement's actions works on.
    UnsupportedResource,
}

impl Code {
    /// The code as tools print it, for example `unknown-operator`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Code::Syntax => "syntax",
            Code::Shape => "shape",
            Code::NoStatement => "no-statement",
            Code::UnknownVersion => "unknown-version",
            Code::BadEffect => "bad-effect",
            Code::BadAction => "bad-action",
            Code::BadResource => "bad-resource",
            Code::BadPrincipal => "bad-principal",
            Code::UnknownOperator => "unknown-operator",
            Code::BadValue => "bad-value",
            Code::UnknownElement => "unknown-element",
            Code::Duplicate => "duplicate",
            Code::BadVariable => "bad-variable",
            Code::DuplicateSid => "duplicate-sid",
            Code::UnknownService => "unknown-service",
            Code::UnknownAction => "unknown-action",
            Code::UnmatchedAction => "unmatched-action",
            Code::OperatorType => "operator-type",
            Code::UnsupportedResource => "unsupported-resource",
        }
    }
}

/// One finding in a policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of finding.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong and how to mend it, for a person.
    pub message: String,
    /// Where in the document.
    pub position: Position,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        write!(
            f,
            "{}: {severity}[{}]: {}",
            self.position,
            self.code.as_str(),
            self.message
        )
    }
}
