//! One action on one resource, as the evaluator is asked.

use std::borrow::Cow;

use trailwright_evaluator::{
    Context, ContextValue, Keys, Lookup, Principal, Request, Unlisted, key_hash,
};

use super::Assume;
use crate::policies::{AsOf, PrincipalPolicies, ResourcePolicy, SessionPolicies};
use crate::request::{Call, Derived, Target};

/// What is asked. It is also where the evaluator looks up condition keys: those
/// that depend on the resource and on what is known of the caller, then those
/// of the request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question<'a> {
    /// What was passed to the caller's session, if that is known.
    pub(super) session: Option<&'a SessionPolicies>,
    /// What is attached to the caller, if anything is known of it.
    pub(super) policies: Option<&'a PrincipalPolicies>,
    pub(super) vpc_endpoint: Option<&'a str>,
    pub(super) state: AsOf<'a>,
    pub(super) derived: &'a Derived<'a>,
    pub(super) call: &'a Call<'a>,
    pub(super) target: &'a Target<'a>,
    /// The resource's own policy, trust policies apart.
    pub(super) resource_policy: &'a ResourcePolicy,
    /// The account that owns the resource.
    pub(super) owner: Option<&'a str>,
    pub(super) assume: &'a Assume,
    /// What a condition key counts as that is not listed.
    pub(super) unlisted: Unlisted,
}

/// A resource's own policy and the account that owns it.
pub(super) fn resource<'a>(
    state: AsOf<'a>,
    target: &'a Target<'a>,
) -> (&'a ResourcePolicy, Option<&'a str>) {
    let (policy, stated) = state.resource_policy(&target.arn);
    (policy, stated.or(target.account.as_deref()))
}

/// What is attached to the caller.
pub(super) fn policies<'a>(
    state: AsOf<'a>,
    derived: &Derived<'_>,
) -> Option<&'a PrincipalPolicies> {
    state.principal(principal_arn(derived)?)
}

/// The ARN whose policies the caller has.
pub(super) fn principal_arn<'d>(derived: &'d Derived<'_>) -> Option<&'d str> {
    match &derived.principal {
        Principal::FederatedUser { issuer_arn, .. } => issuer_arn.as_deref(),
        _ => derived.principal_arn.as_deref(),
    }
}

/// The keys that do not come from the record, as people write them.
const OWN: [&str; 5] = [
    "aws:ResourceAccount",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:ResourceOrgID",
    "aws:ResourceOrgPaths",
];
const HASHES: [u64; 5] = [
    key_hash(OWN[0]),
    key_hash(OWN[1]),
    key_hash(OWN[2]),
    key_hash(OWN[3]),
    key_hash(OWN[4]),
];
const TAG: &str = "aws:principaltag/";

impl<'a> Question<'a> {
    pub(super) fn request<'q>(&'q self) -> Request<'q>
    where
        'a: 'q,
    {
        let derived = self.derived;
        let context = Context::with_unlisted(self.unlisted).with_keys(self);
        let mut request = Request::for_action(
            &derived.principal,
            &self.call.action,
            &self.target.arn,
            context,
        );
        if let Some(account) = derived.principal_account.as_deref() {
            request = request.from_account(account);
        }
        if let Some(account) = self.owner {
            request = request.in_account(account);
        }
        let organization = self.state.organization();
        match organization.and_then(|known| known.management_account.as_deref()) {
            Some(account) => request.with_management_account(account),
            None => request,
        }
    }

    /// The keys that do not come from the record, for people.
    pub(super) fn own_keys(&self) -> Vec<(String, ContextValue)> {
        let named = OWN.iter().map(|name| (*name).to_owned());
        let tags = self.policies.into_iter().flat_map(|known| &known.tags);
        let tags = tags.map(|(name, _)| &**name);
        let passed = self.session.into_iter().flat_map(|session| &session.tags);
        let mut names: Vec<&str> = tags.chain(passed.map(|(name, _)| name.as_str())).collect();
        names.sort_unstable();
        names.dedup_by(|a, b| a.eq_ignore_ascii_case(b));
        let tags = names.iter().map(|name| format!("aws:PrincipalTag/{name}"));
        let found = |name: String| {
            let key = name.to_lowercase();
            let value = self.own(key_hash(&key), &key)?.into_value();
            Some((name, value))
        };
        named.chain(tags).filter_map(found).collect()
    }

    fn own(&self, hash: u64, key: &str) -> Option<Lookup<'_>> {
        if let Some(tag) = key.strip_prefix(TAG) {
            return self.principal_tag(tag);
        }
        let place = HASHES.iter().position(|known| *known == hash)?;
        let caller = self.derived.principal_account.as_deref();
        match place {
            0 => self.owner.map(|account| Lookup::One(account.into())),
            1 | 2 => self.membership(caller, place == 2),
            _ => self.membership(Some(self.owner?), place == 4),
        }
    }

    /// The organization of an account, or its place there.
    fn membership(&self, account: Option<&str>, paths: bool) -> Option<Lookup<'_>> {
        let organization = self.state.organization()?;
        // Services and anonymous callers belong to none.
        let Some(account) = account else {
            return Some(Lookup::Absent);
        };
        // Another account may belong to another organization.
        let levels = organization.levels_of(account)?;
        let id = organization.id.as_deref()?;
        Some(if paths {
            Lookup::Many(Cow::Borrowed(std::slice::from_ref(&levels.path)))
        } else {
            Lookup::One(id.into())
        })
    }

    /// The tags of the user or role, and those passed with the session, which
    /// win. Where both are known, there are no others.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>
    fn principal_tag(&self, name: &str) -> Option<Lookup<'_>> {
        let is_session = match &self.derived.principal {
            Principal::User { .. } => false,
            Principal::AssumedRole { .. } | Principal::FederatedUser { .. } => true,
            _ => return None,
        };
        let passed = self.session.into_iter().flat_map(|session| &session.tags);
        let mut passed = passed.filter(|(tag, _)| tag.eq_ignore_ascii_case(name));
        if let Some((_, value)) = passed.next_back() {
            return Some(Lookup::One(value.into()));
        }
        // A tag of the role may have been replaced by one of a session of which
        // nothing is known.
        if is_session && self.session.is_none() {
            return None;
        }
        let known = self.policies?;
        let mut tags = known.tags.iter();
        match tags.find(|(tag, _)| tag.eq_ignore_ascii_case(name)) {
            Some((_, value)) => Some(Lookup::One(Cow::Borrowed(value))),
            None => known.all_tags_known.then_some(Lookup::Absent),
        }
    }
}

impl Keys for Question<'_> {
    fn look_up(&self, hash: u64, key: &str) -> Option<Lookup<'_>> {
        // What is said outright (by `eventContext`, by a person) wins.
        self.derived
            .said_outright(key)
            .or_else(|| self.own(hash, key))
            .or_else(|| self.derived.look_up(hash, key))
    }

    fn list(&self) -> Vec<(String, ContextValue)> {
        let mut keys = self.derived.list();
        for (name, value) in self.own_keys() {
            if self.derived.said_outright(&name.to_lowercase()).is_none() {
                keys.retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
                keys.push((name, value));
            }
        }
        keys
    }
}
