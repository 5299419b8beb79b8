//! The resources of a call, in this order: what `resources` lists, ARNs among
//! the parameters, ARN templates filled from the parameters, the response of a
//! call that creates something, the message of a denial, and `*`.

mod fill;
mod oauth;

use serde_json::Value;
use trailwright_evaluator::service_data::{ResourceType, Service};
use trailwright_schemas::Record;

use super::{Call, Names, Provenance, Target, parameters, tree};
use crate::catalogue::{Catalogue, Needed};

/// Everything that resources are looked for in.
pub(super) struct Finder<'a> {
    record: &'a Record,
    catalogue: &'a Catalogue,
    names: &'a dyn Names,
    parameters: Value,
    response: Value,
    partition: &'static str,
    account: &'a str,
}

impl<'a> Finder<'a> {
    pub(super) fn new(
        record: &'a Record,
        catalogue: &'a Catalogue,
        names: &'a dyn Names,
        parameters: Value,
    ) -> Self {
        Self {
            record,
            catalogue,
            names,
            parameters,
            response: tree(record.response_elements.as_ref()),
            partition: partition(&record.aws_region),
            account: record
                .recipient_account_id
                .as_deref()
                .or(record.user_identity.account_id.as_deref())
                .unwrap_or_default(),
        }
    }

    /// The resources of one action. `None` for a role that is not passed.
    pub(super) fn call(&self, needed: &Needed) -> Option<Call> {
        let targets = match (needed.role, &needed.template) {
            (Some(path), _) => self.passed_roles(path)?,
            (None, Some(template)) => self.fill(needed, "", template),
            (None, None) => match self.oauth(needed) {
                Some(target) => vec![target],
                None => self.by_type(needed),
            },
        };
        Some(Call {
            action: needed.action.clone(),
            targets,
        })
    }

    fn passed_roles(&self, path: &str) -> Option<Vec<Target>> {
        let roles = parameters::at(&self.parameters, path);
        let is_role = |text: &String| !text.starts_with("arn:") || text.contains(":role/");
        let targets = roles.into_iter().filter(is_role).map(|role| {
            if role.starts_with("arn:") {
                return self.target(role, Provenance::Exact);
            }
            let arn = self.names.arn("role", self.account, &role);
            let guess = || format!("arn:{}:iam::{}:role/{role}", self.partition, self.account);
            self.target(arn.unwrap_or_else(guess), Provenance::Derived)
        });
        Some(targets.collect()).filter(|targets: &Vec<_>| !targets.is_empty())
    }

    fn by_type(&self, needed: &Needed) -> Vec<Target> {
        let Some(action) = self.catalogue.services().action(&needed.action) else {
            return vec![unknown()];
        };
        let service = action.service();
        let types: Vec<_> = action.resource_types().collect();
        if types.is_empty() {
            return vec![Target {
                arn: "*".to_owned(),
                account: None,
                provenance: Provenance::Exact,
            }];
        }
        let mut targets = Vec::new();
        let mut without_variables = Vec::new();
        for (kind, required) in &types {
            let found = self.of_type(needed, service, kind);
            let known = found.iter().all(|t| t.provenance != Provenance::Unknown);
            let only = types.len() == 1;
            // Another service's resource is meant only when it is named whole.
            let foreign = !required && !is_named(&found) && is_foreign(&needed.action, &found);
            if foreign {
                continue;
            }
            if kind.template.variables().next().is_none() && !required && !only {
                without_variables.extend(found);
            } else if known || *required || only {
                targets.extend(found.into_iter().map(|target| (*required, target)));
            }
        }
        let mut targets = without_optional_wildcards(targets);
        if targets.is_empty() {
            targets = without_variables;
        }
        targets.dedup_by(|a, b| a.arn == b.arn);
        if targets.is_empty() {
            targets.push(unknown());
        }
        targets
    }

    fn of_type(&self, needed: &Needed, service: &Service, kind: &ResourceType) -> Vec<Target> {
        let listed = self.listed(service, kind);
        if !listed.is_empty() {
            return listed;
        }
        let passed: Vec<Target> = parameters::arns(&self.parameters)
            .into_iter()
            .filter(|arn| service.has_type(kind, arn))
            .map(|arn| self.target(arn.to_owned(), Provenance::Exact))
            .collect();
        if !passed.is_empty() {
            return passed;
        }
        let filled = self.fill(needed, kind.name, &kind.template);
        if filled.iter().all(|t| t.provenance != Provenance::Unknown) {
            return filled;
        }
        let made = parameters::arns(&self.response)
            .into_iter()
            .find(|arn| service.has_type(kind, arn))
            .map(|arn| self.target(arn.to_owned(), Provenance::Derived));
        let denied = || {
            let arn = denied_resource(self.record).filter(|arn| service.has_type(kind, arn))?;
            Some(self.target(arn, Provenance::Exact))
        };
        made.or_else(denied)
            .or_else(|| self.caller(kind))
            .map_or(filled, |target| vec![target])
    }

    /// IAM takes the calling user where a call names none. A denied call may
    /// have named one: CloudTrail drops the parameters of many denials.
    fn caller(&self, kind: &ResourceType) -> Option<Target> {
        let arn = self.record.user_identity.arn.as_deref()?;
        let applies = kind.name == "user"
            && self.record.event_source == "iam.amazonaws.com"
            && self.record.error_code.is_none()
            && arn.contains(":user/");
        applies.then(|| self.target(arn.to_owned(), Provenance::Derived))
    }

    fn listed(&self, service: &Service, kind: &ResourceType) -> Vec<Target> {
        let mut targets = Vec::new();
        for resource in &self.record.resources {
            let whole = resource.arn.clone().map(|arn| (arn, Provenance::Exact));
            let prefix = || {
                Some((
                    format!(
                        "{}/*",
                        resource.arn_prefix.as_deref()?.trim_end_matches('/')
                    ),
                    Provenance::Derived,
                ))
            };
            let Some((arn, provenance)) = whole.or_else(prefix) else {
                continue;
            };
            if service.has_type(kind, &arn) {
                // S3 names the owner beside the bucket, not beside the object.
                let target = self.target(arn, provenance);
                targets.push(Target {
                    account: resource.account_id.clone().or(target.account),
                    ..target
                });
            }
        }
        targets
    }

    fn target(&self, arn: String, provenance: Provenance) -> Target {
        let account = account_of(&arn).or_else(|| {
            let listed = self
                .record
                .resources
                .iter()
                .find_map(|resource| resource.account_id.clone());
            listed.or_else(|| self.record.recipient_account_id.clone())
        });
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
fn without_optional_wildcards(targets: Vec<(bool, Target)>) -> Vec<Target> {
    let is_named = |target: &Target| target.provenance == Provenance::Exact;
    let any_named = targets.iter().any(|(_, target)| is_named(target));
    targets
        .into_iter()
        .filter(|(required, target)| {
            *required || !any_named || is_named(target) || !target.arn.ends_with('*')
        })
        .map(|(_, target)| target)
        .collect()
}

fn is_named(found: &[Target]) -> bool {
    found
        .iter()
        .all(|target| target.provenance == Provenance::Exact)
}

fn is_foreign(action: &str, found: &[Target]) -> bool {
    let prefix = action.split(':').next();
    found
        .iter()
        .any(|target| target.arn.split(':').nth(2) != prefix)
}

fn unknown() -> Target {
    Target {
        arn: "*".to_owned(),
        account: None,
        provenance: Provenance::Unknown,
    }
}

fn account_of(arn: &str) -> Option<String> {
    let account = arn.split(':').nth(4)?;
    let digits = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| account.to_owned())
}

pub(crate) fn partition(region: &str) -> &'static str {
    match region.split('-').next() {
        Some("cn") => "aws-cn",
        Some("eusc") => "aws-eusc",
        Some("us") if region.starts_with("us-gov-") => "aws-us-gov",
        Some("us") if region.starts_with("us-iso-") => "aws-iso",
        Some("us") if region.starts_with("us-isob-") => "aws-iso-b",
        Some("us") if region.starts_with("us-isof-") => "aws-iso-f",
        _ => "aws",
    }
}
