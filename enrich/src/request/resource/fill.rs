//! ARN templates filled from request parameters, whose names differ per API.

use super::{Finder, unknown};
use crate::catalogue::Needed;
use crate::request::{Provenance, Target, parameters};
use trailwright_evaluator::service_data::{ArnTemplate, Piece};

/// Beyond this many resources of one type a call counts as one on `*`: the
/// largest requests of AWS name 1,000.
const TARGETS_MAX: usize = 1_000;

/// The values of one template variable, and how they are known.
type Filled = (Vec<String>, Provenance);

impl Finder<'_> {
    /// The template with every combination of its variables' values.
    pub(super) fn fill(&self, needed: &Needed, kind: &str, template: &ArnTemplate) -> Vec<Target> {
        let mut arns = vec![format!("arn:{}:", self.partition)];
        let mut provenance = Provenance::Derived;
        let mut literal = "";
        for piece in template.pieces() {
            let (values, known) = match piece {
                Piece::Literal(text) => {
                    literal = text;
                    (vec![text.to_owned()], Provenance::Exact)
                }
                Piece::Variable(name) => self.values(needed, kind, name, literal),
            };
            provenance = provenance.max(known);
            if arns.len() * values.len() > TARGETS_MAX {
                return vec![unknown()];
            }
            arns = arns
                .iter()
                .flat_map(|arn| values.iter().map(move |value| format!("{arn}{value}")))
                .collect();
        }
        let known = |arn| self.target(self.with_path(kind, arn), provenance);
        arns.into_iter().map(known).collect()
    }

    fn values(&self, needed: &Needed, kind: &str, variable: &str, before: &str) -> Filled {
        match variable {
            "Partition" => return (vec![self.partition.to_owned()], Provenance::Exact),
            "Region" => return (vec![self.record.aws_region.clone()], Provenance::Exact),
            "Account" | "AccountId" if !self.account.is_empty() => {
                return (vec![self.account.to_owned()], Provenance::Exact);
            }
            _ => {}
        }
        let (prefix, _) = needed.action.split_once(':').unwrap_or_default();
        let mapped = needed.variables.iter().find(|(name, _)| *name == variable);
        let paths = mapped.map_or(&[][..], |(_, paths)| paths);
        if paths == ["*"] {
            return (wildcard(), Provenance::Derived);
        }
        let aliases = self.catalogue.aliases(prefix, variable);
        let stated = paths
            .iter()
            .chain(aliases)
            .copied()
            .filter(|path| *path != "*");
        let guesses = guesses(variable, kind, &self.record.event_name);
        let candidates: Vec<&str> = stated.chain(guesses.iter().map(String::as_str)).collect();
        for tree in [&self.parameters, &self.response] {
            for path in &candidates {
                let found = parameters::at(tree, path);
                let values: Vec<String> = found
                    .iter()
                    .filter_map(|value| fit(value, variable, before))
                    .collect();
                if !values.is_empty() {
                    return known(variable, values);
                }
            }
        }
        // The call creates it, or asks for all there are: AWS evaluates `*`.
        let all = paths.contains(&"*") || is_list(&self.record.event_name);
        let known = if all {
            Provenance::Derived
        } else {
            Provenance::Unknown
        };
        (wildcard(), known)
    }

    /// The same IAM entity with its path, if an inventory knows it.
    fn with_path(&self, kind: &str, arn: String) -> String {
        let iam = matches!(
            kind,
            "user" | "role" | "group" | "policy" | "instance-profile"
        );
        let name = arn
            .rsplit('/')
            .next()
            .filter(|_| iam && arn.contains(":iam::"));
        name.and_then(|name| self.names.arn(kind, self.account, name))
            .unwrap_or(arn)
    }
}

/// A secret's ARN ends in six characters that only its creation tells.
fn known(variable: &str, values: Vec<String>) -> Filled {
    if variable != "SecretId" {
        return (values, Provenance::Derived);
    }
    let with_end = |name: String| format!("{name}-??????");
    (
        values.into_iter().map(with_end).collect(),
        Provenance::Unknown,
    )
}

fn wildcard() -> Vec<String> {
    vec!["*".to_owned()]
}

fn is_list(event_name: &str) -> bool {
    event_name.starts_with("Describe") || event_name.starts_with("List")
}

/// Names that a parameter with this variable's value may have.
fn guesses(variable: &str, kind: &str, event_name: &str) -> Vec<String> {
    let stem = ["WithPath", "WithoutLeadingSlash"]
        .iter()
        .find_map(|end| variable.strip_suffix(end))
        .unwrap_or(variable);
    let mut names = vec![stem.to_owned(), format!("{stem}s")];
    let kind = kind.replace(['-', ' '], "");
    let bare = ["Name", "Identifier", "Id"]
        .iter()
        .find_map(|end| stem.strip_suffix(end));
    if let Some(bare) = bare.filter(|bare| !bare.is_empty() && *bare != "Resource") {
        names.extend(["Name", "Id", "Identifier", "Ids", ""].map(|end| format!("{bare}{end}")));
    } else if !kind.is_empty() {
        names.extend(["Id", "Name", "Identifier", "Ids"].map(|end| format!("{kind}{end}")));
    }
    // `CreateMonitor {"name": …}` names the monitor.
    if !kind.is_empty() && event_name.to_ascii_lowercase().contains(&kind) {
        names.extend(["name", "id", "identifier"].map(str::to_owned));
    }
    names
}

/// The value as it stands in the template after the text `before`, or `None`
/// when it cannot stand there.
fn fit(value: &str, variable: &str, before: &str) -> Option<String> {
    if variable == "UrlEncodedResourceARN" {
        return Some(value.replace(':', "%3A").replace('/', "%2F"));
    }
    if value.starts_with("arn:") || value.starts_with("HIDDEN_DUE_TO") {
        return None;
    }
    if variable.ends_with("WithoutLeadingSlash") {
        return Some(value.trim_start_matches('/').to_owned());
    }
    // `alias/name` where the template reads `…:alias/${Alias}`.
    let (kind, name) = value.split_once('/').unwrap_or(("", value));
    if !kind.is_empty() && before.trim_start_matches(':') == format!("{kind}/") {
        return Some(name.to_owned());
    }
    if variable == "KeyId" && !kind.is_empty() {
        return None;
    }
    // `123456789012:function:name`, Lambda's partial ARN.
    if variable == "FunctionName" {
        return value.rsplit(':').next().map(str::to_owned);
    }
    Some(value.to_owned())
}
