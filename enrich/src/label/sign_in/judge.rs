//! One of the three checks of a sign-in, by the policies that take part in it.
//!
//! Nobody needs a permission to sign in: "console sign-in access is enabled by
//! default", and "if your policy omits an action, the corresponding phase is
//! not protected". Policies can only deny.

use trailwright_evaluator::{ContextValue, Options, Policy, Principal, evaluate};
use trailwright_schemas::{Cause, CauseType, Decision};

use crate::label::convert::{self, Judgement};
use crate::label::in_force::InForce;
use crate::label::question::Question;
use crate::policies::{ConsoleAuthorization, ResourcePolicy, allowing_by_default, sign_in_key};
use crate::request::{ContextKey, Derived, Provenance};

/// The check before the credentials are known to be right; the others come
/// after.
const BEFORE: &str = "signin:Authenticate";

/// While console authorization is on, because of `why`.
pub(super) fn by_policies(question: &Question<'_>, why: &str) -> (Judgement, Vec<String>) {
    let (mut judgement, mut assumptions) = if question.call.action.as_str() == BEFORE {
        before(question)
    } else {
        after(question)
    };
    if judgement.decision == Decision::Allow {
        judgement.cause = Cause::without_policy(
            CauseType::SignInNotRestricted,
            format!("no policy denies the sign-in; {why}"),
        );
        if question.target.provenance == Provenance::Unknown {
            assumptions.push(format!(
                "the record does not name the console; sign-in policies were evaluated on {}",
                question.target.arn
            ));
        }
    }
    (judgement, assumptions)
}

/// While console authorization is off: only the policy of the VPC endpoint on
/// the way. It knows who signs in.
/// <https://docs.aws.amazon.com/awsconsolehelpdocs/latest/gsg/console-private-access.html>
pub(super) fn by_endpoint(question: &Question<'_>, why: &str) -> (Judgement, Vec<String>) {
    let derived = authenticated(question.derived);
    let question = &Question {
        derived: &derived,
        ..*question
    };
    let account = question.owner;
    let mut found = InForce::without_policies(question);
    if question.call.action.as_str() != BEFORE {
        found.vpc_endpoint(question);
    }
    found.layers.resource = allowing_by_default(account.unwrap_or_default(), None);
    let mut judgement = decide(&found);
    if judgement.decision == Decision::Allow {
        judgement.cause = Cause::without_policy(CauseType::SignInNotRestricted, why);
    }
    (judgement, found.assumptions)
}

/// Resource-based and resource control policies alone: the user is not known
/// yet.
fn before(question: &Question<'_>) -> (Judgement, Vec<String>) {
    let derived = unauthenticated(question.derived);
    let unknown_user = Question {
        derived: &derived,
        session: None,
        ..*question
    };
    let account = question.owner;
    let mut found = InForce::without_policies(&unknown_user);
    found.sign_in_policy(question, account);
    found.organization(&unknown_user, account);
    let judgement = decide(&found);
    if judgement.decision != Decision::Allow {
        return (judgement, found.assumptions);
    }
    // AWS warns that a service control policy that denies this action keeps
    // users out, and says elsewhere that only the two other types are asked.
    let mut with_scp = InForce::without_policies(question);
    with_scp.organization(question, account);
    with_scp.layers.resource = found.layers.resource.clone();
    with_scp.request = found.request;
    let judgement = match decide(&with_scp) {
        allowed if allowed.decision == Decision::Allow => judgement,
        open if open.decision == Decision::Indeterminate => open,
        _ => undocumented_scp(question),
    };
    found.assumptions.append(&mut with_scp.assumptions);
    (judgement, found.assumptions)
}

/// All layers: "the evaluation also considers the principal's identity-based
/// policies".
fn after(question: &Question<'_>) -> (Judgement, Vec<String>) {
    let derived = authenticated(question.derived);
    let question = &Question {
        derived: &derived,
        ..*question
    };
    let account = question.owner;
    let mut found = InForce::without_policies(question);
    if !matches!(question.derived.principal, Principal::Root { .. }) {
        found.identity(question);
        found.session(question);
    }
    found.sign_in_policy(question, account);
    found.organization(question, account);
    found.vpc_endpoint(question);
    let judgement = decide(&found);
    let lacks_scp = judgement.cause.cause_type == CauseType::ServiceControlPolicy
        && judgement.decision == Decision::ImplicitDeny;
    if lacks_scp {
        return (undocumented_scp(question), found.assumptions);
    }
    (judgement, found.assumptions)
}

fn decide(found: &InForce<'_>) -> Judgement {
    let verdict = evaluate(&found.request, &found.layers, &Options::default());
    let judgement = convert::judgement(&verdict, &found.request);
    match found.gaps.first() {
        Some(gap) if judgement.decision != Decision::ExplicitDeny => {
            Judgement::open(CauseType::NoPoliciesKnown, gap.clone())
        }
        _ => judgement,
    }
}

fn undocumented_scp(question: &Question<'_>) -> Judgement {
    let text = format!(
        "the service control policies do not let {} pass, and AWS does not document whether that keeps a user from \
         signing in",
        question.call.action
    );
    Judgement::open(CauseType::UnmappedRequest, text)
}

/// Before the credentials are checked, `signin:PrincipalArn` is there and what
/// depends on the principal is not.
/// <https://docs.aws.amazon.com/signin/latest/userguide/reference-signin-condition-keys.html>
fn unauthenticated<'a>(derived: &Derived<'a>) -> Derived<'a> {
    const OF_PRINCIPAL: [&str; 5] = [
        "aws:PrincipalArn",
        "aws:PrincipalAccount",
        "aws:PrincipalType",
        "aws:userid",
        "aws:username",
    ];
    let absent = |name: &&str| key(name, ContextValue::Absent);
    let mut keys: Vec<ContextKey> = OF_PRINCIPAL.iter().map(absent).collect();
    let value = claimed(derived).map_or(ContextValue::Unknown, ContextValue::One);
    keys.push(key(CLAIMED, value));
    let mut derived = derived.clone().with_stated(keys);
    derived.principal_account = None;
    derived
}

fn authenticated<'a>(derived: &Derived<'a>) -> Derived<'a> {
    let absent = key(CLAIMED, ContextValue::Absent);
    derived.clone().with_stated(vec![absent])
}

const CLAIMED: &str = "signin:PrincipalArn";

/// The documented forms: root, a user and a role, by their names without a
/// path.
fn claimed(derived: &Derived<'_>) -> Option<String> {
    let arn = derived.principal_arn.as_deref()?;
    let (_, resource) = arn.split_once(":iam::")?;
    (resource.matches('/').count() <= 1).then(|| arn.to_owned())
}

fn key(name: &str, value: ContextValue) -> ContextKey {
    ContextKey {
        name: name.to_owned(),
        value,
        provenance: Provenance::Derived,
    }
}

impl InForce<'_> {
    /// The account's policy about sign-ins, with what is allowed by default.
    fn sign_in_policy(&mut self, question: &Question<'_>, account: Option<&str>) {
        let account = account.unwrap_or_default();
        let policy = self.known_sign_in_policy(question, account);
        self.layers.resource = allowing_by_default(account, policy.as_ref());
        if self.layers.resource.is_none() {
            let what = format!("the policy of {} cannot be read", sign_in_key(account));
            self.gaps.push(what);
        }
    }

    /// The same of a call of `aws login` or another OAuth client, which needs
    /// a permission like any other.
    pub(in crate::label) fn sign_in_policy_of_call(
        &mut self,
        question: &Question<'_>,
        account: Option<&str>,
    ) {
        const CHECKED: [&str; 2] = ["signin:AuthorizeOAuth2Access", "signin:CreateOAuth2Token"];
        let Some(account) = account.filter(|_| CHECKED.contains(&question.call.action.as_str()))
        else {
            return;
        };
        match question.state.console_authorization(account) {
            ConsoleAuthorization::On(_) => {
                self.layers.resource = self.known_sign_in_policy(question, account);
            }
            ConsoleAuthorization::Off(_) => {}
            ConsoleAuthorization::Unknown(what) => self.unknown(
                question.assume.console_authorization_off,
                [&what, "", ""],
                "it is taken to be off",
            ),
        }
    }

    fn known_sign_in_policy(&mut self, question: &Question<'_>, account: &str) -> Option<Policy> {
        let key = sign_in_key(account);
        let assumed = question.assume.no_resource_policies;
        match question.state.sign_in_policy(account) {
            ResourcePolicy::Known(policy) => Some(policy.clone()),
            ResourcePolicy::InPart(policy) => {
                let what = ["other statements of the policy of ", &key, " are not known"];
                self.unknown(assumed, what, "it is taken to have none");
                Some(policy.clone())
            }
            ResourcePolicy::None => None,
            ResourcePolicy::Unknown => {
                let what = ["no policy of ", &key, " is known"];
                self.unknown(assumed, what, "it is taken to have none");
                None
            }
        }
    }
}
