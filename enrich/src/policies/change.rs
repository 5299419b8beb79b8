//! What one input says: facts that are so from a moment on.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use trailwright_evaluator::{Policy, PolicyId};

use super::moment::{Moment, Origin};

/// A fact with its time and source.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// `None`: it counts for all times.
    pub(crate) at: Option<Moment>,
    pub(crate) origin: Arc<Origin>,
    pub(crate) fact: Stated,
}

/// The kinds of IAM entities that policies are attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    User,
    Group,
    Role,
}

impl Kind {
    /// The word in ARNs.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Role => "role",
        }
    }

    pub(crate) fn of_word(word: &str) -> Option<Self> {
        [Self::User, Self::Group, Self::Role]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// A user, group or role. Its name is unique in its account, whatever its path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct EntityKey {
    pub(crate) kind: Kind,
    pub(crate) account: Arc<str>,
    pub(crate) name: Arc<str>,
}

impl EntityKey {
    pub(crate) fn new(kind: Kind, account: &str, name: &str) -> Self {
        Self {
            kind,
            account: account.into(),
            name: name.into(),
        }
    }

    /// Reads `arn:aws:iam::ACCOUNT:role/PATH/NAME`.
    pub(crate) fn of_arn(arn: &str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':').skip(2);
        if parts.next()? != "iam" {
            return None;
        }
        let (account, resource) = (parts.nth(1)?, parts.next()?);
        let (kind, path) = resource.split_once('/')?;
        let name = path.rsplit('/').next()?;
        Some(Self::new(Kind::of_word(kind)?, account, name))
    }

    /// Reads the same, or `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION` as the
    /// role that people mean by it.
    pub(crate) fn meant_by(arn: &str) -> Option<Self> {
        let of_session = || {
            let mut parts = arn.splitn(6, ':').skip(2);
            let is_sts = parts.next()? == "sts";
            let (account, resource) = (parts.nth(1)?, parts.next()?);
            let name = resource.strip_prefix("assumed-role/")?.split('/').next()?;
            is_sts.then(|| Self::new(Kind::Role, account, name))
        };
        Self::of_arn(arn).or_else(of_session)
    }
}

/// One life of something: a name may be used again after a deletion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    pub(crate) arn: Arc<str>,
    /// AWS's unique identifier (`AROA…`), where known.
    pub(crate) unique_id: Option<Arc<str>>,
    /// When it was made, where a file tells.
    pub(crate) created: Option<DateTime<Utc>>,
    /// Its maker attaches policies that no event tells of, as for
    /// service-linked roles.
    pub(crate) with_unseen_policies: bool,
}

/// A policy document.
#[derive(Clone, Debug)]
pub(crate) enum Document {
    /// It could be read.
    Readable(Policy),
    /// It could not; what it is called and why.
    Unreadable { name: String, why: String },
}

impl Document {
    /// Compiles a document that AWS accepted, from a record.
    pub(crate) fn compile(id: PolicyId, text: &str) -> Self {
        let name = id.arn.clone().unwrap_or_else(|| id.name.clone());
        match Policy::compile(id, text) {
            Ok(policy) => Self::Readable(policy),
            Err(unreadable) => Self::Unreadable {
                name,
                why: unreadable.diagnostic.message,
            },
        }
    }

    pub(crate) fn policy(&self) -> Option<&Policy> {
        match self {
            Self::Readable(policy) => Some(policy),
            Self::Unreadable { .. } => None,
        }
    }
}

/// Two documents are equal if they say the same, whatever their white space:
/// exports print them anew.
impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        let tree = |policy: &Policy| serde_json::from_str::<serde_json::Value>(policy.text()).ok();
        match (self, other) {
            (Self::Readable(a), Self::Readable(b)) => {
                a.text() == b.text() || tree(a).is_some_and(|value| Some(value) == tree(b))
            }
            (Self::Unreadable { why: a, .. }, Self::Unreadable { why: b, .. }) => a == b,
            _ => false,
        }
    }
}

/// A session: what was passed when its credentials were issued. It never
/// changes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Session {
    /// The document passed, if one was.
    pub(crate) inline: Vec<Document>,
    /// ARNs of the managed policies passed.
    pub(crate) managed: Vec<Arc<str>>,
    /// Session tags, those handed on by role chaining included.
    pub(crate) tags: Vec<(String, String)>,
}

/// The two types of organization policies that take part in evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Control {
    Service,
    Resource,
}

/// A fact.
#[derive(Clone, Debug)]
pub(crate) enum Stated {
    /// A snapshot that lists all entities of a kind in an account.
    AllListed { account: Arc<str>, kind: Kind },
    /// A user, group or role exists, or is gone.
    Entity(EntityKey, Option<Life>),
    /// It has an inline policy of that name, or not.
    Inline(EntityKey, Arc<str>, Option<Document>),
    /// A managed policy is attached to it, or not.
    Attached(EntityKey, Arc<str>, bool),
    /// A user is in a group, or not.
    Member(EntityKey, Arc<str>, bool),
    /// It has a permissions boundary, or not.
    Boundary(EntityKey, Option<Arc<str>>),
    /// A role's trust policy.
    Trust(EntityKey, Option<Document>),
    /// It has a tag, or not.
    Tag(EntityKey, Arc<str>, Option<Arc<str>>),
    /// A managed policy exists, or is gone.
    Policy(Arc<str>, bool),
    /// A managed policy has a version, or not.
    PolicyVersion(Arc<str>, Arc<str>, Option<Document>),
    /// When a version of a managed policy was made, as files tell.
    VersionCreated(Arc<str>, Arc<str>, DateTime<Utc>),
    /// The version of a managed policy that is in force.
    DefaultVersion(Arc<str>, Option<Arc<str>>),
    /// A resource has a policy, or none.
    ResourcePolicy {
        resource: Arc<str>,
        account: Option<Arc<str>>,
        document: Option<Document>,
    },
    /// One statement of a resource's policy, or the list of those that go by
    /// one name, where calls add and remove them one by one.
    ResourceStatement {
        resource: Arc<str>,
        account: Option<Arc<str>>,
        sid: Arc<str>,
        statement: Option<Arc<str>>,
    },
    /// What was passed to a session, by access key ID or session ARN.
    Session(Arc<str>, Session),
    /// A session that goes on under a new access key.
    SessionGoesOn { key: Arc<str>, before: Arc<str> },
    /// Console authorization is on for an account (twelve digits), an
    /// organization (`o-…`) or its root (`r-…`), or it is off.
    ConsoleAuthorization { target: Arc<str>, on: bool },
    /// An account's alias, or that it has none.
    Alias(Arc<str>, Option<Arc<str>>),
    /// The organization, its management account, and that the tree that comes
    /// with it is whole.
    Organization {
        id: Option<Arc<str>>,
        management_account: Option<Arc<str>>,
    },
    /// A node of the organization lies below another, or is gone. The root
    /// lies below `""`.
    Parent(Arc<str>, Option<Arc<str>>),
    /// A policy is attached to a node, or not.
    Control {
        target: Arc<str>,
        policy: Arc<str>,
        attached: bool,
    },
    /// The content of a service or resource control policy.
    ControlContent {
        policy: Arc<str>,
        control: Control,
        document: Option<Document>,
    },
    /// A type of policy is in use at the root, or not.
    ControlInUse(Control, bool),
}
