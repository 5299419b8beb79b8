//! The law of order: the same inputs in any order and any portions give the
//! same answers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::json;
use trailwright_schemas::Record;

use super::over_time::{allow, call};
use crate::policies::Timeline;

const NAMES: [&str; 2] = ["ada", "bob"];

/// One change of one of two users, a group or a policy, at some second.
fn change() -> impl Strategy<Value = Record> {
    let policy = "arn:aws:iam::111111111111:policy/tools";
    (0u32..60, 0usize..14, 0usize..2, 0usize..3).prop_map(move |(second, kind, who, what)| {
        let user = NAMES[who];
        let inline = json!({"userName": user, "policyName": "inline", "policyDocument": allow(["s3:*", "sqs:*", "sns:*"][what])});
        let attach = json!({"userName": user, "policyArn": policy});
        let member = json!({"userName": user, "groupName": "ops"});
        let group = json!({"groupName": "ops", "policyName": "ops", "policyDocument": allow(["s3:*", "sqs:*", "sns:*"][what])});
        let version = json!({"policyVersion": {"versionId": format!("v{}", what + 2), "isDefaultVersion": what == 0}});
        let (name, parameters, response) = match kind {
            0 => ("CreateUser", json!({"userName": user}), json!({"user": {"userId": format!("AIDA{second}")}})),
            1 => ("DeleteUser", json!({"userName": user}), json!(null)),
            2 | 3 => ("PutUserPolicy", inline, json!(null)),
            4 => ("DeleteUserPolicy", json!({"userName": user, "policyName": "inline"}), json!(null)),
            5 | 6 => ("AttachUserPolicy", attach, json!(null)),
            7 => ("DetachUserPolicy", attach, json!(null)),
            8 | 9 => ("AddUserToGroup", member, json!(null)),
            10 => ("RemoveUserFromGroup", member, json!(null)),
            11 => ("PutGroupPolicy", group, json!(null)),
            12 => ("CreatePolicy", json!({"policyName": "tools", "policyDocument": allow("ec2:*")}), json!({"policy": {"arn": policy}})),
            _ => ("CreatePolicyVersion", json!({"policyArn": policy, "policyDocument": allow("iam:*")}), version),
        };
        let mut record = call(second, "iam", name, parameters, response);
        // Two changes of one second are two events.
        record.event_id = Some(format!("{second}-{name}-{user}-{what}"));
        record
    })
}

/// Everything the timeline answers about the users at every second.
fn answers(timeline: &Timeline) -> Vec<String> {
    let mut answers = Vec::new();
    for second in 0..60 {
        let time = format!("2026-03-01T10:00:{second:02}Z").parse().unwrap();
        for user in NAMES {
            let arn = format!("arn:aws:iam::111111111111:user/{user}");
            let found = timeline.as_of(time).principal(&arn);
            let found = found.map(|found| {
                let sets = found.identity.iter().map(|from| {
                    let texts = from.policies.policies().iter().map(|policy| policy.text());
                    format!("{:?} {}", from.source, texts.collect::<Vec<_>>().join(" "))
                });
                (sets.collect::<Vec<_>>(), found.gaps.clone())
            });
            answers.push(format!("{second} {user} {found:?}"));
        }
    }
    answers
}

proptest! {
    #[test]
    fn the_same_inputs_in_any_order_and_portions_give_the_same_timeline(
        (records, shuffled) in prop::collection::vec(change(), 0..40)
            .prop_map(|mut records| {
                // The same event twice is one event.
                let mut seen = std::collections::HashSet::new();
                records.retain(|record: &Record| seen.insert(record.event_id.clone()));
                records
            })
            .prop_flat_map(|records| (Just(records.clone()), Just(records).prop_shuffle())),
        cuts in subsequence((0..40usize).collect::<Vec<_>>(), 0..5),
    ) {
        let mut whole = Timeline::default();
        whole.add_records(&records);
        let mut portioned = Timeline::default();
        let mut begin = 0;
        for cut in cuts.into_iter().chain([shuffled.len()]) {
            let cut = cut.clamp(begin, shuffled.len());
            portioned.add_records(&shuffled[begin..cut]);
            // Asking in between must not leave anything behind.
            answers(&portioned);
            begin = cut;
        }
        // A copy changes nothing.
        portioned.add_records(&records);
        prop_assert_eq!(answers(&whole), answers(&portioned));
    }
}
