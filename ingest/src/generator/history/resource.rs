//! What can be called upon, as sets know it, and its ARN.

use crate::generator::organization::FRANKFURT;

/// The kinds of resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Of actions that work on no resource.
    Nothing,
    Bucket,
    Object,
    Table,
    Queue,
    Topic,
    Secret,
    Function,
    Key,
    Instance,
    User,
    Group,
    Role,
    Policy,
    FederatedUser,
}

/// A resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Resource {
    pub(super) kind: Kind,
    /// The owner.
    pub(super) account: &'static str,
    /// Of an object, the name of its bucket.
    pub(super) name: String,
    /// The folder of an object, the path of an IAM entity; empty otherwise.
    pub(super) folder: &'static str,
    /// The rest of an object's key; empty otherwise.
    pub(super) rest: String,
}

impl Resource {
    pub(super) fn new(kind: Kind, account: &'static str, name: impl Into<String>) -> Self {
        Self {
            kind,
            account,
            name: name.into(),
            folder: "",
            rest: String::new(),
        }
    }

    pub(super) fn nothing(account: &'static str) -> Self {
        Self::new(Kind::Nothing, account, "")
    }

    pub(super) fn at(mut self, folder: &'static str) -> Self {
        self.folder = folder;
        self
    }

    /// An object in the folder of a bucket.
    pub(super) fn object(&self, folder: &'static str, rest: String) -> Self {
        Self {
            kind: Kind::Object,
            account: self.account,
            name: self.name.clone(),
            folder,
            rest,
        }
    }

    /// The key of an object.
    pub(super) fn object_key(&self) -> String {
        format!("{}/{}", self.folder, self.rest)
    }

    pub(super) fn arn(&self) -> String {
        let Self {
            kind,
            account,
            name,
            folder,
            ..
        } = self;
        let regional =
            |service: &str, rest: String| format!("arn:aws:{service}:{FRANKFURT}:{account}:{rest}");
        let path = if folder.is_empty() { "/" } else { folder };
        let entity = |kind: &str| format!("arn:aws:iam::{account}:{kind}{path}{name}");
        match kind {
            Kind::Nothing => "*".to_owned(),
            Kind::Bucket => format!("arn:aws:s3:::{name}"),
            Kind::Object => format!("arn:aws:s3:::{name}/{}", self.object_key()),
            Kind::Table => regional("dynamodb", format!("table/{name}")),
            Kind::Queue => regional("sqs", name.clone()),
            Kind::Topic => regional("sns", name.clone()),
            Kind::Secret => regional("secretsmanager", format!("secret:{name}")),
            Kind::Function => regional("lambda", format!("function:{name}")),
            Kind::Key => regional("kms", format!("key/{name}")),
            Kind::Instance => regional("ec2", format!("instance/{name}")),
            Kind::User => entity("user"),
            Kind::Group => entity("group"),
            Kind::Role => entity("role"),
            Kind::Policy => entity("policy"),
            Kind::FederatedUser => format!("arn:aws:sts::{account}:federated-user/{name}"),
        }
    }

    /// The ARN of what has the resource's policy: of an object, its bucket.
    pub(super) fn policy_holder(&self) -> String {
        match self.kind {
            Kind::Object => format!("arn:aws:s3:::{}", self.name),
            _ => self.arn(),
        }
    }
}

/// The pattern of the ARNs of all resources of a kind in an account.
pub(super) fn pattern(kind: Kind, account: &'static str) -> String {
    let any = Resource::new(kind, account, "*").arn();
    any.replace(&format!(":{FRANKFURT}:"), ":*:")
}
