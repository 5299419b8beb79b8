//! A request that nobody made: what would be decided by the policies in force.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use trailwright_evaluator::{
    ActionName, ContextValue, Layers, Options, Principal, Request, Unlisted,
};

use super::Labeller;
use super::in_force::InForce;
use super::question::{self, Question};
use crate::policies::AsOf;
use crate::request::{Call, ContextKey, Derived, Names as _, Provenance, Target};

/// What is asked.
#[derive(Clone, Debug)]
pub struct Simulated {
    /// ARN of a user, role, role session, federated user or root; an account
    /// ID; or the name of a service.
    pub principal: String,
    /// `prefix:Name`.
    pub action: String,
    /// An ARN, or `*`.
    pub resource: String,
    /// Condition keys with their values, beside those that follow from the
    /// principal.
    pub context: Vec<(String, Vec<String>)>,
    /// What a condition key counts as that is not given.
    pub unlisted: Unlisted,
    /// As of when.
    pub time: DateTime<Utc>,
}

/// The request and the policies in force, ready for the evaluator.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// The request.
    pub request: Request<'static>,
    /// The policies that apply.
    pub layers: Layers,
    /// How they are evaluated.
    pub options: Options,
    /// What was assumed because nothing is known of it, in words.
    pub assumptions: Vec<String>,
    /// What is not known and could change the decision: only an explicit deny
    /// stands in spite of it.
    pub gaps: Vec<String>,
    /// The role that is asked for is known not to be there: how.
    pub no_such_role: Option<String>,
}

impl Labeller {
    /// Puts together what the evaluator needs to answer.
    pub fn simulate(&self, simulated: &Simulated) -> Simulation {
        let state = self.timeline.as_of(simulated.time);
        let (principal, principal_arn) = principal(&simulated.principal, state);
        let context = context(simulated, &principal, principal_arn.as_deref());
        let derived = Derived::stated(principal, principal_arn, context);
        let call = Call {
            action: Cow::Owned(ActionName::known(
                &simulated.action,
                self.catalogue.services(),
            )),
            targets: Vec::new(),
        };
        let owner = owner(&simulated.resource).map(Cow::Owned);
        let target = Target {
            account: owner.or_else(|| derived.principal_account.clone()),
            arn: simulated.resource.as_str().into(),
            provenance: Provenance::Exact,
        };
        let vpc_endpoint = given(&simulated.context, "aws:SourceVpce");
        let session = state.session(&simulated.principal);
        let (resource_policy, owner) = question::resource(state, &target);
        let question = Question {
            session: session.as_ref(),
            policies: question::policies(state, &derived),
            resource_policy,
            owner,
            vpc_endpoint,
            unlisted: simulated.unlisted,
            state,
            derived: &derived,
            call: &call,
            target: &target,
            assume: &self.options.assume,
        };
        let in_force = InForce::find(&question);
        Simulation {
            options: in_force.options(),
            request: in_force.request.into_owned(),
            layers: in_force.layers,
            assumptions: in_force.assumptions,
            gaps: in_force.gaps,
            no_such_role: in_force.no_such_role,
        }
    }
}

/// The principal, and the ARN whose policies it has: of a role session, the
/// role's, with its path where the inventory knows it.
fn principal(given: &str, state: AsOf<'_>) -> (Principal, Option<String>) {
    match Principal::from_arn(given) {
        Principal::AssumedRole { session_arn, .. } => {
            let role = role_of(&session_arn, state);
            let principal = Principal::AssumedRole {
                session_arn,
                role_arn: role.clone(),
            };
            (principal, role)
        }
        principal => {
            let arn = principal.arn();
            (principal, arn)
        }
    }
}

/// `arn:aws:sts::A:assumed-role/NAME/SESSION` → the role called NAME.
fn role_of(session_arn: &str, state: AsOf<'_>) -> Option<String> {
    let mut parts = session_arn.splitn(6, ':');
    let (_, partition, _, _, account, resource) = (
        parts.next()?,
        parts.next()?,
        parts.next()?,
        parts.next()?,
        parts.next()?,
        parts.next()?,
    );
    let name = resource.split('/').nth(1)?;
    let known = state.arn("role", account, name);
    Some(known.unwrap_or_else(|| format!("arn:{partition}:iam::{account}:role/{name}")))
}

/// The account in an ARN.
fn owner(arn: &str) -> Option<String> {
    let account = arn.split(':').nth(4)?;
    (account.len() == 12).then(|| account.to_owned())
}

fn given<'c>(context: &'c [(String, Vec<String>)], name: &str) -> Option<&'c str> {
    let (_, values) = context
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    values.first().map(String::as_str)
}

/// The keys that follow from the principal, and those given, which win.
/// Source: IAM User Guide, "IAM policy elements: variables", the table of
/// principal key values.
fn context(simulated: &Simulated, principal: &Principal, arn: Option<&str>) -> Vec<ContextKey> {
    let mut keys: Vec<ContextKey> = Vec::new();
    let mut set = |name: &str, value: ContextValue, provenance| {
        keys.retain(|key| !key.name.eq_ignore_ascii_case(name));
        keys.push(ContextKey {
            name: name.to_owned(),
            value,
            provenance,
        });
    };
    let one = |value: &str| ContextValue::One(value.to_owned());
    if let Some(arn) = arn {
        set("aws:PrincipalArn", one(arn), Provenance::Derived);
    }
    if let Some(account) = principal.account() {
        set("aws:PrincipalAccount", one(account), Provenance::Derived);
    }
    let kind = match principal {
        Principal::Root { .. } => Some("Account"),
        Principal::User { .. } => Some("User"),
        Principal::AssumedRole { .. } | Principal::Role { .. } => Some("AssumedRole"),
        Principal::FederatedUser { .. } => Some("FederatedUser"),
        Principal::Anonymous => Some("Anonymous"),
        _ => None,
    };
    if let Some(kind) = kind {
        set("aws:PrincipalType", one(kind), Provenance::Derived);
    }
    match principal {
        Principal::User { arn } => {
            let name = arn.rsplit('/').next().unwrap_or_default();
            set("aws:username", one(name), Provenance::Derived);
        }
        _ => set("aws:username", ContextValue::Absent, Provenance::Derived),
    }
    for (name, values) in &simulated.context {
        let value = match values.as_slice() {
            [value] => one(value),
            values => ContextValue::Many(values.to_vec()),
        };
        set(name, value, Provenance::Exact);
    }
    keys
}
