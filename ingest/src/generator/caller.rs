//! Who calls: `userIdentity` and where the request comes from.

use serde_json::{Value, json};

use super::organization::{Role, User};

pub(super) const CLI: &str =
    "aws-cli/2.32.4 md/awscrt#0.29.1 ua/2.1 os/linux#6.8.0 md/arch#x86_64 lang/python#3.13.7";
pub(super) const BROWSER: &str =
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
pub(super) const SDK: &str = "aws-sdk-rust/1.3.9 os/linux lang/rust/1.90.0";
pub(super) const TERRAFORM: &str = "APN/1.0 HashiCorp/1.0 Terraform/1.13.3 aws-sdk-go-v2/1.39.2";

/// A principal with credentials, at one place.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// `userIdentity`
    pub(super) identity: Value,
    /// The principal as error messages name it.
    pub(super) arn: String,
    /// The account whose trail records the calls.
    pub(super) account: &'static str,
    /// `sourceIPAddress`
    pub(super) address: &'static str,
    /// `userAgent`
    pub(super) agent: &'static str,
    /// `sessionCredentialFromConsole`
    pub(super) from_console: bool,
    /// The service that calls on the principal's behalf.
    pub(super) service: Option<&'static str>,
}

impl Caller {
    fn person(identity: Value, arn: String, account: &'static str, address: &'static str) -> Self {
        Self {
            identity,
            arn,
            account,
            address,
            agent: CLI,
            from_console: false,
            service: None,
        }
    }

    /// A user with a long-term access key.
    pub(super) fn user(user: &User, key: &str, address: &'static str) -> Self {
        let identity = json!({
            "type": "IAMUser",
            "principalId": user.id,
            "arn": user.arn(),
            "accountId": user.account,
            "accessKeyId": key,
            "userName": user.name,
        });
        Self::person(identity, user.arn(), user.account, address)
    }

    /// A user who signed in to the console at `signed_in`.
    pub(super) fn user_in_console(
        user: &User,
        key: &str,
        address: &'static str,
        signed_in: &str,
        mfa: bool,
    ) -> Self {
        let mut caller = Self::user(user, key, address).in_console();
        caller.identity["sessionContext"] = json!({
            "attributes": attributes(signed_in, mfa),
        });
        caller
    }

    /// The root user in the console.
    pub(super) fn root(
        account: &'static str,
        key: &str,
        address: &'static str,
        signed_in: &str,
    ) -> Self {
        let arn = format!("arn:aws:iam::{account}:root");
        let identity = json!({
            "type": "Root",
            "principalId": account,
            "arn": arn,
            "accountId": account,
            "accessKeyId": key,
            "sessionContext": { "attributes": attributes(signed_in, true) },
        });
        Self::person(identity, arn, account, address).in_console()
    }

    /// A session of `role`.
    pub(super) fn session(
        role: &Role,
        session: &str,
        key: &str,
        address: &'static str,
        assumed: &str,
    ) -> Self {
        let arn = role.session_arn(session);
        let identity = json!({
            "type": "AssumedRole",
            "principalId": format!("{}:{session}", role.id),
            "arn": arn,
            "accountId": role.account,
            "accessKeyId": key,
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": role.id,
                    "arn": role.arn(),
                    "accountId": role.account,
                    "userName": role.name,
                },
                "attributes": attributes(assumed, false),
            },
        });
        Self::person(identity, arn, role.account, address)
    }

    /// A service that calls by itself, in the trail of `account`.
    pub(super) fn service(name: &'static str, account: &'static str) -> Self {
        let identity = json!({ "type": "AWSService", "invokedBy": name });
        let mut caller = Self::person(identity, name.to_owned(), account, name).with_agent(name);
        caller.service = Some(name);
        caller
    }

    /// A principal of another account, as the owner of the resource sees it.
    pub(super) fn foreign(
        account: &'static str,
        principal_id: &str,
        recipient: &'static str,
        address: &'static str,
    ) -> Self {
        let identity = json!({
            "type": "AWSAccount",
            "principalId": principal_id,
            "accountId": account,
        });
        Self::person(identity, principal_id.to_owned(), recipient, address)
    }

    pub(super) fn with_agent(mut self, agent: &'static str) -> Self {
        self.agent = agent;
        self
    }

    pub(super) fn in_console(mut self) -> Self {
        self.from_console = true;
        self.with_agent(BROWSER)
    }

    /// The same principal, with `service` calling on its behalf (a forward
    /// access session).
    pub(super) fn through(&self, service: &'static str) -> Self {
        let mut caller = self.clone();
        caller.identity["invokedBy"] = json!(service);
        caller.address = service;
        caller.agent = service;
        caller.service = Some(service);
        caller
    }
}

fn attributes(since: &str, mfa: bool) -> Value {
    // CloudTrail writes this flag as a string.
    json!({ "creationDate": since, "mfaAuthenticated": mfa.to_string() })
}
