//! Who calls: the principal as policies see it and as records show it.

use std::collections::BTreeMap;

use serde_json::json;

use super::decide::Who;
use super::rule::{Rule, Situation};
use super::setup::SCALING;
use super::world::{EntityKind, EntityName, World};
use crate::generator::caller::{CLI, Caller};
use crate::generator::organization::OFFICE;

/// Somebody with credentials.
#[derive(Clone, Debug)]
pub(super) struct Actor {
    pub(super) who: Who,
    pub(super) caller: Caller,
    /// The policies passed when the session was made.
    pub(super) session: Option<Vec<Rule>>,
    /// The tags passed when the session was made.
    pub(super) tags: BTreeMap<String, String>,
    pub(super) mfa: Option<bool>,
    /// When a session ends, in seconds since the start of the history.
    pub(super) until: u32,
}

impl Actor {
    pub(super) fn new(who: Who, caller: Caller) -> Self {
        Self {
            who,
            caller,
            session: None,
            tags: BTreeMap::new(),
            mfa: None,
            until: u32::MAX,
        }
    }

    /// A user with a long-term access key.
    pub(super) fn user(
        world: &World,
        name: &EntityName,
        key: &str,
        address: &'static str,
    ) -> Option<Self> {
        let arn = world.arn_of(name);
        let identity = json!({
            "type": "IAMUser",
            "principalId": world.entity(name)?.id,
            "arn": arn,
            "accountId": name.account,
            "accessKeyId": key,
            "userName": name.name,
        });
        let who = Who::User(name.account, name.name.clone());
        Some(Self::new(who, person(identity, arn, name.account, address)))
    }

    /// A session of a role, assumed at `assumed`.
    pub(super) fn role_session(
        world: &World,
        role: &EntityName,
        session: &str,
        key: &str,
        assumed: &str,
    ) -> Option<Self> {
        let id = &world.entity(role)?.id;
        let account = role.account;
        let arn = session_arn(role, session);
        let identity = json!({
            "type": "AssumedRole",
            "principalId": format!("{id}:{session}"),
            "arn": arn,
            "accountId": account,
            "accessKeyId": key,
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": id,
                    "arn": world.arn_of(role),
                    "accountId": account,
                    "userName": role.name,
                },
                "attributes": { "creationDate": assumed, "mfaAuthenticated": "false" },
            },
        });
        let who = Who::Session(account, role.name.clone(), arn.clone());
        let mut actor = Self::new(who, person(identity, arn, account, OFFICE));
        actor.mfa = Some(false);
        Some(actor)
    }

    /// The same session, used by a service on its own behalf.
    pub(super) fn linked(mut self, role: &EntityName) -> Self {
        self.who = Who::Linked(role.account, role.name.clone());
        self.caller = self.caller.through(SCALING);
        self
    }

    /// What conditions ask of a call that goes to `region`.
    pub(super) fn situation(&self, world: &World, region: &'static str) -> Situation {
        let entity = self.entity();
        let mut tags = match self.who {
            Who::User(..) | Who::Session(..) => {
                let known = entity.as_ref().and_then(|name| world.entity(name));
                known.map(|entity| entity.tags.clone()).unwrap_or_default()
            }
            _ => BTreeMap::new(),
        };
        // A tag of the session takes the place of the role's.
        tags.extend(self.tags.clone());
        let in_organization = !matches!(self.who, Who::Service(_) | Who::Outsider(_));
        let principal = match &self.who {
            Who::Root(account) => Some(format!("arn:aws:iam::{account}:root")),
            _ => entity.map(|name| world.arn_of(&name)),
        };
        let by_service = self.caller.service.is_some();
        Situation {
            mfa: self.mfa,
            office: (!by_service).then(|| self.caller.address == OFFICE),
            region,
            tags,
            in_organization,
            principal,
        }
    }

    /// The user or role whose policies count.
    pub(super) fn entity(&self) -> Option<EntityName> {
        let (kind, account, name) = match &self.who {
            Who::User(account, name) | Who::Federated(account, name, _) => {
                (EntityKind::User, account, name)
            }
            Who::Session(account, name, _) | Who::Linked(account, name) => {
                (EntityKind::Role, account, name)
            }
            Who::Root(_) | Who::Service(_) | Who::Outsider(_) => return None,
        };
        Some(EntityName {
            account,
            kind,
            name: name.clone(),
        })
    }
}

/// The ARN of a session, which leaves the role's path out.
pub(super) fn session_arn(role: &EntityName, session: &str) -> String {
    format!(
        "arn:aws:sts::{}:assumed-role/{}/{session}",
        role.account, role.name
    )
}

pub(super) fn person(
    identity: serde_json::Value,
    arn: String,
    account: &'static str,
    address: &'static str,
) -> Caller {
    Caller {
        identity,
        arn,
        account,
        address,
        agent: CLI,
        from_console: false,
        service: None,
    }
}
