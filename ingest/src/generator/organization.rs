//! The cast: accounts, users, roles and resources of a small organization.
//!
//! Account identifiers and addresses are those that documentation reserves for
//! examples (RFC 5737 for the addresses).

pub(super) const MANAGEMENT: &str = "111122223333";
pub(super) const SECURITY: &str = "444455556666";
pub(super) const PRODUCTION: &str = "777788889999";
pub(super) const SANDBOX: &str = "123456789012";
/// An account outside the organization.
pub(super) const PARTNER: &str = "999999999999";

pub(super) const ORGANIZATION: &str = "o-exampleorg";

/// The two Regions in which the organization works.
pub(super) const FRANKFURT: &str = "eu-central-1";
pub(super) const IRELAND: &str = "eu-west-1";
/// The Region of the global services.
pub(super) const VIRGINIA: &str = "us-east-1";
/// One of the three Regions in which CloudTrail records the sign-in of an IAM
/// user with an alias cookie at the global endpoint.
pub(super) const STOCKHOLM: &str = "eu-north-1";

pub(super) const OFFICE: &str = "192.0.2.17";
pub(super) const OFFICE_SECURITY: &str = "192.0.2.44";
pub(super) const HOME: &str = "198.51.100.23";
pub(super) const BUILD_SERVER: &str = "192.0.2.200";
pub(super) const INTRUDER: &str = "203.0.113.77";
/// Where the order service's functions reach the public endpoints from.
pub(super) const PRODUCTION_GATEWAY: &str = "198.51.100.140";

pub(super) const ORDERS_BUCKET: &str = "example-orders";
pub(super) const BUILDS_BUCKET: &str = "example-builds";
pub(super) const BACKUPS_BUCKET: &str = "example-backups";
pub(super) const EXPORTS_BUCKET: &str = "example-customer-exports";
pub(super) const PARTNER_BUCKET: &str = "example-partner-drop";
pub(super) const SANDBOX_BUCKET: &str = "example-sandbox-data";
pub(super) const LOG_BUCKET: &str = "example-org-trail-logs";
pub(super) const ORDERS_TABLE: &str = "orders";
pub(super) const ORDERS_KEY_ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
pub(super) const ORG_TRAIL: &str = "example-org-trail";

/// A user of IAM.
#[derive(Clone, Copy, Debug)]
pub(super) struct User {
    pub(super) account: &'static str,
    pub(super) name: &'static str,
    pub(super) id: &'static str,
}

impl User {
    pub(super) fn arn(&self) -> String {
        format!("arn:aws:iam::{}:user/{}", self.account, self.name)
    }
}

/// A role of IAM.
#[derive(Clone, Copy, Debug)]
pub(super) struct Role {
    pub(super) account: &'static str,
    /// Begins and ends with a slash.
    pub(super) path: &'static str,
    pub(super) name: &'static str,
    pub(super) id: &'static str,
}

impl Role {
    pub(super) fn arn(&self) -> String {
        format!(
            "arn:aws:iam::{}:role{}{}",
            self.account, self.path, self.name
        )
    }

    /// The ARN of a session of this role, which leaves the path out.
    pub(super) fn session_arn(&self, session: &str) -> String {
        format!(
            "arn:aws:sts::{}:assumed-role/{}/{session}",
            self.account, self.name
        )
    }
}

const fn user(account: &'static str, name: &'static str, id: &'static str) -> User {
    User { account, name, id }
}

const fn role(account: &'static str, name: &'static str, id: &'static str) -> Role {
    let path = "/";
    Role {
        account,
        path,
        name,
        id,
    }
}

/// Security engineer: signs in with MFA, assumes `ADMIN`.
pub(super) const INES: User = user(SECURITY, "ines", "AIDAEXAMPLEINES234567");
/// Security analyst: reads, and may not assume roles.
pub(super) const MATEO: User = user(SECURITY, "mateo", "AIDAEXAMPLEMATEO23456");
/// Developer in the sandbox, within a permissions boundary.
pub(super) const THEO: User = user(SANDBOX, "theo", "AIDAEXAMPLETHEO234567");
/// Developer in the sandbox; lends her contractor role with a session policy.
pub(super) const LENA: User = user(SANDBOX, "lena", "AIDAEXAMPLELENA234567");
/// Trainee in the sandbox, allowed to stop instances tagged as his own.
pub(super) const ROBIN: User = user(SANDBOX, "robin", "AIDAEXAMPLEROBIN23456");
/// The build server of production, whose access key leaks.
pub(super) const CI_BUILD: User = user(PRODUCTION, "ci-build", "AIDAEXAMPLECIBUILD234");

/// Administers the security account; the first hop of the role chain.
pub(super) const ADMIN: Role = role(SECURITY, "admin", "AROAEXAMPLEADMIN23456");
/// Deploys to production; the second hop of the role chain.
pub(super) const DEPLOYMENT: Role = role(PRODUCTION, "deployment", "AROAEXAMPLEDEPLOY2345");
/// Takes leaked keys out of service.
pub(super) const INCIDENT_RESPONSE: Role =
    role(PRODUCTION, "incident-response", "AROAEXAMPLERESPONSE23");
/// Reads production; people come through the company's SAML provider.
pub(super) const ANALYST: Role = role(PRODUCTION, "analyst", "AROAEXAMPLEANALYST234");
/// The order service's functions.
pub(super) const ORDER_SERVICE: Role = Role {
    account: PRODUCTION,
    path: "/service/",
    name: "order-service",
    id: "AROAEXAMPLEORDERS2345",
};
/// Wide, narrowed for each contractor by a session policy.
pub(super) const CONTRACTOR: Role = role(SANDBOX, "contractor", "AROAEXAMPLECONTRACT23");

/// The session of `CONTRACTOR` that has a session policy.
pub(super) const KOFI: &str = "kofi";

pub(super) fn object_arn(bucket: &str, key: &str) -> String {
    format!("arn:aws:s3:::{bucket}/{key}")
}

pub(super) fn orders_key_arn() -> String {
    format!("arn:aws:kms:{FRANKFURT}:{PRODUCTION}:key/{ORDERS_KEY_ID}")
}

pub(super) fn orders_table_arn() -> String {
    format!("arn:aws:dynamodb:{FRANKFURT}:{PRODUCTION}:table/{ORDERS_TABLE}")
}

pub(super) fn function_arn(name: &str) -> String {
    format!("arn:aws:lambda:{FRANKFURT}:{PRODUCTION}:function:{name}")
}

pub(super) fn org_trail_arn() -> String {
    format!("arn:aws:cloudtrail:{FRANKFURT}:{MANAGEMENT}:trail/{ORG_TRAIL}")
}

pub(super) fn saml_provider_arn() -> String {
    format!("arn:aws:iam::{PRODUCTION}:saml-provider/example-idp")
}

/// The ARN of one of the organization's own service control policies.
pub(super) fn scp_arn(id: &str) -> String {
    format!("arn:aws:organizations::{MANAGEMENT}:policy/{ORGANIZATION}/service_control_policy/{id}")
}

/// The ARN of one of the organization's own resource control policies.
pub(super) fn rcp_arn(id: &str) -> String {
    format!(
        "arn:aws:organizations::{MANAGEMENT}:policy/{ORGANIZATION}/resource_control_policy/{id}"
    )
}

pub(super) const PROTECT_ORGANIZATION: &str = "p-protectorg";
pub(super) const REGION_LOCK: &str = "p-regionlock";
pub(super) const SANDBOX_SERVICES: &str = "p-sandboxsvcs";
pub(super) const PROTECT_BACKUPS: &str = "p-protectbackups";

pub(super) fn developer_boundary_arn() -> String {
    format!("arn:aws:iam::{SANDBOX}:policy/DeveloperBoundary")
}

pub(super) fn build_network_arn() -> String {
    format!("arn:aws:iam::{PRODUCTION}:policy/BuildNetworkOnly")
}
