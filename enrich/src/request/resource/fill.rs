//! ARN templates filled from request parameters, whose names differ per API.

use std::borrow::Cow;

use super::{Finder, everything};
use crate::catalogue::{Form, Part, Reading, Variable};
use crate::request::parameters::Parameters;
use crate::request::{Provenance, Target};

/// Beyond this many resources of one type a call counts as one on `*`: the
/// largest requests of AWS name 1,000.
const TARGETS_MAX: usize = 1_000;

/// The values of one template variable, and how they are known.
type Filled<'t> = (Vec<Cow<'t, str>>, Provenance);

impl<'r> Finder<'_, 'r> {
    /// The template with every combination of its variables' values. `None`:
    /// a value is missing, and `must` does not ask for a `*` in its place.
    pub(super) fn fill(&self, form: &Form, must: bool) -> Option<Vec<Target<'r>>> {
        let mut arns = vec![self.beginning()];
        let mut provenance = Provenance::Derived;
        for part in &form.parts {
            match part {
                Part::Literal(text) => append(&mut arns, text),
                Part::Partition => append(&mut arns, self.partition),
                Part::Region => append(&mut arns, &self.record.aws_region),
                Part::Variable(variable) if variable.is_account && !self.account.is_empty() => {
                    append(&mut arns, self.account);
                }
                Part::Variable(variable) => {
                    let (values, known) = self.values(variable);
                    provenance = provenance.max(known);
                    if provenance == Provenance::Unknown && !must {
                        return None;
                    }
                    if arns.len() * values.len() > TARGETS_MAX {
                        return Some(vec![everything(Provenance::Unknown)]);
                    }
                    combine(&mut arns, &values);
                }
            }
        }
        let known = |arn: String| {
            let known = form.entity.and_then(|kind| self.with_path(kind, &arn));
            self.target(known.unwrap_or(arn).into(), provenance)
        };
        Some(arns.into_iter().map(known).collect())
    }

    fn beginning(&self) -> String {
        let mut arn = String::with_capacity(96);
        arn.push_str("arn:");
        arn.push_str(self.partition);
        arn.push(':');
        arn
    }

    fn values(&self, variable: &Variable) -> Filled<'_> {
        let asked = named_in(self.parameters, variable);
        let found = asked.or_else(|| named_in(self.response(), variable));
        found.unwrap_or_else(|| {
            let known = match variable.is_all_otherwise {
                true => Provenance::Derived,
                false => Provenance::Unknown,
            };
            (vec!["*".into()], known)
        })
    }

    /// The same IAM entity with its path, if an inventory knows it.
    fn with_path(&self, kind: &str, arn: &str) -> Option<String> {
        let name = arn.rsplit('/').next()?;
        self.names.arn(kind, self.account, name)
    }
}

fn append(arns: &mut [String], text: &str) {
    arns.iter_mut().for_each(|arn| arn.push_str(text));
}

/// Every ARN with every value.
fn combine(arns: &mut Vec<String>, values: &[Cow<'_, str>]) {
    if let [value] = values {
        return append(arns, value);
    }
    let with = |arn: &String| values.iter().map(|value| format!("{arn}{value}")).collect();
    *arns = arns
        .iter()
        .flat_map(|arn| -> Vec<String> { with(arn) })
        .collect();
}

/// The values at the best path that has any which fit.
fn named_in<'t>(parameters: &'t Parameters<'_>, variable: &Variable) -> Option<Filled<'t>> {
    let paths = variable.paths.iter();
    let paths = paths.filter(|path| parameters.may_name(path));
    let mut fitting = paths.map(|path| {
        let found = parameters.at(path).into_iter();
        let fitting = found.filter_map(|value| fit(value, variable));
        fitting.collect::<Vec<_>>()
    });
    let values = fitting.find(|values| !values.is_empty())?;
    Some(known(variable, values))
}

/// A secret's ARN ends in six characters that only its creation tells.
fn known<'t>(variable: &Variable, values: Vec<Cow<'t, str>>) -> Filled<'t> {
    if variable.reading != Reading::Secret {
        return (values, Provenance::Derived);
    }
    let with_end = |name: Cow<'t, str>| format!("{name}-??????").into();
    let values = values.into_iter().map(with_end).collect();
    (values, Provenance::Unknown)
}

/// The value as it stands in the template, or `None` when it cannot stand
/// there.
fn fit<'t>(value: Cow<'t, str>, variable: &Variable) -> Option<Cow<'t, str>> {
    if variable.reading == Reading::Encoded {
        return Some(value.replace(':', "%3A").replace('/', "%2F").into());
    }
    if value.starts_with("arn:") || value.starts_with("HIDDEN_DUE_TO") {
        return None;
    }
    let end = |after: char| {
        value
            .rsplit(after)
            .next()
            .map(|name| name.to_owned().into())
    };
    match variable.reading {
        Reading::WithoutSlash => Some(match value.strip_prefix('/') {
            Some(rest) => rest.trim_start_matches('/').to_owned().into(),
            None => value,
        }),
        // `alias/name` where the template reads `…:alias/${Alias}`.
        _ if variable.kind.is_some_and(|kind| has_kind(&value, kind)) => value
            .split_once('/')
            .map(|(_, name)| name.to_owned().into()),
        Reading::Key if value.find('/').is_some_and(|at| at > 0) => None,
        // `https://sqs.eu-west-1.amazonaws.com/123456789012/name`, a queue's URL.
        Reading::Queue if value.starts_with("https://") => end('/'),
        // `123456789012:function:name`, Lambda's partial ARN.
        Reading::Function if value.contains(':') => end(':'),
        _ => Some(value),
    }
}

fn has_kind(value: &str, kind: &str) -> bool {
    let after = value.strip_prefix(kind);
    after.is_some_and(|after| after.starts_with('/'))
}
