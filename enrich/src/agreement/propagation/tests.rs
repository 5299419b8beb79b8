#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use chrono::TimeDelta;
use serde_json::json;
use trailwright_schemas::{AgreementClass, Cause, CauseType, Decision};

use super::EarlierState;
use crate::agreement::{Compared, Found, Recorded, compare};
use crate::samples;

const WINDOW: TimeDelta = TimeDelta::minutes(2);

fn found(decision: Decision, cause: &Cause) -> Found<'_> {
    Found {
        decision,
        denies: &[],
        missing: &[],
        cause,
    }
}

/// A denied call that the policies allow, or an allowed one that they deny;
/// before each change, so many seconds before the call, the decision was another.
fn tried(is_denied: bool, earlier: &[(i64, Decision)]) -> Compared {
    let changes = match is_denied {
        true => json!({"errorCode": "AccessDenied"}),
        false => json!({}),
    };
    let record = samples::record(changes);
    let recorded = Recorded::of(&record);
    let cause = Cause::without_policy(CauseType::ResourcePolicy, "the cause");
    let now = match is_denied {
        true => Decision::Allow,
        false => Decision::ImplicitDeny,
    };
    let states = earlier.iter().map(|(seconds, decision)| EarlierState {
        compared: compare(&recorded, &found(*decision, &cause)),
        changed_at: record.event_time - TimeDelta::seconds(*seconds),
        change: "CreateRole of ci/deploy".to_owned(),
    });
    compare(&recorded, &found(now, &cause)).or_propagation(
        &recorded,
        record.event_time,
        WINDOW,
        || states,
    )
}

#[test]
fn a_change_within_the_window_explains_a_disagreement() {
    let denied = tried(true, &[(3, Decision::ImplicitDeny)]);
    assert_eq!(denied.class, AgreementClass::Propagation);
    assert_eq!(
        denied.reason,
        "the call was denied, and the policies known allow it; the record fits the policies before CreateRole of ci/deploy, \
         made 3 seconds before the call"
    );
    let allowed = tried(false, &[(0, Decision::Allow)]);
    assert_eq!(allowed.class, AgreementClass::Propagation);
    assert!(
        allowed.reason.ends_with("made in the same second"),
        "{}",
        allowed.reason
    );
}

#[test]
fn of_several_changes_the_latest_that_explains_it_is_named() {
    let compared = tried(
        true,
        &[
            (1, Decision::Allow),
            (5, Decision::ImplicitDeny),
            (9, Decision::ImplicitDeny),
        ],
    );
    assert_eq!(compared.class, AgreementClass::Propagation);
    assert!(compared.reason.ends_with("5 seconds before the call"));
}

#[test]
fn an_old_or_later_change_an_open_decision_or_the_same_one_explains_nothing() {
    for earlier in [
        vec![],
        vec![(121, Decision::ImplicitDeny)],
        vec![(-1, Decision::ImplicitDeny)],
        vec![(3, Decision::Indeterminate)],
        vec![(3, Decision::Allow)],
    ] {
        assert_eq!(
            tried(true, &earlier).class,
            AgreementClass::RecordedDeniedComputedAllow,
            "{earlier:?}"
        );
    }
}

#[test]
fn earlier_states_are_not_asked_for_when_the_present_one_agrees() {
    let record = samples::record(json!({}));
    let recorded = Recorded::of(&record);
    let cause = Cause::without_policy(CauseType::IdentityPolicy, "the cause");
    let compared = compare(&recorded, &found(Decision::Allow, &cause)).or_propagation(
        &recorded,
        record.event_time,
        WINDOW,
        || -> Vec<EarlierState> { panic!("asked for") },
    );
    assert_eq!(compared.class, AgreementClass::BothAllow);
}

#[test]
fn a_denial_that_is_open_now_and_was_certain_before_a_change_is_propagation() {
    let record = samples::record(json!({"errorCode": "AccessDenied"}));
    let recorded = Recorded::of(&record);
    let unknown = Cause::without_policy(CauseType::NoPoliciesKnown, "no policies known");
    let cause = Cause::without_policy(CauseType::ResourcePolicy, "there was no such role");
    let before = EarlierState {
        compared: compare(&recorded, &found(Decision::ImplicitDeny, &cause)),
        changed_at: record.event_time - TimeDelta::seconds(3),
        change: "CreateRole of ci/deploy".to_owned(),
    };
    let compared = compare(&recorded, &found(Decision::Indeterminate, &unknown)).or_propagation(
        &recorded,
        record.event_time,
        WINDOW,
        || vec![before],
    );
    assert_eq!(compared.class, AgreementClass::Propagation);
}
