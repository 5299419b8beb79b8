//! From a case to a request and its policies.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::{
    Context, ContextValue, IdentitySource, Layers, Level, Options, Policy, PolicyId, PolicySet,
    Principal, Request,
};

/// One case: what is asked, under which policies, and what is expected.
#[derive(Debug, Clone)]
pub struct Case {
    /// Unique id.
    pub id: String,
    /// Free labels.
    pub tags: Vec<String>,
    /// What is asked.
    pub request: Request<'static>,
    /// The policies in force.
    pub layers: Layers,
    /// Contested points as the case wants them.
    pub options: Options,
    /// The expected verdict (`exp`), as it stands.
    pub expected: Value,
}

/// A line that is no case.
#[derive(Debug, thiserror::Error)]
#[error("not a case in the conformance format: {0}")]
pub struct CaseError(#[from] serde_json::Error);

#[derive(Deserialize)]
struct WireCase<'a> {
    id: String,
    #[serde(default)]
    tags: Vec<String>,
    req: WireRequest,
    #[serde(borrow)]
    pol: WirePolicies<'a>,
    #[serde(default)]
    opt: WireOptions,
    #[serde(default)]
    exp: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireRequest {
    principal: WirePrincipal,
    action: String,
    resource: String,
    resource_account: Option<String>,
    #[serde(default)]
    context: serde_json::Map<String, Value>,
}

#[derive(Deserialize)]
struct WirePrincipal {
    r#type: String,
    arn: Option<String>,
    account: Option<String>,
    issuer: Option<String>,
}

#[derive(Deserialize)]
struct WirePolicies<'a> {
    #[serde(borrow, default)]
    identity: Vec<WirePolicy<'a>>,
    #[serde(borrow)]
    resource: Option<WirePolicy<'a>>,
    #[serde(borrow)]
    boundary: Option<Vec<WirePolicy<'a>>>,
    #[serde(borrow)]
    session: Option<Vec<WirePolicy<'a>>>,
    #[serde(borrow)]
    scp: Option<Vec<WireLevel<'a>>>,
    #[serde(borrow)]
    rcp: Option<Vec<WireLevel<'a>>>,
    #[serde(borrow)]
    vpce: Option<Vec<WirePolicy<'a>>>,
}

#[derive(Deserialize)]
struct WirePolicy<'a> {
    name: String,
    arn: Option<String>,
    #[serde(borrow)]
    doc: &'a RawValue,
}

#[derive(Deserialize)]
struct WireLevel<'a> {
    level: String,
    #[serde(borrow)]
    policies: Vec<WirePolicy<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireOptions {
    s3_block_public_access: bool,
    bucket_abac: Option<bool>,
}

impl Case {
    /// Reads one line.
    ///
    /// # Errors
    /// [`CaseError`] if the line is not in the format. A policy document that cannot be read is no
    /// error: it denies everything.
    pub fn parse(line: &str) -> Result<Case, CaseError> {
        let wire: WireCase<'_> = serde_json::from_str(line)?;
        let options = Options {
            s3_block_public_access: wire.opt.s3_block_public_access,
            ..Options::default()
        };
        Ok(Case {
            id: wire.id,
            tags: wire.tags,
            request: request(wire.req, wire.opt.bucket_abac != Some(false)),
            layers: layers(wire.pol),
            options,
            expected: wire.exp,
        })
    }
}

/// Without attribute-based access control on a bucket its tags are not evaluated.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/buckets-tagging-enable-abac.html>
fn request(wire: WireRequest, bucket_tags_count: bool) -> Request<'static> {
    let bucket = wire.resource.contains(":s3:::") && !wire.resource.contains('/');
    let mut context = Context::new();
    for (key, value) in &wire.context {
        let lower = key.to_lowercase();
        let bucket_tag =
            lower.starts_with("aws:resourcetag/") || lower.starts_with("s3:buckettag/");
        if bucket && bucket_tag && !bucket_tags_count {
            continue;
        }
        context.set(key, context_value(value));
    }
    let principal = principal(wire.principal, &context);
    let request = Request::new(principal, &wire.action, wire.resource, context);
    match wire.resource_account {
        Some(account) => request.in_account(account),
        None => request,
    }
}

fn context_value(value: &Value) -> ContextValue {
    match value {
        Value::Array(items) => ContextValue::Many(items.iter().map(text).collect()),
        Value::Null => ContextValue::Absent,
        other => ContextValue::One(text(other)),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn principal(wire: WirePrincipal, context: &Context<'_>) -> Principal {
    let arn = wire.arn.unwrap_or_default();
    let account = wire.account.unwrap_or_default();
    match wire.r#type.as_str() {
        "root" => Principal::Root { account },
        "user" => Principal::User { arn },
        "role" => Principal::Role { arn },
        "assumed-role" => {
            let role_arn = match context.get("aws:PrincipalArn") {
                ContextValue::One(arn) if arn.contains(":role/") => Some(arn),
                _ => None,
            };
            Principal::AssumedRole {
                session_arn: arn,
                role_arn,
            }
        }
        "federated-user" => Principal::FederatedUser {
            arn,
            issuer_arn: wire.issuer,
        },
        "service" => Principal::Service { name: arn },
        "web-identity" => Principal::WebIdentity { provider: arn },
        "saml" => Principal::Saml { provider: arn },
        "account" => Principal::Account { account },
        "anonymous" => Principal::Anonymous,
        _ => Principal::Other { arn },
    }
}

fn layers(wire: WirePolicies<'_>) -> Layers {
    let layers = Layers {
        identity: Arc::default(),
        resource: wire.resource.map(policy),
        boundary: wire.boundary.map(set),
        session: wire.session.map(set),
        scp: wire.scp.map(levels),
        rcp: wire.rcp.map(levels),
        vpc_endpoint: wire.vpce.map(set),
    };
    layers.with_identity(IdentitySource::Unspecified, set(wire.identity))
}

fn levels(wire: Vec<WireLevel<'_>>) -> Arc<[Level]> {
    wire.into_iter()
        .map(|l| Level {
            name: Arc::from(l.level),
            policies: set(l.policies),
        })
        .collect()
}

fn set(wire: Vec<WirePolicy<'_>>) -> PolicySet {
    wire.into_iter().map(policy).collect()
}

fn policy(wire: WirePolicy<'_>) -> Policy {
    let id = PolicyId {
        name: wire.name,
        arn: wire.arn,
        version_id: None,
    };
    Policy::compile(id.clone(), wire.doc.get()).unwrap_or_else(|why| Policy::denying_all(id, &why))
}
