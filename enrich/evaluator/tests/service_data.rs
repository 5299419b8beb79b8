//! Service data against real policies and the conformance cases, where they are.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout
)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;
use trailwright_evaluator::cases::{Case, render};
use trailwright_evaluator::{
    Context, Decision, Layers, Level, Options, Policy, PolicyId, PolicySet, Principal, Request,
    ServiceData, decide, evaluate, lint,
};

/// The lines of a shared file, or none (said on standard output) in a plain checkout.
fn shared(file: &str) -> Option<Vec<String>> {
    let root = std::env::var_os("TRAILWRIGHT_SHARED").map(PathBuf::from);
    let root =
        root.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let Ok(opened) = std::fs::File::open(root.join(file)) else {
        println!("skipped: {file} is not here; set TRAILWRIGHT_SHARED to run it");
        return None;
    };
    let text = String::from_utf8(zstd::decode_all(opened).unwrap()).unwrap();
    Some(text.lines().map(str::to_owned).collect())
}

#[test]
fn aws_managed_policies_do_not_drown_in_warnings() {
    let Some(lines) = shared("policies/aws-managed-current.jsonl.zst") else {
        return;
    };
    let data = ServiceData::embedded();
    let mut counts = BTreeMap::new();
    let mut with_findings = 0;
    for line in &lines {
        let policy: Value = serde_json::from_str(line).unwrap();
        let id = PolicyId::named(policy["name"].as_str().unwrap());
        let policy = Policy::compile(id, &policy["document"].to_string()).unwrap();
        let found = lint(&policy, &data);
        with_findings += usize::from(!found.is_empty());
        for finding in found {
            *counts.entry(finding.code.as_str()).or_insert(0) += 1;
        }
    }
    println!(
        "{} policies, {with_findings} with findings: {counts:?}",
        lines.len()
    );
    // 61,000 actions and patterns; what is left are retired services, actions AWS has not
    // published, and slips of AWS's own.
    let limits = [
        ("operator-type", 5),
        ("unknown-action", 70),
        ("unknown-service", 130),
        ("unmatched-action", 5),
        ("unsupported-resource", 130),
    ];
    for (code, limit) in limits {
        let count = counts.remove(code).unwrap_or(0);
        assert!(count <= limit, "{count} findings {code}, more than {limit}");
    }
    assert!(counts.is_empty(), "{counts:?}");
    assert!(
        with_findings <= 130,
        "{with_findings} policies with findings"
    );
}

#[test]
fn no_allowed_case_is_on_an_unrelated_resource_type() {
    let data = ServiceData::embedded();
    let mut refused = 0;
    for file in ["generated", "corrected", "documented"] {
        for line in shared(&format!("conformance/{file}.jsonl.zst")).unwrap_or_default() {
            let case = Case::parse(&line).unwrap();
            let Some(unsupported) = data.unsupported_resource(&case.request) else {
                continue;
            };
            refused += 1;
            let allowed = case.expected["d"] == "Allow";
            assert!(!allowed, "{}: {unsupported}", case.id);
        }
    }
    println!("{refused} cases on an unrelated resource type");
}

#[test]
fn with_service_data_the_cases_keep_their_verdict() {
    let data = ServiceData::embedded();
    for file in ["generated", "corrected", "documented"] {
        for line in shared(&format!("conformance/{file}.jsonl.zst")).unwrap_or_default() {
            let case = Case::parse(&line).unwrap();
            let informed = case.request.clone().with_service_data(&data);
            let verdict = evaluate(&informed, &case.layers, &case.options);
            assert_eq!(render(&verdict)["d"], case.expected["d"], "{}", case.id);
        }
    }
}

#[test]
fn resource_control_policies_bind_only_services_that_support_them() {
    let data = ServiceData::embedded();
    let policy = |text| PolicySet::from(Policy::compile(PolicyId::named("p"), text).unwrap());
    let allow = policy(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
    );
    let deny = policy(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}"#,
    );
    let mut layers = Layers::identity(allow);
    let root = Level {
        name: "r-ab12".into(),
        policies: deny,
    };
    layers.rcp = Some([root].into());
    let ask = |action: &str, informed: bool| {
        let principal = Principal::User {
            arn: "arn:aws:iam::111122223333:user/ada".into(),
        };
        let request = Request::new(principal, action, "*", Context::new());
        let request = if informed {
            request.with_service_data(&data)
        } else {
            request
        };
        decide(&request, &layers, &Options::default()).decision
    };
    assert_eq!(ask("s3:ListAllMyBuckets", true), Decision::ExplicitDeny);
    assert_eq!(ask("ec2:DescribeInstances", true), Decision::Allow);
    // Without service data every service is taken to be bound.
    assert_eq!(ask("ec2:DescribeInstances", false), Decision::ExplicitDeny);
}
