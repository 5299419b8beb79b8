//! Role chains: found whole, across accounts, in whatever order and with
//! whatever part of the copies the lake holds.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::command::Trailwright;
use crate::story;

const ACCOUNTS: [&str; 3] = ["444455556666", "111122223333", "777788889999"];

#[test]
fn four_hops_over_three_accounts_lead_back_to_a_person_in_one_question() {
    let lake = story::lake();
    let found = lake.ask(
        "select depth, root_type, root, array_to_string(chain, ' > ') from role_sessions where access_key_id = 'ASIAOPERATOR00000001'",
    );
    assert_eq!(
        found,
        [
            "4,IAMUser,arn:aws:iam::444455556666:user/ines,arn:aws:iam::444455556666:user/ines > arn:aws:iam::444455556666:role/gateway > \
             arn:aws:iam::111122223333:role/build > arn:aws:iam::777788889999:role/release > arn:aws:iam::111122223333:role/operator"
        ]
    );
}

#[test]
fn a_chain_without_a_known_beginning_says_so() {
    let lake = story::lake();
    let found = lake.ask("select access_key_id, root from role_sessions where not chain_complete");
    assert_eq!(
        found,
        ["ASIAORPHAN0000000001,arn:aws:sts::777788889999:assumed-role/unseen/x"]
    );
}

#[test]
fn sessions_that_lead_back_into_themselves_are_shown_once_and_end() {
    let ring = Trailwright::new();
    let session = |own: usize, caller: usize| Session {
        parent: Some(caller),
        person: 0,
        account: own % 3,
        answer_in_both: true,
    };
    let sessions = [session(0, 2), session(1, 0), session(2, 1)];
    ring.write("records.jsonl", lines(&records(&sessions)));
    ring.run(&["ingest", "--lake", "lake", "records.jsonl"]);
    let found =
        ring.ask("select access_key_id, depth, chain_complete from role_sessions order by 1");
    assert_eq!(found, ["ASIA0,3,false", "ASIA1,3,false", "ASIA2,3,false"]);
}

/// A session of a generated tree: who asked for it, and what is recorded.
#[derive(Clone, Debug)]
struct Session {
    /// The session that asked for it; without one a person did.
    parent: Option<usize>,
    person: usize,
    account: usize,
    /// False when the caller's copy of a call across accounts lacks the answer.
    answer_in_both: bool,
}

impl Session {
    fn caller_account(&self, sessions: &[Session]) -> usize {
        self.parent
            .map_or(self.person % 3, |parent| sessions[parent].account)
    }
}

/// The records of the tree: for a call across accounts one copy in each, of
/// which the role owner's does not name the caller's key.
fn records(sessions: &[Session]) -> Vec<Value> {
    let mut records = Vec::new();
    for (n, session) in sessions.iter().enumerate() {
        let home = session.caller_account(sessions);
        let answer = json!({
            "credentials": {"accessKeyId": format!("ASIA{n}")},
            "assumedRoleUser": {"arn": format!("arn:aws:sts::{}:assumed-role/r{n}/s{n}", ACCOUNTS[session.account])},
        });
        let crosses = home != session.account;
        let caller = caller(session, sessions);
        let full = if crosses && !session.answer_in_both {
            Value::Null
        } else {
            answer.clone()
        };
        records.push(call(n, session, "caller", home, &caller, full));
        if crosses {
            let stranger =
                json!({"type": "AWSAccount", "principalId": "AROA:x", "accountId": ACCOUNTS[home]});
            records.push(call(
                n,
                session,
                "owner",
                session.account,
                &stranger,
                answer,
            ));
        }
    }
    records
}

fn caller(session: &Session, sessions: &[Session]) -> Value {
    match session.parent {
        None => json!({
            "type": "IAMUser", "principalId": format!("AIDA{}", session.person), "accountId": ACCOUNTS[session.person % 3],
            "arn": person(session.person), "accessKeyId": format!("AKIA{}", session.person), "userName": format!("p{}", session.person),
        }),
        Some(parent) => {
            let account = ACCOUNTS[sessions[parent].account];
            json!({
                "type": "AssumedRole", "principalId": format!("AROA{parent}:s{parent}"), "accountId": account,
                "arn": format!("arn:aws:sts::{account}:assumed-role/r{parent}/s{parent}"), "accessKeyId": format!("ASIA{parent}"),
            })
        }
    }
}

fn person(n: usize) -> String {
    format!("arn:aws:iam::{}:user/p{n}", ACCOUNTS[n % 3])
}

fn call(
    n: usize,
    session: &Session,
    copy: &str,
    account: usize,
    caller: &Value,
    answer: Value,
) -> Value {
    json!({
        "eventVersion": "1.11", "eventID": format!("{n}-{copy}"), "eventTime": format!("2026-03-09T08:{n:02}:00Z"),
        "eventSource": "sts.amazonaws.com", "eventName": "AssumeRole", "awsRegion": "eu-west-1", "eventType": "AwsApiCall",
        "sourceIPAddress": "203.0.113.7", "recipientAccountId": ACCOUNTS[account], "sharedEventID": format!("shared-{n}"),
        "userIdentity": caller, "responseElements": answer,
        "requestParameters": {"roleArn": format!("arn:aws:iam::{}:role/r{n}", ACCOUNTS[session.account]), "roleSessionName": format!("s{n}")},
    })
}

fn lines(records: &[Value]) -> String {
    records.iter().map(|record| format!("{record}\n")).collect()
}

/// What must be found, by construction: key, depth, root, keys of the chain.
fn truth(sessions: &[Session]) -> Vec<String> {
    let mut rows: Vec<String> = (0..sessions.len())
        .map(|n| {
            let mut keys = vec![format!("ASIA{n}")];
            let mut top = n;
            while let Some(parent) = sessions[top].parent {
                keys.insert(0, format!("ASIA{parent}"));
                top = parent;
            }
            format!(
                "ASIA{n},{},{},true,{}",
                keys.len(),
                person(sessions[top].person),
                keys.join(" ")
            )
        })
        .collect();
    rows.sort_unstable();
    rows
}

/// Trees of up to fourteen sessions, and their records in any order.
fn trees() -> impl Strategy<Value = (Vec<Session>, Vec<Value>)> {
    let seeds = prop::collection::vec(
        (
            any::<prop::sample::Index>(),
            0..3_usize,
            0..3_usize,
            any::<bool>(),
        ),
        1..14,
    );
    let sessions = seeds.prop_map(|seeds| {
        let session = |(n, (parent, person, account, answer_in_both)): (
            usize,
            (prop::sample::Index, usize, usize, bool),
        )| Session {
            // One place more than there are sessions before it: a person.
            parent: Some(parent.index(n + 1)).filter(|parent| *parent < n),
            person,
            account,
            answer_in_both,
        };
        seeds
            .into_iter()
            .enumerate()
            .map(session)
            .collect::<Vec<_>>()
    });
    sessions.prop_flat_map(|sessions| {
        let records = Just(records(&sessions)).prop_shuffle();
        (Just(sessions), records)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_chain_of_a_generated_tree_is_found_whole((sessions, records) in trees()) {
        let lake = Trailwright::new();
        lake.write("records.jsonl", lines(&records));
        lake.run(&["ingest", "--lake", "lake", "records.jsonl"]);
        let found = lake.ask(
            "select access_key_id, depth, root, chain_complete, array_to_string(chain_access_key_ids, ' ') from role_sessions order by 1",
        );
        let mut found = found;
        found.sort_unstable();
        prop_assert_eq!(found, truth(&sessions));
    }
}
