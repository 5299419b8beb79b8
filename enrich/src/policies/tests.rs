#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};

use super::{Loaded, State, load, read};
use crate::request::Names;

fn one(text: &str) -> Loaded {
    read(&[(PathBuf::from("x.json"), text.to_owned())])
}

fn problem(text: &str) -> String {
    let loaded = one(text);
    assert_eq!(loaded.problems.len(), 1, "{:#?}", loaded.problems);
    loaded.problems[0].to_string()
}

fn state(loaded: &Loaded) -> &State {
    loaded.policies.as_of(chrono::DateTime::UNIX_EPOCH)
}

fn fixtures() -> Loaded {
    load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/policies")).unwrap()
}

#[test]
fn files_are_recognised_by_what_is_in_them() {
    let loaded = fixtures();
    assert_eq!(loaded.problems, []);
    assert_eq!(loaded.files.len(), 5);
    let state = state(&loaded);
    assert_eq!(state.principal_count(), 6);
    assert_eq!(state.resource_count(), 6);
    let organization = state.organization().unwrap();
    assert_eq!(organization.id.as_deref(), Some("o-exampleorg1"));
    assert_eq!(
        organization.management_account.as_deref(),
        Some("999999999999")
    );
    let levels = organization.levels_of("222222222222").unwrap();
    let names: Vec<&str> = levels.scp.iter().map(|level| &*level.name).collect();
    assert_eq!(names, ["r-ab12", "ou-ab12-work1234", "222222222222"]);
    assert_eq!(levels.path, "o-exampleorg1/r-ab12/ou-ab12-work1234/");
    assert!(organization.levels_of("333333333333").is_none());
    assert!(state.session_policy("ASIAEXAMPLELIMITED").is_some());
    assert!(state.vpc_endpoint_policy("vpce-0a1b2c3d").is_some());
}

#[test]
fn a_role_is_found_with_and_without_its_path() {
    let loaded = fixtures();
    let state = state(&loaded);
    assert!(
        state
            .principal("arn:aws:iam::111111111111:role/ci/deploy")
            .is_some()
    );
    assert!(
        state
            .principal("arn:aws:iam::111111111111:role/deploy")
            .is_some()
    );
    assert!(
        state
            .principal("arn:aws:iam::222222222222:role/deploy")
            .is_none()
    );
    let arn = state.arn("role", "111111111111", "deploy");
    assert_eq!(
        arn.as_deref(),
        Some("arn:aws:iam::111111111111:role/ci/deploy")
    );
}

#[test]
fn a_part_of_a_resource_has_the_policy_of_the_whole() {
    let text = r#"[
        {"Resource": "arn:aws:s3:::b", "Policy": {"Version": "2012-10-17", "Statement": []}},
        {"Resource": "arn:aws:lambda:eu-west-1:111111111111:function:f", "Policy": {"Version": "2012-10-17", "Statement": []}},
        {"Resource": "arn:aws:sns:eu-west-1:111111111111:t", "Policy": {"Version": "2012-10-17", "Statement": []}},
        {"Resource": "arn:aws:dynamodb:eu-west-1:111111111111:table/t", "Policy": {"Version": "2012-10-17", "Statement": []}}
    ]"#;
    let loaded = one(text);
    let state = state(&loaded);
    for (arn, known) in [
        ("arn:aws:s3:::b", true),
        ("arn:aws:s3:::b/key/with/slashes", true),
        ("arn:aws:s3:::bb/key", false),
        (
            "arn:aws:lambda:eu-west-1:111111111111:function:f:live",
            true,
        ),
        ("arn:aws:lambda:eu-west-1:111111111111:function:g", false),
        ("arn:aws:sns:eu-west-1:111111111111:t:0000-1111", true),
        (
            "arn:aws:dynamodb:eu-west-1:111111111111:table/t/index/i",
            true,
        ),
        ("arn:aws:iam::111111111111:role/r", false),
        ("*", false),
    ] {
        assert_eq!(state.resource_policy(arn).is_some(), known, "{arn}");
    }
}

#[test]
fn a_bad_file_is_reported_with_its_place_and_what_to_do() {
    let cases = [
        (
            "{\n  \"UserDetailList\": [}\n",
            "x.json:2:22: not JSON: expected value",
        ),
        (
            "{\"Something\": 1}",
            "x.json:1:1: not recognised; expected the output of `aws iam",
        ),
        (
            "{\n \"RoleDetailList\": [\n  {\"RoleName\": \"r\"}\n ]\n}",
            "x.json:3:",
        ),
        (
            "[{\"Resource\": \"arn:aws:s3:::b\", \"Policy\": {\"Version\": \"2012-10-17\"}}]",
            "x.json:1:43: policy policy of arn:aws:s3:::b cannot be read: the policy has no `Statement`; export it again",
        ),
        (
            "{\"Id\": \"r-1\", \"Policies\": [{\"Arn\": \"arn:p\", \"Type\": \"SERVICE_CONTROL_POLICY\"}]}",
            "x.json:1:36: policy arn:p at r-1 has no Content",
        ),
    ];
    for (text, beginning) in cases {
        let said = problem(text);
        assert!(said.starts_with(beginning), "{said}");
    }
}

#[test]
fn a_fault_inside_a_policy_is_placed_in_the_file() {
    let text = "[\n  {\n    \"Resource\": \"arn:aws:s3:::b\",\n    \"Policy\": {\n      \"Version\": \"2012-10-17\",\n      \
                \"Statement\": {\"Effect\": \"Perhaps\", \"Principal\": \"*\", \"Action\": \"*\", \"Resource\": \"*\"}\n    }\n  }\n]";
    let said = problem(text);
    assert!(said.starts_with("x.json:6:"), "{said}");
}

#[test]
fn what_is_attached_and_in_no_file_is_a_gap() {
    let loaded = fixtures();
    let eve = state(&loaded)
        .principal("arn:aws:iam::111111111111:user/staff/eve")
        .unwrap();
    assert_eq!(
        eve.gaps,
        ["attached policy arn:aws:iam::aws:policy/PowerUserAccess is in no file"]
    );
}

#[test]
fn the_exports_of_other_tools_are_read() {
    let folder = std::env::var_os("TRAILWRIGHT_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    );
    let folder = folder.join("policies/account-authorization-details");
    if !folder.exists() {
        eprintln!("skipped: {} is not there", folder.display());
        return;
    }
    let loaded = load(&folder).unwrap();
    // Five bucket and function policies write a principal as AWS does not
    // take it; nothing else is wrong.
    let said: Vec<String> = loaded.problems.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 5, "{said:#?}");
    assert!(
        said.iter().all(|said| said.contains("a principal is")),
        "{said:#?}"
    );
    assert_eq!(loaded.files.len(), 23);
    assert!(state(&loaded).principal_count() > 100);
    assert!(state(&loaded).organization().is_some());
}
