//! What happens on that day.

mod console;
mod deployment;
mod incident;
mod orders;
mod sandbox;
mod security;
mod services;
mod sign_ins;

use super::day::Day;

/// Lets everything happen. Returns the eventID of the one event whose record
/// contradicts the policies.
pub(super) fn tell(day: &mut Day) -> String {
    sign_ins::root(day);
    sign_ins::identity_center(day);
    sign_ins::federated(day);
    sign_ins::guessing(day);
    orders::serve(day);
    security::watch(day);
    sandbox::develop(day);
    services::act(day);
    let contradicting_event = deployment::deploy(day);
    incident::happen(day);
    contradicting_event
}
