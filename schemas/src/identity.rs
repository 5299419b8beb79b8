//! Who made the call: the `userIdentity` element.
//!
//! Source: CloudTrail User Guide, "CloudTrail userIdentity element"
//! (cloudtrail-event-reference-user-identity).

use chrono::{DateTime, Utc};

use crate::json::Fields;
use crate::record::parse_time;

/// `userIdentity.type`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentityType {
    /// The account's root user.
    Root,
    /// An IAM user with long-term or session credentials.
    IamUser,
    /// A session of an IAM role.
    AssumedRole,
    /// A role identity without a session (rare).
    Role,
    /// A session made by `GetFederationToken`.
    FederatedUser,
    /// A user of a directory service.
    Directory,
    /// A principal of another account, as the owner of the resource sees it.
    AwsAccount,
    /// A service acting on its own.
    AwsService,
    /// A user of IAM Identity Center.
    IdentityCenterUser,
    /// The caller of `AssumeRoleWithSAML`.
    SamlUser,
    /// The caller of `AssumeRoleWithWebIdentity`.
    WebIdentityUser,
    /// CloudTrail could not tell.
    Unknown,
    /// A type this version does not know, as written.
    Other(String),
}

impl IdentityType {
    fn parse(name: &str) -> Self {
        match name {
            "Root" => Self::Root,
            "IAMUser" => Self::IamUser,
            "AssumedRole" => Self::AssumedRole,
            "Role" => Self::Role,
            "FederatedUser" => Self::FederatedUser,
            "Directory" => Self::Directory,
            "AWSAccount" => Self::AwsAccount,
            "AWSService" => Self::AwsService,
            "IdentityCenterUser" => Self::IdentityCenterUser,
            "SAMLUser" => Self::SamlUser,
            "WebIdentityUser" => Self::WebIdentityUser,
            "Unknown" => Self::Unknown,
            other => Self::Other(other.to_owned()),
        }
    }

    /// CloudTrail's name for the type.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Root => "Root",
            Self::IamUser => "IAMUser",
            Self::AssumedRole => "AssumedRole",
            Self::Role => "Role",
            Self::FederatedUser => "FederatedUser",
            Self::Directory => "Directory",
            Self::AwsAccount => "AWSAccount",
            Self::AwsService => "AWSService",
            Self::IdentityCenterUser => "IdentityCenterUser",
            Self::SamlUser => "SAMLUser",
            Self::WebIdentityUser => "WebIdentityUser",
            Self::Unknown => "Unknown",
            Self::Other(name) => name,
        }
    }
}

/// `userIdentity`. Every element may be missing; service events often carry
/// only `accountId` and `invokedBy`, without a type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserIdentity {
    /// `type`
    pub identity_type: Option<IdentityType>,
    /// `principalId`: the unique identifier, with the session name for roles.
    pub principal_id: Option<String>,
    /// `arn`
    pub arn: Option<String>,
    /// `accountId`
    pub account_id: Option<String>,
    /// `accessKeyId`
    pub access_key_id: Option<String>,
    /// `userName`; `HIDDEN_DUE_TO_SECURITY_REASONS` for unknown names.
    pub user_name: Option<String>,
    /// `invokedBy`: the service that made the call on behalf of the principal.
    pub invoked_by: Option<String>,
    /// `identityProvider`, for SAML and web identity.
    pub identity_provider: Option<String>,
    /// `credentialId`, for bearer tokens.
    pub credential_id: Option<String>,
    /// `onBehalfOf.userId`: the Identity Center user.
    pub on_behalf_of_user_id: Option<String>,
    /// `onBehalfOf.identityStoreArn`
    pub on_behalf_of_identity_store_arn: Option<String>,
    /// `inScopeOf.sourceArn`
    pub in_scope_of_source_arn: Option<String>,
    /// `inScopeOf.sourceAccount`
    pub in_scope_of_source_account: Option<String>,
    /// `inScopeOf.credentialsIssuedTo`
    pub in_scope_of_credentials_issued_to: Option<String>,
    /// `sessionContext`
    pub session: Option<SessionContext>,
}

/// `userIdentity.sessionContext`: how temporary credentials came about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionContext {
    /// `sessionIssuer`
    pub issuer: Option<SessionIssuer>,
    /// `attributes.creationDate`
    pub creation_date: Option<DateTime<Utc>>,
    /// `attributes.mfaAuthenticated`
    pub mfa_authenticated: Option<bool>,
    /// `sourceIdentity`
    pub source_identity: Option<String>,
    /// `webIdFederationData.federatedProvider`
    pub federated_provider: Option<String>,
    /// `ec2RoleDelivery`: version of the instance metadata service.
    pub ec2_role_delivery: Option<String>,
    /// `assumedRoot`
    pub assumed_root: Option<bool>,
    /// `signInSessionArn`
    pub sign_in_session_arn: Option<String>,
}

/// `sessionContext.sessionIssuer`: whose permissions the session has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionIssuer {
    /// `type`: Root, IAMUser or Role.
    pub issuer_type: Option<String>,
    /// `principalId`
    pub principal_id: Option<String>,
    /// `arn`: of a role with its path, unlike the session's own ARN.
    pub arn: Option<String>,
    /// `accountId`
    pub account_id: Option<String>,
    /// `userName`
    pub user_name: Option<String>,
}

impl UserIdentity {
    pub(crate) fn read(mut fields: Fields<'_>) -> Self {
        let mut on_behalf_of = fields.object("onBehalfOf").unwrap_or_default();
        let mut in_scope_of = fields.object("inScopeOf").unwrap_or_default();
        Self {
            identity_type: fields.text("type").map(|name| IdentityType::parse(&name)),
            principal_id: fields.text("principalId"),
            arn: fields.text("arn"),
            account_id: fields.text("accountId"),
            access_key_id: fields.text("accessKeyId"),
            user_name: fields.text("userName"),
            invoked_by: fields.text("invokedBy"),
            identity_provider: fields.text("identityProvider"),
            credential_id: fields.text("credentialId"),
            on_behalf_of_user_id: on_behalf_of.text("userId"),
            on_behalf_of_identity_store_arn: on_behalf_of.text("identityStoreArn"),
            in_scope_of_source_arn: in_scope_of.text("sourceArn"),
            in_scope_of_source_account: in_scope_of.text("sourceAccount"),
            in_scope_of_credentials_issued_to: in_scope_of.text("credentialsIssuedTo"),
            session: fields.object("sessionContext").map(SessionContext::read),
        }
    }

    /// The session's issuer, when the caller uses temporary credentials.
    pub fn issuer(&self) -> Option<&SessionIssuer> {
        self.session.as_ref()?.issuer.as_ref()
    }
}

impl SessionContext {
    fn read(mut fields: Fields<'_>) -> Self {
        let mut attributes = fields.object("attributes").unwrap_or_default();
        let mut federation = fields.object("webIdFederationData").unwrap_or_default();
        Self {
            issuer: fields.object("sessionIssuer").and_then(SessionIssuer::read),
            creation_date: attributes
                .text("creationDate")
                .and_then(|text| parse_time(&text)),
            mfa_authenticated: attributes.flag("mfaAuthenticated"),
            source_identity: fields.text("sourceIdentity"),
            federated_provider: federation.text("federatedProvider"),
            ec2_role_delivery: fields.text("ec2RoleDelivery"),
            assumed_root: fields.flag("assumedRoot"),
            sign_in_session_arn: fields.text("signInSessionArn"),
        }
    }
}

impl SessionIssuer {
    /// `None` for the empty object that some records carry.
    fn read(mut fields: Fields<'_>) -> Option<Self> {
        let issuer = Self {
            issuer_type: fields.text("type"),
            principal_id: fields.text("principalId"),
            arn: fields.text("arn"),
            account_id: fields.text("accountId"),
            user_name: fields.text("userName"),
        };
        (issuer != Self::default()).then_some(issuer)
    }
}
