//! The resources of a call, in this order: what `resources` lists, ARNs among
//! the parameters, ARN templates filled from the parameters, the response of a
//! call that creates something, the message of a denial, and `*`.

mod fill;
mod oauth;

use std::borrow::Cow;
use std::cell::OnceCell;

use trailwright_evaluator::account_of;
use trailwright_schemas::Record;

use super::parameters::Parameters;
use super::{Call, Names, Provenance, Target};
use crate::catalogue::{Kind, Needed, Path, Resources};

/// Everything that resources are looked for in.
pub(super) struct Finder<'f, 'r> {
    record: &'r Record,
    names: &'f dyn Names,
    parameters: &'f Parameters<'r>,
    response: OnceCell<Parameters<'r>>,
    partition: &'static str,
    account: &'r str,
    /// Who owns what is not named with its account.
    owner: Option<&'r str>,
}

impl<'f, 'r> Finder<'f, 'r> {
    pub(super) fn new(
        record: &'r Record,
        names: &'f dyn Names,
        parameters: &'f Parameters<'r>,
    ) -> Self {
        let recipient = record.recipient_account_id.as_deref();
        let mut listed = record.resources.iter();
        let listed = listed.find_map(|resource| resource.account_id.as_deref());
        Self {
            record,
            names,
            parameters,
            response: OnceCell::new(),
            partition: partition(&record.aws_region),
            account: recipient
                .or(record.user_identity.account_id.as_deref())
                .unwrap_or_default(),
            owner: listed.or(recipient),
        }
    }

    /// The resources of one action. `None` for a role that is not passed.
    pub(super) fn call(&self, needed: &'r Needed) -> Option<Call<'r>> {
        let targets = match &needed.resources {
            Resources::None => vec![everything(Provenance::Exact)],
            Resources::Unknown => vec![everything(Provenance::Unknown)],
            Resources::PassedRole(path) => self.passed_roles(path)?,
            Resources::Form(form) => self.fill(form, true)?,
            Resources::Types(kinds) => match self.oauth(needed) {
                Some(target) => vec![target],
                None => self.by_type(needed, kinds),
            },
        };
        Some(Call {
            action: Cow::Borrowed(&needed.action),
            targets,
        })
    }

    fn response(&self) -> &Parameters<'r> {
        let read = || Parameters::read(self.record.response_elements.as_ref());
        self.response.get_or_init(read)
    }

    fn passed_roles(&self, path: &Path) -> Option<Vec<Target<'r>>> {
        let roles = self.parameters.at(path);
        let is_role = |text: &Cow<'_, str>| !text.starts_with("arn:") || text.contains(":role/");
        let targets = roles.into_iter().filter(is_role).map(|role| {
            if role.starts_with("arn:") {
                return self.target(role.into_owned().into(), Provenance::Exact);
            }
            let arn = self.names.arn("role", self.account, &role);
            let guess = || format!("arn:{}:iam::{}:role/{role}", self.partition, self.account);
            self.target(arn.unwrap_or_else(guess).into(), Provenance::Derived)
        });
        Some(targets.collect()).filter(|targets: &Vec<_>| !targets.is_empty())
    }

    fn by_type(&self, needed: &Needed, kinds: &[Kind]) -> Vec<Target<'r>> {
        if let [kind] = kinds {
            return self.of_type(kind, true);
        }
        let mut targets = Vec::new();
        let mut fixed = Vec::new();
        for kind in kinds {
            let found = self.of_type(kind, kind.required);
            let known = found.iter().all(|t| t.provenance != Provenance::Unknown);
            // Another service's resource is meant only when it is named whole.
            if !kind.required && !is_named(&found) && is_foreign(needed.action.prefix(), &found) {
                continue;
            }
            if kind.is_fixed && !kind.required {
                fixed.extend(found);
            } else if known || kind.required {
                targets.extend(found.into_iter().map(|target| (kind.required, target)));
            }
        }
        let mut targets = without_optional_wildcards(targets);
        if targets.is_empty() {
            targets = fixed;
        }
        targets.dedup_by(|a, b| a.arn == b.arn);
        if targets.is_empty() {
            targets.push(everything(Provenance::Unknown));
        }
        targets
    }

    /// The resources of one type; none, if the record tells none and the call
    /// does not need one (`must`).
    fn of_type(&self, kind: &Kind, must: bool) -> Vec<Target<'r>> {
        let listed = self.listed(kind);
        if !listed.is_empty() {
            return listed;
        }
        let passed: Vec<Target<'r>> = self
            .parameters
            .arns()
            .into_iter()
            .filter(|arn| kind.test.holds(arn))
            .map(|arn| self.target(arn.to_owned().into(), Provenance::Exact))
            .collect();
        if !passed.is_empty() {
            return passed;
        }
        let filled = self.fill(&kind.form, must).unwrap_or_default();
        let is_known =
            !filled.is_empty() && filled.iter().all(|t| t.provenance != Provenance::Unknown);
        if is_known && filled.iter().all(|target| !target.arn.contains('*')) {
            return filled;
        }
        // A wildcard stands for what the parameters do not name. CloudTrail
        // drops the parameters of many denials, whose messages name it.
        if let Some(arn) = denied_resource(self.record).filter(|arn| kind.test.holds(arn)) {
            return vec![self.target(arn.into(), Provenance::Exact)];
        }
        if is_known {
            return filled;
        }
        let made = self
            .response()
            .arns()
            .into_iter()
            .find(|arn| kind.test.holds(arn))
            .map(|arn| self.target(arn.to_owned().into(), Provenance::Derived));
        made.or_else(|| self.caller(kind))
            .map_or(filled, |target| vec![target])
    }

    /// IAM takes the calling user where a call names none. A denied call may
    /// have named one: CloudTrail drops the parameters of many denials.
    fn caller(&self, kind: &Kind) -> Option<Target<'r>> {
        let arn = self.record.user_identity.arn.as_deref()?;
        let applies = kind.name == "user"
            && self.record.event_source == "iam.amazonaws.com"
            && self.record.error_code.is_none()
            && arn.contains(":user/");
        applies.then(|| self.target(arn.into(), Provenance::Derived))
    }

    fn listed(&self, kind: &Kind) -> Vec<Target<'r>> {
        let mut targets = Vec::new();
        for resource in &self.record.resources {
            let (arn, provenance) = match (&resource.arn, &resource.arn_prefix) {
                (Some(arn), _) => (Cow::Borrowed(arn.as_str()), Provenance::Exact),
                (None, Some(prefix)) => {
                    let all = format!("{}/*", prefix.trim_end_matches('/'));
                    (Cow::Owned(all), Provenance::Derived)
                }
                (None, None) => continue,
            };
            if kind.test.holds(&arn) {
                // S3 names the owner beside the bucket, not beside the object.
                let mut target = self.target(arn, provenance);
                if let Some(account) = &resource.account_id {
                    target.account = Some(account.into());
                }
                targets.push(target);
            }
        }
        targets
    }

    fn target(&self, arn: Cow<'r, str>, provenance: Provenance) -> Target<'r> {
        let is_id =
            |account: &&str| account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        let account = match account_of(&arn).filter(is_id) {
            Some(account) if account == self.account => Some(self.account.into()),
            Some(account) => Some(account.to_owned().into()),
            None => self.owner.map(Cow::Borrowed),
        };
        Target {
            arn,
            account,
            provenance,
        }
    }
}

/// The resource that the message of a denial names, as an ARN
/// (`… is not authorized to perform: X on resource: ARN …`) or, for IAM, as a
/// kind and a name (`user ada`).
fn denied_resource(record: &Record) -> Option<String> {
    let message = record.error_message.as_deref()?;
    let (_, after) = message.split_once(" on resource: ")?;
    let mut words = after.split_whitespace();
    let first = words.next()?;
    if !matches!(first, "user" | "role" | "group" | "policy") {
        return Some(first.to_owned());
    }
    let name = words.next().filter(|word| *word != "because")?;
    let partition = partition(&record.aws_region);
    let account = record.user_identity.account_id.as_deref()?;
    Some(format!("arn:{partition}:iam::{account}:{first}/{name}"))
}

/// A call that names a resource does not ask for all of another type as well:
/// listing a bucket is no question to every access point.
fn without_optional_wildcards(targets: Vec<(bool, Target<'_>)>) -> Vec<Target<'_>> {
    let is_named = |target: &Target<'_>| target.provenance == Provenance::Exact;
    let any_named = targets.iter().any(|(_, target)| is_named(target));
    targets
        .into_iter()
        .filter(|(required, target)| {
            *required || !any_named || is_named(target) || !target.arn.ends_with('*')
        })
        .map(|(_, target)| target)
        .collect()
}

fn is_named(found: &[Target<'_>]) -> bool {
    found
        .iter()
        .all(|target| target.provenance == Provenance::Exact)
}

fn is_foreign(prefix: &str, found: &[Target<'_>]) -> bool {
    found
        .iter()
        .any(|target| target.arn.split(':').nth(2) != Some(prefix))
}

fn everything(provenance: Provenance) -> Target<'static> {
    Target {
        arn: Cow::Borrowed("*"),
        account: None,
        provenance,
    }
}

/// Partitions beside `aws` by how their Regions begin.
const PARTITIONS: [(&str, &str); 6] = [
    ("cn-", "aws-cn"),
    ("eusc-", "aws-eusc"),
    ("us-gov-", "aws-us-gov"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
    ("us-isof-", "aws-iso-f"),
];

pub(crate) fn partition(region: &str) -> &'static str {
    let named = PARTITIONS.iter();
    let mut named = named.filter(|(beginning, _)| region.starts_with(beginning));
    named.next().map_or("aws", |(_, partition)| partition)
}
