//! THE table of stored columns. The Arrow schema, the Parquet files, the page
//! docs/reference/columns.md and a golden test all come from it.
//!
//! A column is never renamed, renumbered or given another meaning: files stay
//! readable for years. New columns go to the end, with the version that adds
//! them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Fields, Schema, TimeUnit};
use chrono::{DateTime, NaiveDate, Utc};

use crate::event::Event;
use crate::json::JsonText;
use crate::label::Label;
use crate::record::{Resource, TlsDetails};
use crate::{RecordedCause, SessionContext, SessionIssuer, SignIn};

/// The type of a column, from the few that every reader of Parquet knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8 text.
    Text,
    /// JSON as UTF-8 text.
    Json,
    /// True or false.
    Flag,
    /// Microseconds since 1970, UTC.
    Time,
    /// A day, UTC.
    Date,
    /// A signed 64-bit integer.
    Integer,
    /// A list of text.
    Texts,
    /// A list of struct `{arn, account_id, type, arn_prefix}`.
    Resources,
}

/// One value of one event, on its way into an Arrow array.
#[derive(Debug, PartialEq)]
pub enum Stored<'a> {
    /// For [`Kind::Text`] and [`Kind::Json`].
    Text(Option<Cow<'a, str>>),
    /// For [`Kind::Flag`].
    Flag(Option<bool>),
    /// For [`Kind::Time`].
    Time(Option<DateTime<Utc>>),
    /// For [`Kind::Date`].
    Date(NaiveDate),
    /// For [`Kind::Integer`].
    Integer(Option<i64>),
    /// For [`Kind::Texts`].
    Texts(&'a [String]),
    /// For [`Kind::Resources`].
    Resources(&'a [Resource]),
}

/// One stored column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name in every table and file.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// True when it is never null.
    pub required: bool,
    /// The path in the CloudTrail record, or the stage that adds it.
    pub source: &'static str,
    /// False when it says only when a label was made: labels that differ in
    /// nothing else are the same label.
    pub compared: bool,
    /// The version of Trailwright that added it.
    pub since: &'static str,
    /// What it means, in one sentence.
    pub meaning: &'static str,
    /// Where its value comes from.
    pub value: Value,
}

/// Where the value of a column comes from.
#[derive(Clone, Copy, Debug)]
pub enum Value {
    /// From what was received and routed: it never changes.
    OfEvent(OfEvent),
    /// From the label alone: it changes when policies become known late.
    OfLabel(OfLabel),
}

/// The value of a column in an event.
pub type OfEvent = for<'a> fn(&'a Event) -> Stored<'a>;
/// The value of a column in a label.
pub type OfLabel = for<'a> fn(&'a Label) -> Stored<'a>;

/// The columns that say where a file of the lake lies, not what is in it.
pub const PARTITION_COLUMNS: [&str; 2] = ["trail_region", "event_date"];

const fn required(
    name: &'static str,
    kind: Kind,
    source: &'static str,
    meaning: &'static str,
    value: OfEvent,
) -> Column {
    Column {
        name,
        kind,
        required: true,
        source,
        compared: true,
        since: "0.1.0",
        meaning,
        value: Value::OfEvent(value),
    }
}

const fn optional(
    name: &'static str,
    kind: Kind,
    source: &'static str,
    meaning: &'static str,
    value: OfEvent,
) -> Column {
    Column {
        required: false,
        ..required(name, kind, source, meaning, value)
    }
}

/// A column of the label. One that says only when the label was made is
/// `Column { compared: false, ..label(…) }`.
const fn label(name: &'static str, kind: Kind, meaning: &'static str, value: OfLabel) -> Column {
    Column {
        name,
        kind,
        required: true,
        source: "label",
        compared: true,
        since: "0.1.0",
        meaning,
        value: Value::OfLabel(value),
    }
}

const fn optional_label(
    name: &'static str,
    kind: Kind,
    meaning: &'static str,
    value: OfLabel,
) -> Column {
    Column {
        required: false,
        ..label(name, kind, meaning, value)
    }
}

/// A time of the label's making, which is no part of what the label says.
const fn when_labelled(name: &'static str, meaning: &'static str, value: OfLabel) -> Column {
    Column {
        compared: false,
        ..label(name, Kind::Time, meaning, value)
    }
}

fn text(value: &Option<String>) -> Stored<'_> {
    Stored::Text(value.as_deref().map(Cow::Borrowed))
}

fn json(value: &Option<JsonText>) -> Stored<'_> {
    Stored::Text(value.as_ref().map(|json| Cow::Borrowed(json.as_str())))
}

fn word(value: &str) -> Stored<'_> {
    Stored::Text(Some(Cow::Borrowed(value)))
}

fn recorded_cause(label: &Label, field: fn(&RecordedCause) -> Option<&str>) -> Stored<'_> {
    let cause = label.recorded_cause.as_ref();
    Stored::Text(cause.and_then(field).map(Cow::Borrowed))
}

fn issuer(event: &Event, field: fn(&SessionIssuer) -> &Option<String>) -> Stored<'_> {
    let issuer = event.record.user_identity.issuer();
    Stored::Text(
        issuer
            .and_then(|issuer| field(issuer).as_deref())
            .map(Cow::Borrowed),
    )
}

fn session(event: &Event, field: fn(&SessionContext) -> &Option<String>) -> Stored<'_> {
    let session = event.record.user_identity.session.as_ref();
    Stored::Text(
        session
            .and_then(|session| field(session).as_deref())
            .map(Cow::Borrowed),
    )
}

fn tls(event: &Event, field: fn(&TlsDetails) -> &Option<String>) -> Stored<'_> {
    let tls = event.record.tls.as_ref();
    Stored::Text(tls.and_then(|tls| field(tls).as_deref()).map(Cow::Borrowed))
}

fn sign_in<'a>(event: &'a Event, field: fn(&'a SignIn) -> Option<&'a str>) -> Stored<'a> {
    Stored::Text(event.sign_in.as_ref().and_then(field).map(Cow::Borrowed))
}

fn hex(bytes: &[u8; 32]) -> Stored<'static> {
    Stored::Text(Some(Cow::Owned(hex::encode(bytes))))
}

use Kind::{Date, Flag, Integer, Json, Resources, Text, Texts, Time};

/// Every column of the table `events`, in stored order.
#[rustfmt::skip] // One line per column, so that it reads as the table it is.
pub const COLUMNS: &[Column] = &[
    required("event_time", Time, "eventTime", "When the request was completed.", |e| Stored::Time(Some(e.record.event_time))),
    optional("event_id", Text, "eventID", "CloudTrail's identifier of the event; null in a few old or hand-made records.", |e| text(&e.record.event_id)),
    required("event_source", Text, "eventSource", "The service that was called, such as s3.amazonaws.com.", |e| word(&e.record.event_source)),
    required("event_name", Text, "eventName", "The operation that was called.", |e| word(&e.record.event_name)),
    required("aws_region", Text, "awsRegion", "The Region in the record; evidence, never rewritten.", |e| word(&e.record.aws_region)),
    optional("event_version", Text, "eventVersion", "Version of the record format; compare as two integers.", |e| text(&e.record.event_version)),
    optional("event_type", Text, "eventType", "AwsApiCall, AwsConsoleSignIn, AwsServiceEvent and others.", |e| text(&e.record.event_type)),
    optional("event_category", Text, "eventCategory", "Management, Data or NetworkActivity.", |e| text(&e.record.event_category)),
    optional("management_event", Flag, "managementEvent", "True for operations on resources rather than in them.", |e| Stored::Flag(e.record.management_event)),
    optional("read_only", Flag, "readOnly", "True when the operation changes nothing.", |e| Stored::Flag(e.record.read_only)),
    optional("source_ip_address", Text, "sourceIPAddress", "Where the call came from: an address, a service's name, or AWS Internal.", |e| text(&e.record.source_ip_address)),
    optional("user_agent", Text, "userAgent", "The client, as it names itself.", |e| text(&e.record.user_agent)),
    optional("error_code", Text, "errorCode", "The service's error; null when the call succeeded, and for failed console sign-ins.", |e| text(&e.record.error_code)),
    optional("error_message", Text, "errorMessage", "The service's description of the error, cut at 1 KB by CloudTrail.", |e| text(&e.record.error_message)),
    optional("request_id", Text, "requestID", "The service's identifier of the request.", |e| text(&e.record.request_id)),
    optional("api_version", Text, "apiVersion", "Version of the service's interface.", |e| text(&e.record.api_version)),
    optional("recipient_account_id", Text, "recipientAccountId", "The account that received this copy of the event.", |e| text(&e.record.recipient_account_id)),
    optional("shared_event_id", Text, "sharedEventID", "Joins the copies that several accounts received of one action.", |e| text(&e.record.shared_event_id)),
    optional("vpc_endpoint_id", Text, "vpcEndpointId", "The VPC endpoint the call went through.", |e| text(&e.record.vpc_endpoint_id)),
    optional("vpc_endpoint_account_id", Text, "vpcEndpointAccountId", "The owner of that VPC endpoint.", |e| text(&e.record.vpc_endpoint_account_id)),
    optional("session_credential_from_console", Flag, "sessionCredentialFromConsole", "True when the credentials came from a console session.", |e| Stored::Flag(e.record.session_credential_from_console)),
    optional("user_identity_type", Text, "userIdentity.type", "What kind of principal called.", |e| Stored::Text(e.record.user_identity.identity_type.as_ref().map(|kind| Cow::Borrowed(kind.as_str())))),
    optional("user_identity_principal_id", Text, "userIdentity.principalId", "The principal's unique identifier; for a role session with the session's name.", |e| text(&e.record.user_identity.principal_id)),
    optional("user_identity_arn", Text, "userIdentity.arn", "The principal's ARN; of a role session without the role's path.", |e| text(&e.record.user_identity.arn)),
    optional("user_identity_account_id", Text, "userIdentity.accountId", "The principal's account.", |e| text(&e.record.user_identity.account_id)),
    optional("user_identity_access_key_id", Text, "userIdentity.accessKeyId", "The access key that signed the request.", |e| text(&e.record.user_identity.access_key_id)),
    optional("user_identity_user_name", Text, "userIdentity.userName", "The user's name; HIDDEN_DUE_TO_SECURITY_REASONS for names that do not exist.", |e| text(&e.record.user_identity.user_name)),
    optional("user_identity_invoked_by", Text, "userIdentity.invokedBy", "The service that made the call on the principal's behalf.", |e| text(&e.record.user_identity.invoked_by)),
    optional("user_identity_identity_provider", Text, "userIdentity.identityProvider", "The identity provider of a SAML or web identity.", |e| text(&e.record.user_identity.identity_provider)),
    optional("user_identity_on_behalf_of_user_id", Text, "userIdentity.onBehalfOf.userId", "The IAM Identity Center user.", |e| text(&e.record.user_identity.on_behalf_of_user_id)),
    optional("session_issuer_type", Text, "userIdentity.sessionContext.sessionIssuer.type", "What issued the session: Role, IAMUser or Root.", |e| issuer(e, |i| &i.issuer_type)),
    optional("session_issuer_arn", Text, "userIdentity.sessionContext.sessionIssuer.arn", "ARN of the role or user that issued the session, with its path.", |e| issuer(e, |i| &i.arn)),
    optional("session_issuer_principal_id", Text, "userIdentity.sessionContext.sessionIssuer.principalId", "Unique identifier of the issuer.", |e| issuer(e, |i| &i.principal_id)),
    optional("session_issuer_account_id", Text, "userIdentity.sessionContext.sessionIssuer.accountId", "Account of the issuer.", |e| issuer(e, |i| &i.account_id)),
    optional("session_issuer_user_name", Text, "userIdentity.sessionContext.sessionIssuer.userName", "Name of the issuer.", |e| issuer(e, |i| &i.user_name)),
    optional("session_creation_date", Time, "userIdentity.sessionContext.attributes.creationDate", "When the temporary credentials were issued.", |e| Stored::Time(e.record.user_identity.session.as_ref().and_then(|s| s.creation_date))),
    optional("session_mfa_authenticated", Flag, "userIdentity.sessionContext.attributes.mfaAuthenticated", "True when the session was made with multi-factor authentication.", |e| Stored::Flag(e.record.user_identity.session.as_ref().and_then(|s| s.mfa_authenticated))),
    optional("session_source_identity", Text, "userIdentity.sessionContext.sourceIdentity", "Who set the session up, kept through role chains.", |e| session(e, |s| &s.source_identity)),
    optional("session_federated_provider", Text, "userIdentity.sessionContext.webIdFederationData.federatedProvider", "The web identity provider of the session.", |e| session(e, |s| &s.federated_provider)),
    optional("user_identity", Json, "userIdentity", "The whole userIdentity element.", |e| json(&e.record.user_identity_json)),
    optional("tls_version", Text, "tlsDetails.tlsVersion", "The TLS version of the request.", |e| tls(e, |t| &t.version)),
    optional("tls_cipher_suite", Text, "tlsDetails.cipherSuite", "The cipher suite of the request.", |e| tls(e, |t| &t.cipher_suite)),
    optional("tls_client_provided_host_header", Text, "tlsDetails.clientProvidedHostHeader", "The endpoint the client called.", |e| tls(e, |t| &t.host_header)),
    required("resources", Resources, "resources", "The resources the record names.", |e| Stored::Resources(&e.record.resources)),
    optional("request_parameters", Json, "requestParameters", "The request, as JSON text; null when CloudTrail left it out.", |e| json(&e.record.request_parameters)),
    optional("response_elements", Json, "responseElements", "The answer of calls that change something, as JSON text.", |e| json(&e.record.response_elements)),
    optional("additional_event_data", Json, "additionalEventData", "Further data of the service, as JSON text.", |e| json(&e.record.additional_event_data)),
    optional("service_event_details", Json, "serviceEventDetails", "Details of a service event, as JSON text.", |e| json(&e.record.service_event_details)),
    optional("event_context", Json, "eventContext", "The condition keys AWS itself evaluated, where an event data store asked for them.", |e| json(&e.record.event_context)),
    optional("addendum", Json, "addendum", "Why CloudTrail delivered the record late or again.", |e| json(&e.record.addendum)),
    optional("unknown_fields", Json, "every other element", "Elements this version has no column for, as one JSON object.", |e| json(&e.record.unknown_fields)),
    required("scope", Text, "routing", "global or regional.", |e| word(e.routing.scope.as_str())),
    required("route_reason", Text, "routing", "The rule that decided the scope.", |e| word(e.routing.reason.as_str())),
    required("possible_alias_cookie", Flag, "routing", "True when a regional sign-in may have been made at the global endpoint by a browser with an account alias cookie.", |e| Stored::Flag(Some(e.routing.possible_alias_cookie))),
    required("trails", Texts, "routing", "Names of the configured trails that receive the event.", |e| Stored::Texts(&e.routing.trails)),
    optional("sign_in_class", Text, "sign-in", "root, iam_user, federated, identity_center, role_switch, oauth or unknown; null when the event is no sign-in.", |e| sign_in(e, |s| Some(s.class.as_str()))),
    optional("sign_in_outcome", Text, "sign-in", "success or failure.", |e| sign_in(e, |s| s.outcome.map(|outcome| outcome.as_str()))),
    optional("sign_in_mfa_used", Flag, "additionalEventData.MFAUsed, MFAIdentifier, CredentialType", "Whether a second factor was used; always false at the console for federated users, whose factors AWS cannot see.", |e| Stored::Flag(e.sign_in.as_ref().and_then(|s| s.mfa_used))),
    optional("sign_in_login_to", Text, "additionalEventData.LoginTo, RedirectTo", "The page the user was heading to.", |e| sign_in(e, |s| s.login_to.as_deref())),
    label("decision", Text, "The recomputed decision: allow, explicit_deny, implicit_deny, indeterminate or not_evaluated.", |l| word(l.decision.as_str())),
    label("decision_stage", Text, "How far the request got: authentication, authorization or service_event.", |l| word(l.stage.as_str())),
    label("cause_type", Text, "What kind of policy or fact decided.", |l| word(l.cause.cause_type.as_str())),
    optional_label("cause_policy", Text, "ARN or name of the deciding policy.", |l| text(&l.cause.policy)),
    optional_label("cause_policy_version", Text, "Version of the deciding policy.", |l| text(&l.cause.policy_version)),
    optional_label("cause_statement_id", Text, "Sid of the deciding statement.", |l| text(&l.cause.statement_id)),
    optional_label("cause_statement_index", Integer, "Place of the deciding statement in its policy, from 1.", |l| Stored::Integer(l.cause.statement_index.map(i64::from))),
    label("cause", Text, "Why, in one sentence.", |l| word(&l.cause.text)),
    optional_label("principal_arn", Text, "The principal whose policies were asked: for a role session the role's ARN, with its path.", |l| text(&l.principal_arn)),
    label("iam_actions", Texts, "The IAM actions the call needs.", |l| Stored::Texts(&l.actions)),
    label("iam_resources", Texts, "The resources they were evaluated on; * where the record names none.", |l| Stored::Texts(&l.resources)),
    label("unknown_keys", Texts, "Condition keys that would settle an indeterminate decision.", |l| Stored::Texts(&l.unknown_keys)),
    label("assumptions", Texts, "What was assumed because nothing is known of it.", |l| Stored::Texts(&l.assumptions)),
    label("recorded_outcome", Text, "What the record says happened: allowed, denied, authentication_failed, other_error or no_request.", |l| word(l.recorded_outcome.as_str())),
    label("agreement", Text, "The recomputed decision against the recorded outcome: agrees, disagrees, propagation, other_gate or not_comparable.", |l| word(l.agreement_class.agreement().as_str())),
    label("agreement_reason", Text, "Why they agree, disagree or cannot be compared.", |l| word(&l.agreement_reason)),
    required("source", Text, "ingest", "The file, object or topic partition the record came from.", |e| word(&e.provenance.source)),
    required("source_offset", Integer, "ingest", "Offset in bytes within the source, after decompression.", |e| Stored::Integer(i64::try_from(e.provenance.offset).ok())),
    required("ingested_at", Time, "ingest", "When the event was ingested.", |e| Stored::Time(Some(e.provenance.ingested_at))),
    required("raw", Json, "the record", "The record as received; session tokens are replaced by REDACTED.", |e| word(&e.received.raw)),
    required("raw_sha256", Text, "the record", "SHA-256 of the record as received, before anything was replaced.", |e| hex(&e.received.raw_sha256)),
    required("redacted_fields", Texts, "ingest", "Names of the elements that were replaced in raw and its columns; empty when raw is as received.", |e| Stored::Texts(&e.received.redacted_fields)),
    required("content_sha256", Text, "the record", "SHA-256 of the record's content whatever its white space and order; recognises copies.", |e| Stored::Text(Some(Cow::Owned(e.received.content.to_string())))),
    required("trail_region", Text, "routing", "Partition: global, or the Region of a regional event.", |e| word(e.trail_region())),
    required("event_date", Date, "eventTime", "Partition: the UTC day of event_time.", |e| Stored::Date(e.event_date())),
    optional_label("recorded_cause_type", Text, "The type of policy that the record's own message blames, named as in cause_type; null when it names none.", |l| recorded_cause(l, |c| Some(c.policy_type.as_str()))),
    optional_label("recorded_cause_policy", Text, "The ARN of the policy that the record's own message blames; ends in ... where CloudTrail cut it.", |l| recorded_cause(l, |c| c.policy.as_deref())),
    label("agreement_class", Text, "The agreement's reason as one of a closed list (reference/labels.md), for counting.", |l| word(l.agreement_class.as_str())),
    label("label_state", Text, "provisional while a record of a change before the event may still be delivered, then final.", |l| word(l.state.as_str())),
    when_labelled("labelled_at", "When the label was made; later than ingested_at when a change that came late altered it.", |l| Stored::Time(Some(l.labelled_at))),
];

impl Column {
    /// True for the columns in the path of a file instead of in the file.
    pub fn is_partition(&self) -> bool {
        PARTITION_COLUMNS.contains(&self.name)
    }

    /// Its value in a label; `None` for the columns that are none of a label's.
    pub fn of_label(&self) -> Option<OfLabel> {
        match self.value {
            Value::OfLabel(value) => Some(value),
            Value::OfEvent(_) => None,
        }
    }

    /// Its value in an event.
    pub fn of_event<'a>(&self, event: &'a Event) -> Stored<'a> {
        match self.value {
            Value::OfLabel(value) => value(&event.label),
            Value::OfEvent(value) => value(event),
        }
    }

    /// The Arrow field, which carries its Parquet field ID.
    fn field(&self, id: usize) -> Field {
        Field::new(self.name, self.kind.data_type(), !self.required).with_metadata(HashMap::from([
            ("PARQUET:field_id".to_owned(), id.to_string()),
        ]))
    }
}

impl Kind {
    /// The Arrow type.
    pub fn data_type(self) -> DataType {
        match self {
            Self::Text | Self::Json => DataType::Utf8,
            Self::Flag => DataType::Boolean,
            Self::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Date => DataType::Date32,
            Self::Integer => DataType::Int64,
            Self::Texts => list(DataType::Utf8),
            Self::Resources => list(DataType::Struct(resource_fields())),
        }
    }
}

/// The fields of one entry of `resources`.
pub fn resource_fields() -> Fields {
    ["arn", "account_id", "type", "arn_prefix"]
        .map(|name| Field::new(name, DataType::Utf8, true))
        .into_iter()
        .collect()
}

fn list(element: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("element", element, true)))
}

/// The schema of the table `events`, partition columns included. Each field
/// carries its Parquet field ID, which is its place in [`COLUMNS`] from 1.
pub fn event_schema() -> Schema {
    let fields = COLUMNS
        .iter()
        .enumerate()
        .map(|(index, column)| column.field(index + 1));
    Schema::new(fields.collect::<Vec<_>>())
}

/// The schema of the table `rejected`.
pub fn rejected_schema() -> Schema {
    Schema::new(vec![
        Field::new("rejected_id", DataType::Utf8, false),
        Field::new("rejected_at", Kind::Time.data_type(), false),
        Field::new("source", DataType::Utf8, false),
        Field::new("source_offset", DataType::Int64, false),
        Field::new("reason", DataType::Utf8, false),
        Field::new("detail", DataType::Utf8, false),
        Field::new("original", DataType::Binary, false),
        Field::new("original_bytes", DataType::Int64, false),
        Field::new("original_sha256", DataType::Utf8, false),
        Field::new("original_complete", DataType::Boolean, false),
        Field::new("redacted_fields", Kind::Texts.data_type(), false),
    ])
}

#[cfg(test)]
mod tests {
    use super::COLUMNS;

    #[test]
    fn what_comes_from_the_label_can_be_computed_from_the_label_alone() {
        for column in COLUMNS {
            assert_eq!(
                column.source == "label",
                column.of_label().is_some(),
                "{}: a column of the label is defined with label() or optional_label(), \
                 so that relabelling rewrites it",
                column.name
            );
        }
    }

    #[test]
    fn only_columns_of_the_label_are_left_out_of_comparing_labels() {
        for column in COLUMNS.iter().filter(|column| !column.compared) {
            assert!(column.of_label().is_some(), "{}", column.name);
        }
    }
}
