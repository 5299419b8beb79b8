//! Resources that none of a statement's actions works on.

use crate::service_data::{Action, ResourceType, Service};

/// No ARN is longer, so no comparison takes long.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
const ARN_LEN_MAX: usize = 2_048;

type Types<'d> = Vec<(&'d Service, &'d ResourceType)>;

/// All types of resources that the actions work on.
pub(super) fn types_of<'d>(actions: &[Action<'d>]) -> Types<'d> {
    let mut types = Types::new();
    for action in actions {
        for (kind, _) in action.resource_types() {
            if !types.iter().any(|(_, known)| std::ptr::eq(*known, kind)) {
                types.push((action.service(), kind));
            }
        }
    }
    types
}

/// What is wrong with one resource of a statement, if anything is. An ARN of everything in a
/// service, such as `arn:aws:s3:::*`, is never wrong: AWS's own policies use it for actions without
/// resources.
pub(super) fn check(types: &Types<'_>, actions: &[Action<'_>], resource: &str) -> Option<String> {
    let is_arn = resource.starts_with("arn:") && resource.len() <= ARN_LEN_MAX;
    if !is_arn || resource.splitn(6, ':').nth(5) == Some("*") {
        return None;
    }
    let pattern = without_variables(resource);
    let may_be =
        |(service, kind): &(&Service, &ResourceType)| service.may_have_type(kind, &pattern);
    if types.iter().any(may_be) {
        return None;
    }
    Some(match (actions, types.is_empty()) {
        ([action], true) => format!("{action} takes no resource but `*`, so not `{resource}`"),
        ([action], false) => format!("{action} does not work on `{resource}`"),
        (_, true) => {
            format!("the statement's actions take no resource but `*`, so not `{resource}`")
        }
        (_, false) => format!("none of the statement's actions works on `{resource}`"),
    })
}

/// The resource with `*` in place of policy variables.
fn without_variables(resource: &str) -> String {
    let mut pattern = String::new();
    let mut rest = resource;
    while let Some((before, variable)) = rest.split_once("${") {
        pattern.push_str(before);
        pattern.push('*');
        rest = variable.split_once('}').map_or("", |(_, after)| after);
    }
    pattern + rest
}
