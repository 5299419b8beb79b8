//! One action on one resource, as the evaluator is asked.

use trailwright_evaluator::{Context, ContextValue, Principal, Request, Unlisted};

use super::Assume;
use crate::policies::{AsOf, SessionPolicies};
use crate::request::{Call, Derived, Target};

/// What is asked.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    /// What was passed to the caller's session, if that is known.
    pub(super) session: Option<&'a SessionPolicies>,
    pub(super) vpc_endpoint: Option<&'a str>,
    pub(super) state: AsOf<'a>,
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
        let (_, stated) = self.state.resource_policy(&self.target.arn);
        stated
            .map(str::to_owned)
            .or_else(|| self.target.account.as_deref().map(str::to_owned))
    }

    /// The ARN whose policies the caller has.
    pub(super) fn principal_arn(&self) -> Option<&str> {
        match &self.derived.principal {
            Principal::FederatedUser { issuer_arn, .. } => issuer_arn.as_deref(),
            _ => self.derived.principal_arn.as_deref(),
        }
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
                        context.one(id, &**organization_id);
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

    /// The tags of the user or role, and those passed with the session, which
    /// win. Where both are known, there are no others.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>
    fn principal_tags(&self, context: &mut Context<'_>) {
        let is_session = match &self.derived.principal {
            Principal::User { .. } => false,
            Principal::AssumedRole { .. } | Principal::FederatedUser { .. } => true,
            _ => return,
        };
        let known = self
            .principal_arn()
            .and_then(|arn| self.state.principal(arn));
        let all_known = known.is_some_and(|known| known.all_tags_known);
        if all_known && (!is_session || self.session.is_some()) {
            context.set_unlisted_under("aws:PrincipalTag", Unlisted::Absent);
        }
        let mut set = |name: &str, value: &str| {
            let key = format!("aws:PrincipalTag/{name}");
            context.set(&key, ContextValue::One(value.to_owned()));
        };
        // A tag of the role may have been replaced by one of a session of which
        // nothing is known.
        if !is_session || self.session.is_some() {
            for (name, value) in known.into_iter().flat_map(|known| &known.tags) {
                set(name, value);
            }
        }
        for (name, value) in self.session.into_iter().flat_map(|session| &session.tags) {
            set(name, value);
        }
    }
}
