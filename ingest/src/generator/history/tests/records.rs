//! The records are ones that CloudTrail could have written.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use trailwright_schemas::{Agreement, Decision, Record};

use super::{events, parsed};
use crate::Limits;

#[test]
fn every_record_can_be_read() {
    for one in events().values() {
        let record = Record::parse(one.json.as_bytes(), &Limits::default().record);
        let record = record.unwrap_or_else(|refused| panic!("{refused:?}: {}", one.json));
        assert_eq!(
            record.event_id.as_deref(),
            Some(one.truth.event_id.as_str())
        );
    }
}

#[test]
fn recorded_outcomes_follow_from_truth_and_agreement() {
    for one in events().values() {
        let record = parsed(one);
        let code = record["errorCode"].as_str().unwrap_or_default();
        let denied = code.contains("AccessDenied") || code.contains("Unauthorized");
        let denies = matches!(
            one.truth.decision,
            Decision::ExplicitDeny | Decision::ImplicitDeny
        );
        match one.truth.agreement {
            Agreement::Agrees => assert_eq!(denied, denies, "{}", one.json),
            Agreement::Disagrees | Agreement::Propagation => {
                assert_ne!(denied, denies, "{}", one.json);
            }
            Agreement::OtherGate => assert!(!denied && !code.is_empty()),
            Agreement::NotComparable => assert!(!denied, "{}", one.json),
        }
    }
}

#[test]
fn every_kind_of_change_occurs_and_some_fail() {
    let mut done: BTreeMap<String, usize> = BTreeMap::new();
    let mut failed: BTreeSet<String> = BTreeSet::new();
    for one in events().values() {
        let record = parsed(one);
        let name = record["eventName"].as_str().unwrap().to_owned();
        if record["errorCode"].is_null() {
            *done.entry(name).or_default() += 1;
        } else {
            failed.insert(name);
        }
    }
    let kinds = "AddPermission20150331v2 AddUserToGroup AssumeRole AttachGroupPolicy AttachPolicy \
        AttachRolePolicy AttachUserPolicy CreateGroup CreateKey CreatePolicy CreatePolicyVersion \
        CreateRole CreateUser DeleteBucketPolicy DeleteGroup DeleteGroupPolicy DeletePolicy \
        DeletePolicyVersion DeleteResourcePolicy DeleteRole DeleteRolePermissionsBoundary \
        DeleteRolePolicy DeleteUser DeleteUserPermissionsBoundary DeleteUserPolicy \
        DetachGroupPolicy DetachPolicy DetachRolePolicy DetachUserPolicy GetFederationToken \
        MoveAccount PutBucketPolicy PutGroupPolicy PutKeyPolicy PutResourcePolicy \
        PutRolePermissionsBoundary PutRolePolicy PutUserPermissionsBoundary PutUserPolicy \
        RemovePermission20150331v2 RemoveUserFromGroup SetDefaultPolicyVersion SetQueueAttributes \
        SetTopicAttributes TagRole TagUser UntagRole UntagUser UpdateAssumeRolePolicy UpdatePolicy";
    let missing: Vec<&str> = kinds
        .split_whitespace()
        .filter(|kind| !done.contains_key(*kind))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    let refused = kinds
        .split_whitespace()
        .filter(|kind| failed.contains(*kind))
        .count();
    assert!(refused >= 10, "{failed:?}");
}

#[test]
fn every_kind_of_caller_occurs() {
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for one in events().values() {
        let identity = &parsed(one)["userIdentity"];
        let mut kind = identity["type"].as_str().unwrap_or("none").to_owned();
        let issuer = identity["sessionContext"]["sessionIssuer"]["arn"].as_str();
        if issuer.is_some_and(|arn| arn.contains(":role/aws-service-role/")) {
            kind = "service-linked role".to_owned();
        }
        *kinds.entry(kind).or_default() += 1;
    }
    for kind in [
        "AWSAccount",
        "AWSService",
        "AssumedRole",
        "FederatedUser",
        "IAMUser",
        "Root",
        "none",
        "service-linked role",
    ] {
        assert!(
            kinds.get(kind).is_some_and(|count| *count > 20),
            "{kind}: {kinds:?}"
        );
    }
}

#[test]
fn the_key_of_every_role_and_federated_session_was_handed_out_before() {
    let records: Vec<Value> = events().values().map(|one| parsed(one)).collect();
    let issued: BTreeMap<&str, &str> = records
        .iter()
        .filter_map(|record| {
            let key = record["responseElements"]["credentials"]["accessKeyId"].as_str()?;
            Some((key, record["eventTime"].as_str()?))
        })
        .collect();
    let mut used = 0;
    for record in &records {
        let identity = &record["userIdentity"];
        let is_session = matches!(
            identity["type"].as_str(),
            Some("AssumedRole" | "FederatedUser")
        );
        if is_session {
            let key = identity["accessKeyId"].as_str().unwrap();
            assert!(
                issued[key] < record["eventTime"].as_str().unwrap(),
                "{record}"
            );
            used += 1;
        }
    }
    assert!(used > 1_000, "{used}");
}

/// The order within a second is not known.
#[test]
fn nothing_else_happens_in_the_second_of_a_change() {
    let mut seconds: BTreeMap<String, Vec<(String, bool)>> = BTreeMap::new();
    for one in events().values() {
        let record = parsed(one);
        let text = |name: &str| record[name].as_str().unwrap_or_default().to_owned();
        let changes = record["readOnly"] == false
            && record["managementEvent"] == true
            && record["errorCode"].is_null()
            && record["requestParameters"]
                .to_string()
                .to_lowercase()
                .contains("policy");
        seconds
            .entry(text("eventTime"))
            .or_default()
            .push((text("eventName"), changes));
    }
    for (second, events) in seconds {
        let changes = events.iter().any(|(_, changes)| *changes);
        assert!(!changes || events.len() == 1, "{second}: {events:?}");
    }
}
