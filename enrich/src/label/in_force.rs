//! The policies that apply to one action on one resource, and what is not
//! known of them.

use trailwright_evaluator::{Layers, Options, Principal, Request};

use super::question::{Question, principal_arn};
use crate::policies::{ResourcePolicy, TrustPolicy};

/// What evaluation needs.
pub(super) struct InForce<'a> {
    pub(super) request: Request<'a>,
    pub(super) layers: Layers,
    /// What was assumed because nothing is known of it, in words.
    pub(super) assumptions: Vec<String>,
    /// What is not known and could change the decision: only an explicit deny
    /// stands in spite of it.
    pub(super) gaps: Vec<String>,
    pub(super) default_key_policy: bool,
    /// The role that is asked for is known not to be there: how.
    pub(super) no_such_role: Option<String>,
}

/// Services whose resources can have a policy of their own.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html>
const WITH_RESOURCE_POLICIES: [&str; 22] = [
    "acm-pca",
    "backup",
    "codeartifact",
    "codebuild",
    "dynamodb",
    "ecr",
    "elasticfilesystem",
    "es",
    "events",
    "execute-api",
    "glacier",
    "glue",
    "kinesis",
    "lambda",
    "logs",
    "s3",
    "s3express",
    "secretsmanager",
    "sns",
    "sqs",
    "vpc-lattice",
    "xray",
];

impl<'a> InForce<'a> {
    /// The request, without any policies.
    pub(super) fn without_policies(question: &'a Question<'a>) -> Self {
        Self {
            request: question.request(),
            layers: Layers::default(),
            assumptions: Vec::new(),
            gaps: Vec::new(),
            default_key_policy: false,
            no_such_role: None,
        }
    }

    pub(super) fn find(question: &'a Question<'a>) -> Self {
        let mut found = Self::without_policies(question);
        found.identity(question);
        found.session(question);
        found.resource(question, question.owner);
        found.organization(question, question.owner);
        found.vpc_endpoint(question);
        found
    }

    /// How the policies are evaluated.
    pub(super) fn options(&self) -> Options {
        Options {
            assume_default_key_policy: self.default_key_policy,
            ..Options::default()
        }
    }

    /// A layer of which nothing is known: an assumption, or a gap.
    pub(super) fn unknown(&mut self, assumed: bool, [what, which, how]: [&str; 3], taken: &str) {
        if assumed {
            let text = [what, which, how, "; ", taken];
            self.assumptions.push(text.concat());
        } else {
            self.gaps.push([what, which, how].concat());
        }
    }

    pub(super) fn identity(&mut self, question: &Question<'_>) {
        let derived = question.derived;
        match &derived.principal {
            Principal::Root { account } => {
                if !question.state.knows_account(account) {
                    self.gaps.push(no_policies(&format!("account {account}")));
                }
                return;
            }
            Principal::Service { .. }
            | Principal::WebIdentity { .. }
            | Principal::Saml { .. }
            | Principal::Anonymous => return,
            _ => {}
        }
        let arn = principal_arn(derived).unwrap_or("the caller");
        match question.policies {
            Some(policies) => {
                self.layers.identity.clone_from(&policies.identity);
                self.layers.boundary.clone_from(&policies.boundary);
                let of = |gap: &String| format!("{gap}, and {arn} depends on it");
                self.gaps.extend(policies.gaps.iter().map(of));
            }
            None => self.gaps.push(no_policies(arn)),
        }
    }

    pub(super) fn session(&mut self, question: &Question<'_>) {
        if let Some(passed) = question.session {
            self.layers.session.clone_from(&passed.policies);
            self.gaps.extend(passed.gaps.iter().cloned());
            return;
        }
        match question.derived.principal {
            Principal::AssumedRole { .. } => self.unknown(
                question.assume.no_session_policies,
                [
                    "it is not known whether a session policy was passed",
                    "",
                    "",
                ],
                "none is assumed",
            ),
            // Such a session has no permissions but those passed to it.
            Principal::FederatedUser { .. } => self
                .gaps
                .push("the policy passed for the federated user is not known".to_owned()),
            _ => {}
        }
    }

    fn resource(&mut self, question: &Question<'_>, account: Option<&str>) {
        let arn = &*question.target.arn;
        let service = question.call.action.prefix();
        if service == "signin" {
            self.sign_in_policy_of_call(question, account);
            return;
        }
        let is_trust = service == "sts" && arn.contains(":role/");
        if is_trust {
            match question.state.trust_policy(arn) {
                TrustPolicy::Known(policy) => {
                    self.layers.resource = Some(policy.clone());
                    return;
                }
                TrustPolicy::NoRole(why) => {
                    self.no_such_role = Some(why);
                    return;
                }
                TrustPolicy::Unknown => {}
            }
        } else {
            match question.resource_policy {
                ResourcePolicy::Known(policy) => {
                    self.layers.resource = Some(policy.clone());
                    return;
                }
                ResourcePolicy::InPart(policy) => {
                    self.layers.resource = Some(policy.clone());
                    self.unknown(
                        question.assume.no_resource_policies,
                        ["other statements of the policy of ", arn, " are not known"],
                        "it is taken to have none",
                    );
                    return;
                }
                ResourcePolicy::None => return,
                ResourcePolicy::Unknown => {}
            }
        }
        let outside = matches!(
            question.derived.principal,
            Principal::Service { .. }
                | Principal::WebIdentity { .. }
                | Principal::Saml { .. }
                | Principal::Anonymous
        );
        let caller = question.derived.principal_account.as_deref();
        let abroad = account.is_some() && caller.is_some() && account != caller;
        if outside {
            let who = question.derived.principal.arn();
            let who = who.as_deref().unwrap_or("an anonymous caller");
            self.gaps.push(no_policies(&format!("{who} on {arn}")));
        } else if is_trust {
            self.gaps
                .push(format!("the trust policy of {arn} is not known"));
        } else if abroad && arn != "*" {
            self.gaps.push(format!(
                "{arn} is in another account, and its policy is not known"
            ));
        } else if service == "kms" && arn.contains(":key/") {
            self.default_key_policy = question.assume.no_resource_policies;
            self.unknown(
                question.assume.no_resource_policies,
                ["the key policy of ", arn, " is not known"],
                "the default key policy is assumed, which leaves it to IAM policies",
            );
        } else if WITH_RESOURCE_POLICIES.contains(&service) && arn != "*" {
            self.unknown(
                question.assume.no_resource_policies,
                ["no policy of ", arn, " is known"],
                "it is taken to have none",
            );
        }
    }

    pub(super) fn organization(&mut self, question: &Question<'_>, account: Option<&str>) {
        let caller = question.derived.principal_account.as_deref();
        let restricted = !self.request.is_of_service_linked_role();
        let under_rcp = question.call.action.is_under_rcp();
        let Some(organization) = question.state.organization() else {
            if caller.is_some() && restricted {
                self.unknown(
                    question.assume.no_service_control_policies,
                    ["no organization is known", "", ""],
                    "no service control policies are assumed",
                );
            }
            if under_rcp && restricted {
                self.unknown(
                    question.assume.no_resource_control_policies,
                    ["no organization of the resource is known", "", ""],
                    "no resource control policies are assumed",
                );
            }
            return;
        };
        let levels = caller.and_then(|account| organization.levels_of(account));
        if let (Some(caller), None, true) = (caller, levels, restricted) {
            self.unknown(
                question.assume.no_service_control_policies,
                [
                    "account ",
                    caller,
                    " is not in the organization that is known",
                ],
                "no service control policies are assumed",
            );
        }
        if let Some(levels) = levels {
            self.layers.scp = Some(levels.scp.clone()).filter(|levels| !levels.is_empty());
            if restricted && caller != organization.management_account.as_deref() {
                self.gaps.extend(levels.gaps.iter().cloned());
            }
        }
        let owner = account.filter(|_| under_rcp);
        let of_owner = match owner {
            Some(account) if owner != caller => organization.levels_of(account),
            _ => levels.filter(|_| owner.is_some()),
        };
        if let Some(levels) = of_owner {
            self.layers.rcp = Some(levels.rcp.clone());
            if restricted && owner != organization.management_account.as_deref() {
                self.gaps.extend(levels.gaps.iter().cloned());
            }
        }
    }

    pub(super) fn vpc_endpoint(&mut self, question: &Question<'_>) {
        let Some(endpoint) = question.vpc_endpoint else {
            return;
        };
        if !endpoint.starts_with("vpce-") {
            return;
        }
        match question.state.resource_policy(endpoint).0 {
            ResourcePolicy::Known(policy) => {
                self.layers.vpc_endpoint = Some(policy.clone().into());
            }
            _ => self.unknown(
                question.assume.no_vpc_endpoint_policies,
                ["the policy of endpoint ", endpoint, " is not known"],
                "the default is assumed, which allows everything",
            ),
        }
    }
}

fn no_policies(of: &str) -> String {
    format!("no policies known for this principal: {of}")
}
