//! From the evaluator's verdict, which may change with its code, to what the
//! label stores.

use trailwright_evaluator as evaluator;
use trailwright_evaluator::{Effect, Match, Missing, PolicyType, Request, Verdict};
use trailwright_schemas::{Cause, CauseType, Decision};

use crate::agreement::{Denier, words};

/// What one action on one resource came to.
#[derive(Clone, Debug)]
pub(super) struct Judgement {
    pub(super) decision: Decision,
    pub(super) cause: Cause,
    pub(super) unknown_keys: Vec<String>,
    pub(super) denies: Vec<Denier>,
    pub(super) missing: Vec<CauseType>,
    /// What the decision assumes of the request, in words.
    pub(super) assumption: Option<String>,
}

impl Judgement {
    /// Something that is not known keeps the decision open.
    pub(super) fn open(cause_type: CauseType, text: String) -> Self {
        Self {
            decision: Decision::Indeterminate,
            cause: Cause::without_policy(cause_type, text),
            unknown_keys: Vec::new(),
            denies: Vec::new(),
            missing: Vec::new(),
            assumption: None,
        }
    }

    /// Nobody may assume a role that is not there.
    pub(super) fn no_such_role(text: String) -> Self {
        Self {
            decision: Decision::ImplicitDeny,
            cause: Cause::without_policy(CauseType::ResourcePolicy, text),
            unknown_keys: Vec::new(),
            denies: Vec::new(),
            missing: vec![CauseType::ResourcePolicy],
            assumption: None,
        }
    }
}

/// The verdict in the label's words.
pub(super) fn judgement(verdict: &Verdict<'_>, request: &Request<'_>) -> Judgement {
    let denier = |deny: &Match<'_>| Denier {
        policy_type: cause_type(deny.policy_type),
        arn: deny.policy.id().arn.clone(),
    };
    Judgement {
        decision: decision(verdict.decision),
        cause: cause(verdict, request),
        unknown_keys: verdict.unknown_keys.clone(),
        denies: verdict.denies.iter().map(denier).collect(),
        missing: verdict
            .missing
            .iter()
            .map(|missing| cause_type(missing.policy_type))
            .collect(),
        assumption: None,
    }
}

pub(super) fn decision(decision: evaluator::Decision) -> Decision {
    match decision {
        evaluator::Decision::Allow => Decision::Allow,
        evaluator::Decision::ExplicitDeny => Decision::ExplicitDeny,
        evaluator::Decision::ImplicitDeny => Decision::ImplicitDeny,
        evaluator::Decision::Indeterminate => Decision::Indeterminate,
    }
}

pub(super) fn cause_type(policy_type: PolicyType) -> CauseType {
    match policy_type {
        PolicyType::Identity => CauseType::IdentityPolicy,
        PolicyType::Resource => CauseType::ResourcePolicy,
        PolicyType::Boundary => CauseType::PermissionsBoundary,
        PolicyType::Session => CauseType::SessionPolicy,
        PolicyType::Scp => CauseType::ServiceControlPolicy,
        PolicyType::Rcp => CauseType::ResourceControlPolicy,
        PolicyType::VpcEndpoint => CauseType::VpcEndpointPolicy,
    }
}

fn cause(verdict: &Verdict<'_>, request: &Request<'_>) -> Cause {
    let asked = [request.action(), " on ", request.resource()];
    let in_words = || asked.concat();
    match verdict.cause {
        evaluator::Cause::Statement(deciding) => statement(&deciding, asked),
        evaluator::Cause::NoAllow(missing) => no_allow(missing, asked),
        evaluator::Cause::Root => Cause::without_policy(
            CauseType::RootUser,
            format!("the root user may do what no policy denies: {}", in_words()),
        ),
        evaluator::Cause::NoPermissionNeeded => Cause::without_policy(
            CauseType::PermissionlessAction,
            format!("{} needs no permission", request.action()),
        ),
        evaluator::Cause::BlockPublicAccess => Cause::without_policy(
            CauseType::ResourcePolicy,
            format!(
                "S3 Block Public Access keeps the bucket policy from allowing {}",
                in_words()
            ),
        ),
        evaluator::Cause::UnknownKeys => Cause::without_policy(
            CauseType::UnknownKeys,
            format!(
                "whether {} is allowed depends on {}, which the record does not tell",
                in_words(),
                verdict.unknown_keys.join(", ")
            ),
        ),
    }
}

fn statement(deciding: &Match<'_>, [action, on, resource]: [&str; 3]) -> Cause {
    let id = deciding.policy.id();
    let cause_type = cause_type(deciding.policy_type);
    let number = deciding.index + 1;
    let number_text;
    let [quote, which] = match deciding.statement().sid() {
        Some(sid) => ["\"", sid],
        None => {
            number_text = number.to_string();
            ["", &number_text]
        }
    };
    let name = id.arn.as_ref().unwrap_or(&id.name);
    let does = match deciding.statement().effect() {
        Effect::Allow => " is allowed by statement ",
        Effect::Deny => " is denied by statement ",
    };
    let [kind, of, named] = full_name(words(cause_type), name);
    let [at, level] = at(deciding.level);
    // Every label has this sentence: one allocation, where `format!` makes several.
    let text = [
        action, on, resource, does, quote, which, quote, " of the ", kind, of, named, at, level,
    ];
    Cause {
        cause_type,
        policy: Some(name.clone()),
        policy_version: id.version_id.clone(),
        statement_id: deciding.statement().sid().map(str::to_owned),
        statement_index: u32::try_from(number).ok(),
        text: text.concat(),
    }
}

/// The kind of a policy and its name, without saying "policy" twice for those
/// that are named after what they belong to.
fn full_name<'a>(kind: &'a str, name: &'a str) -> [&'a str; 3] {
    match name.strip_prefix("policy of ") {
        Some(owner) => [kind, " of ", owner],
        None if name.starts_with("trust policy ") || name.starts_with("session policy ") => {
            ["", "", name]
        }
        None => [kind, " ", name],
    }
}

fn at(level: Option<&str>) -> [&str; 2] {
    level.map_or(["", ""], |level| [" at ", level])
}

fn no_allow(missing: Missing<'_>, [action, on, resource]: [&str; 3]) -> Cause {
    let cause_type = cause_type(missing.policy_type);
    let [at, level] = at(missing.level);
    let kind = words(cause_type);
    let text = ["no ", kind, at, level, " allows ", action, on, resource];
    Cause::without_policy(cause_type, text.concat())
}
