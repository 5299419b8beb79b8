#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod history;
mod listing;
mod order;
mod over_time;

use std::path::{Path, PathBuf};

use super::{AsOf, PolicyFile, Problem, ResourcePolicy, Timeline, list_files};
use crate::request::Names;

fn read(files: &[PolicyFile]) -> (Timeline, Vec<Problem>) {
    let mut timeline = Timeline::default();
    let (_, problems) = timeline.add_files(files);
    (timeline, problems)
}

fn one(text: &str) -> (Timeline, Vec<Problem>) {
    read(&[PolicyFile::new(PathBuf::from("x.json"), text.to_owned())])
}

fn problem(text: &str) -> String {
    let (_, problems) = one(text);
    assert_eq!(problems.len(), 1, "{problems:#?}");
    problems[0].to_string()
}

fn state(timeline: &Timeline) -> AsOf<'_> {
    timeline.as_of(chrono::DateTime::UNIX_EPOCH)
}

fn load(folder: &Path) -> (Timeline, Vec<Problem>, usize) {
    let (files, unread) = list_files(folder).unwrap();
    assert_eq!(unread, []);
    let (timeline, problems) = read(&files);
    (timeline, problems, files.len())
}

fn fixtures() -> Timeline {
    let (timeline, problems, files) =
        load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/policies"));
    assert_eq!(problems, []);
    assert_eq!(files, 5);
    timeline
}

fn has_policy(state: AsOf<'_>, arn: &str) -> bool {
    matches!(state.resource_policy(arn).0, ResourcePolicy::Known(_))
}

#[test]
fn files_are_recognised_by_what_is_in_them() {
    let timeline = fixtures();
    let state = state(&timeline);
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
    let session = state.session("ASIAEXAMPLELIMITED").unwrap();
    assert!(session.policies.is_some());
    assert!(has_policy(state, "vpce-0a1b2c3d"));
}

#[test]
fn a_role_is_found_with_and_without_its_path() {
    let timeline = fixtures();
    let state = state(&timeline);
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
    let (timeline, _) = one(text);
    let state = state(&timeline);
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
        assert_eq!(has_policy(state, arn), known, "{arn}");
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
    let timeline = fixtures();
    let eve = state(&timeline)
        .principal("arn:aws:iam::111111111111:user/staff/eve")
        .unwrap();
    assert_eq!(
        eve.gaps,
        [
            "attached policy arn:aws:iam::aws:policy/PowerUserAccess is in no file and was not created in the records seen"
        ]
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
    let (timeline, problems, files) = load(&folder);
    // Five bucket and function policies write a principal as AWS does not
    // take it; nothing else is wrong.
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 5, "{said:#?}");
    assert!(
        said.iter().all(|said| said.contains("a principal is")),
        "{said:#?}"
    );
    assert_eq!(files, 23);
    assert!(timeline.entity_count() > 100);
    assert!(state(&timeline).organization().is_some());
}
