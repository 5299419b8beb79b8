//! Services and actions that are not published.

use super::suggest::closest;
use crate::diagnostic::Code;
use crate::service_data::{Action, Service, ServiceData};

/// The actions that a pattern covers; `None` for patterns over several services, and for text
/// that is no action, which compiling reports.
pub(super) fn find<'d>(
    data: &'d ServiceData,
    pattern: &str,
) -> Result<Option<Vec<Action<'d>>>, (Code, String)> {
    let Some((prefix, name)) = pattern.split_once(':') else {
        return Ok(None);
    };
    let is_pattern = |text: &str| text.contains(['*', '?']);
    let found = data.expand(pattern);
    if !found.is_empty() {
        return Ok(Some(found).filter(|_| !is_pattern(prefix)));
    }
    let service = match data.service(prefix) {
        Some(service) if !is_pattern(name) => return Err(unknown_action(service, name)),
        Some(_) => return Err(unmatched(pattern)),
        None if is_pattern(prefix) => return Err(unmatched(pattern)),
        None => prefix,
    };
    let prefixes = data.services().iter().map(Service::prefix);
    let message = format!(
        "no service `{service}` is published{}",
        hint(closest(service, prefixes))
    );
    Err((Code::UnknownService, message))
}

fn unmatched(pattern: &str) -> (Code, String) {
    (
        Code::UnmatchedAction,
        format!("`{pattern}` covers no published action"),
    )
}

fn unknown_action(service: &Service, name: &str) -> (Code, String) {
    let names = service.actions().map(|action| action.name());
    let meant = closest(name, names).map(|name| format!("{}:{name}", service.prefix()));
    let message = format!(
        "{} has no published action `{name}`{}",
        service.prefix(),
        hint(meant.as_deref())
    );
    (Code::UnknownAction, message)
}

fn hint(meant: Option<&str>) -> String {
    meant
        .map(|meant| format!("; did you mean `{meant}`?"))
        .unwrap_or_default()
}
