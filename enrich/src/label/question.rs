//! One action on one resource, as the evaluator is asked.

use trailwright_evaluator::{Context, ContextValue, Principal, Request, Unlisted};

use super::Assume;
use crate::policies::State;
use crate::request::{Call, Derived, Target};

/// What is asked.
pub(super) struct Question<'a> {
    /// What a session policy may be known by: access key and session ARN.
    pub(super) session_keys: [Option<&'a str>; 2],
    pub(super) vpc_endpoint: Option<&'a str>,
    pub(super) state: &'a State,
    pub(super) derived: &'a Derived<'a>,
    pub(super) call: &'a Call<'a>,
    pub(super) target: &'a Target<'a>,
    pub(super) assume: &'a Assume,
    /// What a condition key counts as that is not listed.
    pub(super) unlisted: Unlisted,
}

impl<'a> Question<'a> {
    /// The account that owns the resource.
    pub(super) fn owner(&self) -> Option<String> {
        let stated = self.state.resource_policy(&self.target.arn);
        stated
            .and_then(|known| known.account.clone())
            .or_else(|| self.target.account.as_deref().map(str::to_owned))
    }

    pub(super) fn request(&self, account: Option<&str>) -> Request<'a> {
        let derived = self.derived;
        let mut context = Context::with_unlisted(self.unlisted).with_keys(derived);
        if let Some(account) = account {
            context.one("aws:ResourceAccount", account);
        }
        let organization = self.state.organization();
        if let Some(organization) = organization {
            let caller = derived.principal_account.as_deref();
            let mut member = |account: Option<&str>, id: &str, paths: &str| {
                let levels = account.and_then(|account| organization.levels_of(account));
                match (account, levels, &organization.id) {
                    (_, Some(levels), Some(organization_id)) => {
                        context.one(id, organization_id.as_str());
                        context.many(paths, [levels.path.as_str()]);
                    }
                    // Services and anonymous callers belong to none.
                    (None, ..) => {
                        context.absent(id);
                        context.absent(paths);
                    }
                    // Another account may belong to another organization.
                    _ => {}
                }
            };
            member(caller, "aws:PrincipalOrgID", "aws:PrincipalOrgPaths");
            if account.is_some() {
                member(account, "aws:ResourceOrgID", "aws:ResourceOrgPaths");
            }
        }
        self.principal_tags(&mut context);
        let mut request = Request::for_action(
            &derived.principal,
            &self.call.action,
            &self.target.arn,
            context,
        );
        if let Some(account) = account {
            request = request.in_account(account.to_owned());
        }
        match organization.and_then(|known| known.management_account.as_deref()) {
            Some(account) => request.with_management_account(account),
            None => request,
        }
    }

    /// A user's tags are all there are. Those of a role are not set: tags passed
    /// with the session come on top and may replace them.
    fn principal_tags(&self, context: &mut Context<'_>) {
        let Principal::User { arn } = &self.derived.principal else {
            return;
        };
        let Some(policies) = self.state.principal(arn) else {
            return;
        };
        context.set_unlisted_under("aws:PrincipalTag", Unlisted::Absent);
        for (name, value) in &policies.tags {
            let key = format!("aws:PrincipalTag/{name}");
            context.set(&key, ContextValue::One(value.clone()));
        }
    }
}
