//! One CloudTrail record as received.
//!
//! Source: CloudTrail User Guide, "CloudTrail record contents"
//! (cloudtrail-event-reference-record-contents).

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::identity::UserIdentity;
use crate::json::{Fields, JsonText};
use crate::rejected::Reason;

/// What a record may weigh before it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Size of one record in bytes. CloudTrail's own limit is 256 KB, or 1 MB
    /// for event data stores that asked for it.
    pub record_bytes_max: usize,
    /// Depth of nested arrays and objects. Real records reach 11.
    pub nesting_max: usize,
}

impl Limits {
    /// None: what is stored was read once and is read again, whatever the
    /// limits are now.
    pub const NONE: Self = Self {
        record_bytes_max: usize::MAX,
        nesting_max: usize::MAX,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            record_bytes_max: 4 * 1024 * 1024,
            nesting_max: 100,
        }
    }
}

/// `eventVersion`: two integers, so that 1.8 comes before 1.10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventVersion {
    /// Before the point; a new one may break readers.
    pub major: u16,
    /// After the point; a new one adds fields.
    pub minor: u16,
}

impl EventVersion {
    /// Reads `1.08`. `None` when it is not two integers with a point between.
    pub fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.split_once('.')?;
        Some(Self {
            major: major.parse().ok()?,
            minor: minor.parse().ok()?,
        })
    }
}

/// One entry of `resources`. Real records use four subsets of these fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resource {
    /// `ARN`
    pub arn: Option<String>,
    /// `accountId`: the resource's owner.
    pub account_id: Option<String>,
    /// `type`, such as `AWS::S3::Object`.
    pub resource_type: Option<String>,
    /// `ARNPrefix`: several resources that begin so.
    pub arn_prefix: Option<String>,
}

/// `tlsDetails`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsDetails {
    /// `tlsVersion`
    pub version: Option<String>,
    /// `cipherSuite`
    pub cipher_suite: Option<String>,
    /// `clientProvidedHostHeader`: the endpoint the client called.
    pub host_header: Option<String>,
}

/// A CloudTrail record whose mandatory elements could be read: time, source,
/// name and Region. Everything else may be missing or oddly typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// `eventTime`: when the request was completed.
    pub event_time: DateTime<Utc>,
    /// `eventSource`, such as `s3.amazonaws.com`.
    pub event_source: String,
    /// `eventName`
    pub event_name: String,
    /// `awsRegion`: evidence, never rewritten.
    pub aws_region: String,
    /// `eventID`
    pub event_id: Option<String>,
    /// `eventVersion` as written.
    pub event_version: Option<String>,
    /// `eventType`
    pub event_type: Option<String>,
    /// `eventCategory`
    pub event_category: Option<String>,
    /// `userIdentity`
    pub user_identity: UserIdentity,
    /// `userIdentity` as received.
    pub user_identity_json: Option<JsonText>,
    /// `sourceIPAddress`: an address, a service's name, or `AWS Internal`.
    pub source_ip_address: Option<String>,
    /// `userAgent`
    pub user_agent: Option<String>,
    /// `errorCode`
    pub error_code: Option<String>,
    /// `errorMessage`, cut by CloudTrail at 1 KB.
    pub error_message: Option<String>,
    /// `requestID`
    pub request_id: Option<String>,
    /// `apiVersion`
    pub api_version: Option<String>,
    /// `readOnly`
    pub read_only: Option<bool>,
    /// `managementEvent`
    pub management_event: Option<bool>,
    /// `recipientAccountId`: the account that received this copy.
    pub recipient_account_id: Option<String>,
    /// `sharedEventID`: joins the copies that several accounts received.
    pub shared_event_id: Option<String>,
    /// `vpcEndpointId`
    pub vpc_endpoint_id: Option<String>,
    /// `vpcEndpointAccountId`
    pub vpc_endpoint_account_id: Option<String>,
    /// `sessionCredentialFromConsole`
    pub session_credential_from_console: Option<bool>,
    /// `resources`
    pub resources: Vec<Resource>,
    /// `tlsDetails`
    pub tls: Option<TlsDetails>,
    /// `requestParameters`
    pub request_parameters: Option<JsonText>,
    /// `responseElements`
    pub response_elements: Option<JsonText>,
    /// `additionalEventData`
    pub additional_event_data: Option<JsonText>,
    /// `serviceEventDetails`
    pub service_event_details: Option<JsonText>,
    /// `eventContext`
    pub event_context: Option<JsonText>,
    /// `addendum`: why CloudTrail delivered this record late or again.
    pub addendum: Option<JsonText>,
    /// Every element this version has no name for, as one JSON object.
    pub unknown_fields: Option<JsonText>,
}

impl Record {
    /// Reads one record from its JSON text. The error says, for a person, why
    /// the record cannot become an event.
    pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Self, (Reason, String)> {
        let text = check(bytes, limits)?;
        let fields = Fields::parse(text).map_err(|error| {
            if text.starts_with('{') {
                (Reason::InvalidJson, error.to_string())
            } else {
                (Reason::NotARecord, "not a JSON object".to_owned())
            }
        })?;
        Self::read(fields)
    }

    fn read(mut fields: Fields<'_>) -> Result<Self, (Reason, String)> {
        let event_source = mandatory(&mut fields, "eventSource")?;
        let event_name = mandatory(&mut fields, "eventName")?;
        let event_time = event_time(&mut fields)?;
        let aws_region = aws_region(&mut fields)?;
        let identity = fields.take("userIdentity");
        Ok(Self {
            event_time,
            event_source,
            event_name,
            aws_region,
            event_id: fields.text("eventID"),
            event_version: fields.text("eventVersion"),
            event_type: fields.text("eventType"),
            event_category: fields.text("eventCategory"),
            user_identity: identity
                .and_then(|value| Fields::parse(value.get()).ok())
                .map(UserIdentity::read)
                .unwrap_or_default(),
            user_identity_json: identity.and_then(JsonText::from_raw),
            source_ip_address: fields.text("sourceIPAddress"),
            user_agent: fields.text("userAgent"),
            error_code: fields.text("errorCode"),
            error_message: fields.text("errorMessage"),
            request_id: fields.text("requestID"),
            api_version: fields.text("apiVersion"),
            read_only: fields.flag("readOnly"),
            management_event: fields.flag("managementEvent"),
            recipient_account_id: fields.text("recipientAccountId"),
            shared_event_id: fields.text("sharedEventID"),
            vpc_endpoint_id: fields.text("vpcEndpointId"),
            vpc_endpoint_account_id: fields.text("vpcEndpointAccountId"),
            session_credential_from_console: fields.flag("sessionCredentialFromConsole"),
            resources: resources(&mut fields),
            tls: fields.object("tlsDetails").map(TlsDetails::read),
            request_parameters: fields.json("requestParameters"),
            response_elements: fields.json("responseElements"),
            additional_event_data: fields.json("additionalEventData"),
            service_event_details: fields.json("serviceEventDetails"),
            event_context: fields.json("eventContext"),
            addendum: fields.json("addendum"),
            unknown_fields: fields.rest(),
        })
    }

    /// `eventVersion` as comparable integers.
    pub fn version(&self) -> Option<EventVersion> {
        EventVersion::parse(self.event_version.as_deref()?)
    }

    /// The endpoint the client called, if the record says.
    pub fn host_header(&self) -> Option<&str> {
        self.tls.as_ref()?.host_header.as_deref()
    }

    /// One scalar of `additionalEventData`, as text.
    pub fn additional(&self, name: &str) -> Option<String> {
        scalar(self.additional_event_data.as_ref(), name)
    }

    /// One scalar of `responseElements`, as text.
    pub fn response(&self, name: &str) -> Option<String> {
        scalar(self.response_elements.as_ref(), name)
    }

    /// One scalar of `requestParameters`, as text.
    pub fn parameter(&self, name: &str) -> Option<String> {
        scalar(self.request_parameters.as_ref(), name)
    }

    /// True for the record of a sign-in: AWS spells the type in two ways.
    pub fn is_console_sign_in(&self) -> bool {
        self.is_type("AwsConsoleSignIn")
    }

    /// True for an event that a service made by itself, without a request.
    pub fn is_service_event(&self) -> bool {
        self.is_type("AwsServiceEvent")
    }

    fn is_type(&self, name: &str) -> bool {
        self.event_type
            .as_deref()
            .is_some_and(|written| written.eq_ignore_ascii_case(name))
    }
}

fn scalar(object: Option<&JsonText>, name: &str) -> Option<String> {
    Fields::parse(object?.as_str()).ok()?.text(name)
}

/// Size, encoding and nesting, in the order in which they get expensive.
fn check<'a>(bytes: &'a [u8], limits: &Limits) -> Result<&'a str, (Reason, String)> {
    if bytes.len() > limits.record_bytes_max {
        let detail = format!(
            "{} bytes; the limit is {} (limits.record_bytes_max)",
            bytes.len(),
            limits.record_bytes_max
        );
        return Err((Reason::RecordTooLarge, detail));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let detail = format!("not UTF-8 from byte {} of the record", error.valid_up_to());
        (Reason::InvalidUtf8, detail)
    })?;
    check_nesting(bytes, limits.nesting_max)?;
    Ok(text)
}

/// Refuses JSON nested deeper than `nesting_max`, without recursion, so that a
/// hostile record cannot exhaust the stack of a parser behind this check.
fn check_nesting(json: &[u8], nesting_max: usize) -> Result<(), (Reason, String)> {
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    let (mut in_string, mut escaped) = (false, false);
    for &byte in json {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    if deepest > nesting_max {
        let detail =
            format!("{deepest} levels deep; the limit is {nesting_max} (limits.nesting_max)");
        return Err((Reason::TooDeeplyNested, detail));
    }
    Ok(())
}

fn mandatory(fields: &mut Fields<'_>, name: &str) -> Result<String, (Reason, String)> {
    fields
        .text(name)
        .ok_or_else(|| (Reason::NotARecord, format!("{name} is missing")))
}

fn event_time(fields: &mut Fields<'_>) -> Result<DateTime<Utc>, (Reason, String)> {
    let written = mandatory(fields, "eventTime")?;
    parse_time(&written).ok_or_else(|| {
        let detail = format!("eventTime {written:?} is not a time like 2023-07-10T11:42:18Z");
        (Reason::InvalidTime, detail)
    })
}

/// A Region names a partition of the lake, so it has to look like one; whether
/// AWS has such a Region today is not ours to say.
fn aws_region(fields: &mut Fields<'_>) -> Result<String, (Reason, String)> {
    let written = mandatory(fields, "awsRegion")?;
    let plausible = (3..=32).contains(&written.len())
        && written.starts_with(|first: char| first.is_ascii_lowercase())
        && written.contains('-')
        && written
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if plausible {
        return Ok(written);
    }
    let detail = format!("awsRegion {written:?} is not a Region code like eu-west-1");
    Err((Reason::InvalidRegion, detail))
}

/// Reads RFC 3339, or the ISO 8601 basic form (`20131102T010628Z`) that the
/// documentation gives for `creationDate`.
pub(crate) fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ")
        .ok()
        .map(|time| time.and_utc())
}

fn resources(fields: &mut Fields<'_>) -> Vec<Resource> {
    let Some(list) = fields.take("resources") else {
        return Vec::new();
    };
    let entries: Vec<Fields<'_>> = serde_json::from_str(list.get()).unwrap_or_default();
    entries
        .into_iter()
        .map(|mut entry| Resource {
            arn: entry.text("ARN"),
            account_id: entry.text("accountId"),
            resource_type: entry.text("type"),
            arn_prefix: entry.text("ARNPrefix"),
        })
        .collect()
}

impl TlsDetails {
    fn read(mut fields: Fields<'_>) -> Self {
        Self {
            version: fields.text("tlsVersion"),
            cipher_suite: fields.text("cipherSuite"),
            host_header: fields.text("clientProvidedHostHeader"),
        }
    }
}

#[cfg(test)]
mod tests;
