//! The actions that the events of the history need.

use super::resource::Kind;

/// An action of IAM and the event that records it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Action {
    pub(super) service: &'static str,
    /// The name in policies.
    pub(super) name: &'static str,
    /// `eventName`
    pub(super) event: &'static str,
    /// What it works on.
    pub(super) on: Kind,
    pub(super) reads: bool,
    /// Whether it is recorded as a data event.
    pub(super) data: bool,
}

impl PartialEq for Action {
    fn eq(&self, other: &Self) -> bool {
        (self.service, self.name) == (other.service, other.name)
    }
}

impl Action {
    const fn read(service: &'static str, name: &'static str, on: Kind) -> Self {
        Self {
            service,
            name,
            event: name,
            on,
            reads: true,
            data: false,
        }
    }

    /// An action that is recorded under its own name.
    pub(super) const fn write(service: &'static str, name: &'static str, on: Kind) -> Self {
        let mut action = Self::read(service, name, on);
        action.reads = false;
        action
    }

    const fn data(mut self) -> Self {
        self.data = true;
        self
    }

    pub(super) const fn recorded_as(mut self, event: &'static str) -> Self {
        self.event = event;
        self
    }
}

pub(super) const LIST_BUCKET: Action = Action::read("s3", "ListBucket", Kind::Bucket)
    .recorded_as("ListObjects")
    .data();
pub(super) const GET_VERSIONING: Action = Action::read("s3", "GetBucketVersioning", Kind::Bucket);
pub(super) const PUT_VERSIONING: Action = Action::write("s3", "PutBucketVersioning", Kind::Bucket);
pub(super) const GET_OBJECT: Action = Action::read("s3", "GetObject", Kind::Object).data();
pub(super) const PUT_OBJECT: Action = Action::write("s3", "PutObject", Kind::Object).data();
pub(super) const DELETE_OBJECT: Action = Action::write("s3", "DeleteObject", Kind::Object).data();
pub(super) const GET_ITEM: Action = Action::read("dynamodb", "GetItem", Kind::Table).data();
pub(super) const QUERY: Action = Action::read("dynamodb", "Query", Kind::Table).data();
pub(super) const PUT_ITEM: Action = Action::write("dynamodb", "PutItem", Kind::Table).data();
pub(super) const DELETE_ITEM: Action = Action::write("dynamodb", "DeleteItem", Kind::Table).data();
pub(super) const DESCRIBE_TABLE: Action = Action::read("dynamodb", "DescribeTable", Kind::Table);
pub(super) const SEND_MESSAGE: Action = Action::write("sqs", "SendMessage", Kind::Queue).data();
pub(super) const RECEIVE_MESSAGE: Action =
    Action::write("sqs", "ReceiveMessage", Kind::Queue).data();
pub(super) const PUBLISH: Action = Action::write("sns", "Publish", Kind::Topic).data();
pub(super) const GET_SECRET: Action =
    Action::read("secretsmanager", "GetSecretValue", Kind::Secret);
pub(super) const DESCRIBE_SECRET: Action =
    Action::read("secretsmanager", "DescribeSecret", Kind::Secret);
pub(super) const INVOKE: Action = Action::write("lambda", "InvokeFunction", Kind::Function)
    .recorded_as("Invoke")
    .data();
pub(super) const GET_FUNCTION: Action =
    Action::read("lambda", "GetFunction", Kind::Function).recorded_as("GetFunction20150331v2");
pub(super) const DECRYPT: Action = Action::read("kms", "Decrypt", Kind::Key);
pub(super) const ENCRYPT: Action = Action::read("kms", "Encrypt", Kind::Key);
pub(super) const DESCRIBE_KEY: Action = Action::read("kms", "DescribeKey", Kind::Key);
pub(super) const DESCRIBE_INSTANCES: Action =
    Action::read("ec2", "DescribeInstances", Kind::Nothing);
pub(super) const DESCRIBE_VPCS: Action = Action::read("ec2", "DescribeVpcs", Kind::Nothing);
pub(super) const START_INSTANCES: Action = Action::write("ec2", "StartInstances", Kind::Instance);
pub(super) const STOP_INSTANCES: Action = Action::write("ec2", "StopInstances", Kind::Instance);
pub(super) const GET_USER: Action = Action::read("iam", "GetUser", Kind::User);
pub(super) const LIST_ACCESS_KEYS: Action = Action::read("iam", "ListAccessKeys", Kind::User);
pub(super) const LOOKUP_EVENTS: Action = Action::read("cloudtrail", "LookupEvents", Kind::Nothing);

/// The actions that callers try.
pub(super) const TRIED: [Action; 28] = [
    LIST_BUCKET,
    GET_VERSIONING,
    PUT_VERSIONING,
    GET_OBJECT,
    PUT_OBJECT,
    DELETE_OBJECT,
    GET_ITEM,
    QUERY,
    PUT_ITEM,
    DELETE_ITEM,
    DESCRIBE_TABLE,
    SEND_MESSAGE,
    RECEIVE_MESSAGE,
    PUBLISH,
    GET_SECRET,
    DESCRIBE_SECRET,
    INVOKE,
    GET_FUNCTION,
    DECRYPT,
    ENCRYPT,
    DESCRIBE_KEY,
    DESCRIBE_INSTANCES,
    DESCRIBE_VPCS,
    START_INSTANCES,
    STOP_INSTANCES,
    GET_USER,
    LIST_ACCESS_KEYS,
    LOOKUP_EVENTS,
];

pub(super) const ASSUME_ROLE: Action = Action::read("sts", "AssumeRole", Kind::Role);
pub(super) const TAG_SESSION: Action = Action::write("sts", "TagSession", Kind::Role);
pub(super) const SET_SOURCE_IDENTITY: Action =
    Action::write("sts", "SetSourceIdentity", Kind::Role);
pub(super) const GET_FEDERATION_TOKEN: Action =
    Action::write("sts", "GetFederationToken", Kind::FederatedUser);
/// Needs no permission.
pub(super) const GET_CALLER_IDENTITY: Action =
    Action::read("sts", "GetCallerIdentity", Kind::Nothing);
