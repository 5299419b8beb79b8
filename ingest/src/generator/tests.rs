#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use serde_json::Value;
use trailwright_schemas::{CauseType, Decision, Reason, Record, SignIn, SignInOutcome};

use super::{Generated, generate};
use crate::route::Router;
use crate::{Found, Limits, decode};

const SEEDS: std::ops::Range<u64> = 0..12;

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 18).unwrap()
}

/// Every delivered record, copies included, with the path of its file.
fn delivered(generated: &Generated) -> impl Iterator<Item = (&str, &Value)> {
    let files = generated.log_files.iter();
    files.flat_map(|file| {
        file.records()
            .iter()
            .map(|record| (file.path.as_str(), record))
    })
}

fn parse(record: &Value) -> Result<Record, (Reason, String)> {
    Record::parse(record.to_string().as_bytes(), &Limits::default().record)
}

/// The events as a reader should have them: parsed, each once.
fn events(generated: &Generated) -> BTreeMap<String, Record> {
    delivered(generated)
        .filter_map(|(_, record)| parse(record).ok())
        .map(|record| (record.event_id.clone().unwrap(), record))
        .collect()
}

#[test]
fn the_same_seed_gives_the_same_day() {
    assert_eq!(generate(7, day()), generate(7, day()));
    assert_ne!(generate(7, day()).log_files, generate(8, day()).log_files);
}

#[test]
fn the_first_and_the_last_day_there_is_can_be_generated() {
    for day in [NaiveDate::MIN, NaiveDate::MAX] {
        assert!(!generate(1, day).expected.is_empty());
    }
}

#[test]
fn one_record_is_malformed_and_all_others_can_be_read() {
    for seed in SEEDS {
        let generated = generate(seed, day());
        let refused: Vec<_> = delivered(&generated)
            .filter_map(|(_, record)| parse(record).err())
            .map(|(reason, _)| reason)
            .collect();
        assert_eq!(refused, [Reason::InvalidTime]);
    }
}

#[test]
fn the_files_hold_records_and_one_digest() {
    let generated = generate(7, day());
    let limits = Limits::default();
    let (mut records, mut refused) = (0, Vec::new());
    for file in &generated.log_files {
        let bytes = serde_json::to_vec(&file.document).unwrap();
        decode(&bytes, &limits, &mut |found| match found {
            Found::Record(_) => records += 1,
            Found::Refused { reason, .. } => refused.push(reason),
        });
    }
    assert_eq!(records, delivered(&generated).count());
    assert_eq!(refused, [Reason::Digest]);
}

#[test]
fn every_event_has_an_expected_decision_and_nothing_else_has() {
    for seed in SEEDS {
        let generated = generate(seed, day());
        let events: BTreeSet<_> = events(&generated).into_keys().collect();
        let expected: BTreeSet<_> = generated.expected.keys().cloned().collect();
        assert_eq!(events, expected);
        assert!(
            (400..=600).contains(&events.len()),
            "{} events",
            events.len()
        );
    }
}

#[test]
fn only_the_intended_copies_share_an_event_id() {
    for seed in SEEDS {
        let generated = generate(seed, day());
        let mut places: HashMap<&str, Vec<(&str, &Value)>> = HashMap::new();
        for (path, record) in delivered(&generated) {
            let id = record["eventID"].as_str().unwrap();
            places.entry(id).or_default().push((path, record));
        }
        let copied: Vec<_> = places.values().filter(|places| places.len() > 1).collect();
        assert!((3..=12).contains(&copied.len()), "{} copies", copied.len());
        for copies in copied {
            let [(first, one), (second, other)] = copies[..] else {
                panic!("{copies:?}");
            };
            assert_eq!(one, other);
            assert_ne!(first, second);
        }
    }
}

#[test]
fn files_lie_where_cloudtrail_puts_them_and_hold_what_their_path_says() {
    let generated = generate(7, day());
    for (path, record) in delivered(&generated) {
        let parts: Vec<_> = path.split('/').collect();
        let [
            "AWSLogs",
            "o-exampleorg",
            account,
            "CloudTrail",
            region,
            year,
            month,
            date,
            name,
        ] = parts[..]
        else {
            panic!("{path}");
        };
        assert_eq!(record["recipientAccountId"], account);
        assert_eq!(record["awsRegion"], region);
        let name = name.strip_suffix(".json.gz").unwrap();
        let start = format!("{account}_CloudTrail_{region}_{year}{month}{date}T");
        let rest = name.strip_prefix(&start).unwrap();
        assert_eq!(rest.len(), "hhmmZ_".len() + 16, "{path}");
    }
    let digests = generated.log_files.iter().filter(|file| {
        file.path.contains("/CloudTrail-Digest/") && file.document["digestEndTime"].is_string()
    });
    assert_eq!(digests.count(), 1);
}

#[test]
fn some_neighbours_in_a_file_go_back_in_time() {
    let generated = generate(7, day());
    let (mut pairs, mut back) = (0, 0);
    for file in &generated.log_files {
        for pair in file.records().windows(2) {
            let time = |at: usize| pair[at]["eventTime"].as_str().unwrap();
            pairs += 1;
            back += usize::from(time(1) < time(0));
        }
    }
    let percent = 100 * back / pairs;
    assert!((8..=23).contains(&percent), "{percent} %");
}

#[test]
fn every_kind_of_sign_in_occurs_and_goes_where_it_belongs() {
    let generated = generate(7, day());
    let router = Router::new(Vec::new(), BTreeMap::new()).unwrap();
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for record in events(&generated).values() {
        let Some(sign_in) = SignIn::of(record) else {
            continue;
        };
        let routing = router.route(record);
        let cookie = if routing.possible_alias_cookie {
            ", alias cookie possible"
        } else {
            ""
        };
        let mfa = match sign_in.mfa_used {
            Some(true) => ", MFA",
            Some(false) | None => "",
        };
        let kind = format!(
            "{} {}: {}{mfa}{cookie}",
            sign_in.class.as_str(),
            sign_in.outcome.map_or("", SignInOutcome::as_str),
            routing.scope.as_str(),
        );
        *counts.entry(kind).or_default() += 1;
    }
    let expected = [
        ("federated success: regional", 1),
        ("iam_user failure: global", 14),
        ("iam_user failure: regional", 1),
        ("iam_user success: global, MFA", 1),
        ("iam_user success: regional", 1),
        ("iam_user success: regional, MFA", 2),
        ("iam_user success: regional, alias cookie possible", 1),
        ("identity_center failure: regional", 1),
        ("identity_center success: regional", 2),
        ("oauth success: regional", 1),
        ("role_switch success: regional", 1),
        ("root failure: global", 1),
        ("root success: global, MFA", 1),
    ];
    let expected: BTreeMap<_, _> = expected.map(|(kind, n)| (kind.to_owned(), n)).into();
    assert_eq!(counts, expected);
}

#[test]
fn every_cause_of_a_decision_occurs() {
    let generated = generate(7, day());
    let kinds: BTreeSet<_> = generated
        .expected
        .values()
        .map(|expected| (expected.decision, expected.cause_type))
        .collect();
    let deny = |cause| (Decision::ExplicitDeny, cause);
    let lack = |cause| (Decision::ImplicitDeny, cause);
    let allow = |cause| (Decision::Allow, cause);
    let wanted = BTreeSet::from([
        allow(CauseType::IdentityPolicy),
        allow(CauseType::ResourcePolicy),
        allow(CauseType::RootUser),
        allow(CauseType::PermissionlessAction),
        allow(CauseType::SignInNotRestricted),
        deny(CauseType::IdentityPolicy),
        deny(CauseType::ResourcePolicy),
        deny(CauseType::PermissionsBoundary),
        deny(CauseType::SessionPolicy),
        deny(CauseType::ServiceControlPolicy),
        deny(CauseType::ResourceControlPolicy),
        lack(CauseType::IdentityPolicy),
        lack(CauseType::ResourcePolicy),
        lack(CauseType::PermissionsBoundary),
        lack(CauseType::SessionPolicy),
        lack(CauseType::ServiceControlPolicy),
        (Decision::Indeterminate, CauseType::UnknownKeys),
        (Decision::Indeterminate, CauseType::NoPoliciesKnown),
        (Decision::NotEvaluated, CauseType::AuthenticationFailure),
        (Decision::NotEvaluated, CauseType::ServiceEvent),
    ]);
    assert_eq!(kinds, wanted);
}

#[test]
fn recorded_denials_are_the_expected_ones_but_for_the_contradicting_event() {
    for seed in SEEDS {
        let generated = generate(seed, day());
        let contradicting: Vec<_> = events(&generated)
            .into_iter()
            .filter(|(id, record)| {
                let decision = generated.expected[id].decision;
                let denies = matches!(decision, Decision::ExplicitDeny | Decision::ImplicitDeny);
                let code = record.error_code.as_deref().unwrap_or_default();
                let denied = code.starts_with("AccessDenied") || code.contains("Unauthorized");
                denies != denied
            })
            .collect();
        assert_eq!(contradicting.len(), 1);
        let (id, record) = &contradicting[0];
        assert_eq!(*id, generated.contradicting_event);
        assert_eq!(record.error_code, None);
    }
}

#[test]
fn denials_are_worded_in_every_form_that_aws_uses() {
    let generated = generate(7, day());
    let events = events(&generated);
    let messages: Vec<_> = events
        .values()
        .filter_map(|r| r.error_message.as_deref())
        .collect();
    let forms = [
        "because no identity-based policy allows the iam:ListUsers action",
        "because no permissions boundary allows the iam:CreateUser action",
        "because no session policy allows the s3:ListAllMyBuckets action",
        "because no service control policy allows the sagemaker:ListNotebookInstances action",
        "with an explicit deny in an identity-based policy: arn:aws:iam::777788889999:policy/",
        "with an explicit deny in a service control policy: arn:aws:organizations::111122223333:",
        "with an explicit deny in a resource control policy: arn:aws:organizations::",
        "with an explicit deny in a permissions boundary: arn:aws:iam::123456789012:policy/",
        "with an explicit deny in a resource-based policy",
        "with an explicit deny in a session policy",
        "Encoded authorization failure message: ",
        "following authorization id: ",
    ];
    for form in forms {
        let found = messages.iter().any(|message| message.contains(form));
        assert!(found, "no message has: {form}");
    }
    let ends = |end: &str| messages.iter().any(|message| message.ends_with(end));
    assert!(ends("with an explicit deny in a service control policy"));
    assert!(ends("with an explicit deny in an identity-based policy"));
    assert!(ends(
        "on resource: arn:aws:iam::777788889999:role/deployment"
    ));
    assert!(messages.contains(&"Access Denied"));
}

#[test]
fn the_key_of_every_role_session_was_handed_out_before() {
    let generated = generate(7, day());
    let events = events(&generated);
    let issued: HashMap<String, _> = events
        .values()
        .filter(|record| record.event_name.starts_with("AssumeRole"))
        .filter_map(|record| {
            let response: Value = record.response_elements.as_ref()?.to_value()?;
            let key = response["credentials"]["accessKeyId"].as_str()?.to_owned();
            Some((key, record.event_time))
        })
        .collect();
    let mut sessions = 0;
    for record in events.values() {
        let identity = &record.user_identity;
        if identity.issuer().is_some_and(|issuer| issuer.arn.is_some()) {
            let key = identity.access_key_id.as_deref().unwrap();
            assert!(issued[key] <= record.event_time, "{key}");
            sessions += 1;
        }
    }
    assert!(sessions > 100, "{sessions}");
}

#[test]
fn the_role_chain_leads_from_a_user_to_production() {
    let generated = generate(7, day());
    let events = events(&generated);
    let steps = |from: &str, to: &str| {
        let step = |record: &&Record| {
            let target = record.parameter("roleArn");
            let caller = record.user_identity.arn.as_deref();
            record.error_code.is_none()
                && caller.is_some_and(|arn| arn.contains(from))
                && target.is_some_and(|arn| arn.ends_with(to))
        };
        events.values().filter(step).count()
    };
    assert_eq!(steps("user/ines", "444455556666:role/admin"), 3);
    assert_eq!(
        steps("assumed-role/admin/ines", "777788889999:role/deployment"),
        1
    );
    assert_eq!(
        steps(
            "assumed-role/admin/ines",
            "777788889999:role/incident-response"
        ),
        1
    );
}

#[test]
fn the_policies_of_every_caller_of_the_organization_are_exported() {
    let generated = generate(7, day());
    let mut exported = BTreeSet::new();
    for file in &generated.policy_files {
        for list in ["UserDetailList", "RoleDetailList"] {
            let entities = file.document[list].as_array().into_iter().flatten();
            exported.extend(entities.filter_map(|entity| entity["Arn"].as_str()));
        }
    }
    for record in events(&generated).values() {
        let identity = &record.user_identity;
        let issuer = identity.issuer().and_then(|issuer| issuer.arn.as_deref());
        let arn = issuer.or(identity.arn.as_deref()).unwrap_or_default();
        let known = !arn.starts_with("arn:aws:iam::") || arn.ends_with(":root");
        assert!(known || exported.contains(arn), "{arn}");
    }
}

#[test]
fn the_intruder_is_stopped_by_four_kinds_of_policy() {
    let generated = generate(7, day());
    let causes: BTreeSet<_> = events(&generated)
        .iter()
        .filter(|(_, record)| record.source_ip_address.as_deref() == Some("203.0.113.77"))
        .map(|(id, _)| generated.expected[id])
        .filter(|expected| expected.decision == Decision::ExplicitDeny)
        .map(|expected| expected.cause_type)
        .collect();
    let wanted = [
        CauseType::IdentityPolicy,
        CauseType::ResourcePolicy,
        CauseType::ServiceControlPolicy,
        CauseType::ResourceControlPolicy,
    ];
    assert_eq!(causes, wanted.into());
}
