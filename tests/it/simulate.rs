//! `trailwright simulate` and `trailwright policy check`.

use crate::command::{Trailwright, shared};

/// The demo's organization as a policy directory.
fn organization() -> Trailwright {
    let trailwright = Trailwright::new();
    trailwright.run(&["demo", "--directory", "demo"]);
    trailwright
}

fn simulate<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec!["simulate", "--quiet", "--policies", "demo/policies"];
    args.extend(more);
    args
}

#[test]
fn each_decision_comes_with_its_steps() {
    let trailwright = organization();
    let ask = |principal: &str, action: &str, resource: &str, more: &[&str]| {
        let mut args = simulate(&[
            "--principal",
            principal,
            "--action",
            action,
            "--resource",
            resource,
            "--explain",
        ]);
        args.extend(more);
        trailwright.run(&args)
    };
    let mut shown = ask(
        "arn:aws:iam::777788889999:user/ci-build",
        "cloudtrail:StopLogging",
        "arn:aws:cloudtrail:eu-central-1:777788889999:trail/example",
        &[],
    );
    shown += &ask(
        "arn:aws:iam::123456789012:user/theo",
        "iam:CreateUser",
        "arn:aws:iam::123456789012:user/x",
        &["--context", "aws:RequestedRegion=us-east-1", "--complete"],
    );
    shown += &ask(
        "arn:aws:sts::777788889999:assumed-role/deployment/ines",
        "s3:GetObject",
        "arn:aws:s3:::example-builds/app.zip",
        &[
            "--context",
            "aws:RequestedRegion=eu-central-1",
            "--complete",
        ],
    );
    shown += &ask(
        "arn:aws:iam::999999999999:user/nobody",
        "s3:ListAllMyBuckets",
        "*",
        &[],
    );
    insta::assert_snapshot!(shown);
}

#[test]
fn json_verdicts_have_the_shape_of_the_conformance_cases() {
    let trailwright = organization();
    let line = trailwright.run(&simulate(&[
        "--principal",
        "arn:aws:iam::777788889999:user/ci-build",
        "--action",
        "cloudtrail:StopLogging",
        "--resource",
        "arn:aws:cloudtrail:eu-central-1:777788889999:trail/example",
        "--output",
        "json",
    ]));
    let verdict: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(verdict["d"], "ExplicitDeny");
    assert_eq!(verdict["deny"][0][0], "scp");
    assert_eq!(verdict["layers"]["scp"], "ExplicitDeny");
}

#[test]
fn what_is_not_known_is_asked_for_instead_of_guessed() {
    let trailwright = organization();
    let ask = |more: &[&str]| {
        let mut args = simulate(&[
            "--principal",
            "arn:aws:iam::123456789012:user/robin",
            "--action",
            "ec2:StopInstances",
            "--resource",
            "arn:aws:ec2:eu-central-1:123456789012:instance/i-0123456789abcdef0",
        ]);
        args.extend(more);
        trailwright.run(&args)
    };
    let open = ask(&[]);
    assert!(open.starts_with("INDETERMINATE"), "{open}");
    assert!(open.contains("would be settled by --context of:"), "{open}");
}

const CASES: &str = concat!(
    r#"{"id":"met","req":{"principal":{"type":"user","arn":"arn:aws:iam::111122223333:user/a","account":"111122223333"},"action":"s3:GetObject","resource":"arn:aws:s3:::b/k","resourceAccount":"111122223333","context":{}},"pol":{"identity":[{"name":"p","doc":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}}]},"exp":{"d":"Allow"}}"#,
    "\n",
    r#"{"id":"not-met","req":{"principal":{"type":"user","arn":"arn:aws:iam::111122223333:user/a","account":"111122223333"},"action":"s3:GetObject","resource":"arn:aws:s3:::b/k","resourceAccount":"111122223333","context":{}},"pol":{"identity":[]},"exp":{"d":"Allow"}}"#,
    "\n"
);

#[test]
fn a_case_that_is_not_met_is_named_and_ends_with_1() {
    let trailwright = Trailwright::new();
    trailwright.write("cases.jsonl", CASES);
    let verdicts = trailwright.run_to(&["simulate", "--cases", "cases.jsonl"], 1);
    let decisions: Vec<String> = verdicts
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["d"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(decisions, ["Allow", "ImplicitDeny"]);
    let said = trailwright.complaint(&["simulate", "--cases", "cases.jsonl"], 1);
    assert!(
        said.contains("2 cases: 1 as expected, 1 not") && said.contains("not-met: d: expected"),
        "{said}"
    );
    trailwright.write("broken.jsonl", "{}\n");
    assert!(
        trailwright
            .complaint(&["simulate", "--cases", "broken.jsonl"], 1)
            .contains("line 1")
    );
}

#[test]
fn the_conformance_cases_pass_through_the_command_line() {
    for (file, every) in [("generated", 100), ("corrected", 2), ("documented", 3)] {
        let Some(path) = shared(&format!("conformance/{file}.jsonl.zst")) else {
            return;
        };
        let bytes = zstd::decode_all(std::fs::File::open(path).unwrap()).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        // Decisions only: what the lists contain is the evaluator's own test.
        let sample: String = text
            .lines()
            .step_by(every)
            .map(|line| {
                let mut case: serde_json::Value = serde_json::from_str(line).unwrap();
                case["exp"] = serde_json::json!({ "d": case["exp"]["d"] });
                format!("{case}\n")
            })
            .collect();
        let trailwright = Trailwright::new();
        trailwright.write("sample.jsonl", sample);
        trailwright.run(&["simulate", "--cases", "sample.jsonl"]);
    }
}

#[test]
fn policy_check_points_at_the_mistake() {
    let trailwright = Trailwright::new();
    trailwright.write(
        "policy.json",
        "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{\n    \"Effect\": \"Allow\",\n    \"Action\": \"s3:GetObject\",\n    \"Resource\": \"*\",\n    \"Condition\": {\"StringEqual\": {\"aws:username\": \"x\"}}\n  }]\n}\n",
    );
    trailwright.write("fine.json", r#"{"Version":"2012-10-17","Statement":[]}"#);
    trailwright.write("broken.json", "{\"Version\": ");
    insta::assert_snapshot!(
        trailwright.complaint(&["policy", "check", "policy.json", "broken.json"], 1)
    );
    trailwright.run(&["policy", "check", "fine.json"]);
}
