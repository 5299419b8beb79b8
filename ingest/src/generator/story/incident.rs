//! The incident: the build server's key leaks. Whoever has it looks around,
//! is stopped by one policy after the other, tries to blind the trail, makes a
//! second key, and is stopped by the security team.

use serde_json::{Value, json};
use trailwright_schemas::CauseType;

use crate::generator::answer::{Answer, Layer};
use crate::generator::call::Call;
use crate::generator::caller::Caller;
use crate::generator::day::{Day, Session, clock};
use crate::generator::organization::{
    ADMIN, BACKUPS_BUCKET, BUILDS_BUCKET, CI_BUILD, DEPLOYMENT, EXPORTS_BUCKET, FRANKFURT,
    INCIDENT_RESPONSE, INES, INTRUDER, OFFICE_SECURITY, PRODUCTION, PROTECT_BACKUPS,
    PROTECT_ORGANIZATION, REGION_LOCK, VIRGINIA, build_network_arn, org_trail_arn, rcp_arn,
    scp_arn,
};

const TOOL: &str = "Boto3/1.40.55 md/Botocore#1.40.55 ua/2.1 os/linux#6.12 lang/python#3.12.8";

/// From the first call with the leaked key to the last.
pub(super) fn happen(day: &mut Day) {
    let mut at = clock(15, 2);
    let leaked = leaked_key(day);
    let intruder = Caller::user(&CI_BUILD, &leaked, INTRUDER).with_agent(TOOL);
    enumerate(day, &mut at, &intruder);
    steal_builds(day, &mut at, &intruder);
    blind(day, &mut at, &intruder);
    let second = create_key(day, &mut at, &intruder);
    let intruder = Caller::user(&CI_BUILD, &second, INTRUDER).with_agent(TOOL);
    escalate(day, &mut at, &intruder);
    respond(day, clock(16, 10), [leaked, second]);
}

/// The key that the build server has used since the morning.
fn leaked_key(day: &Day) -> String {
    day.events
        .iter()
        .map(|event| &event.record["userIdentity"])
        .find(|identity| identity["userName"] == CI_BUILD.name)
        .and_then(|identity| identity["accessKeyId"].as_str())
        .unwrap_or_default()
        .to_owned()
}

fn user_arn() -> String {
    CI_BUILD.arn()
}

fn own(name: &'static str) -> Call {
    Call::read("iam", name).parameters(json!({ "userName": CI_BUILD.name }))
}

fn all_of(kind: &str) -> String {
    format!("arn:aws:iam::{PRODUCTION}:{kind}/")
}

/// Who am I, what is there, what may I?
fn enumerate(day: &mut Day, at: &mut u32, intruder: &Caller) {
    let missing = || Answer::missing(Layer::Identity);
    let network = || Answer::explicit(Layer::Identity, Some(build_network_arn()));
    let allowed = Answer::allowed_by_identity;
    let mut calls = vec![
        (
            Call::read("sts", "GetCallerIdentity")
                .region(VIRGINIA)
                .host("sts.amazonaws.com"),
            Answer::allowed(CauseType::PermissionlessAction),
        ),
        (own("GetUser"), allowed()),
        (own("ListAccessKeys"), allowed()),
        (
            own("ListAttachedUserPolicies").denied_on(user_arn()),
            missing(),
        ),
        (own("ListUserPolicies").denied_on(user_arn()), missing()),
        (own("ListGroupsForUser").denied_on(user_arn()), missing()),
        (
            Call::read("iam", "ListUsers").denied_on(all_of("user")),
            missing(),
        ),
        (
            Call::read("iam", "ListRoles").denied_on(all_of("role")),
            missing(),
        ),
        (
            Call::read("iam", "GetAccountAuthorizationDetails").denied_on("*"),
            missing(),
        ),
        (Call::read("s3", "ListBuckets"), allowed()),
        (
            Call::read("lambda", "ListFunctions20150331").needs("lambda:ListFunctions"),
            network(),
        ),
        (Call::read("dynamodb", "ListTables"), network()),
        (Call::read("secretsmanager", "ListSecrets"), missing()),
        (Call::read("kms", "ListAliases"), missing()),
        (Call::read("ec2", "DescribeInstances"), allowed()),
        (Call::read("ec2", "DescribeSecurityGroups"), missing()),
    ];
    for region in [VIRGINIA, "us-west-2", "ap-southeast-1", "ap-northeast-1"] {
        calls.push((
            Call::read("ec2", "DescribeInstances").region(region),
            Answer::explicit(Layer::Scp, Some(scp_arn(REGION_LOCK))),
        ));
    }
    for (call, answer) in calls {
        day.soon(at);
        day.call(*at, intruder, call, answer);
    }
}

fn steal_builds(day: &mut Day, at: &mut u32, intruder: &Caller) {
    let list = Call::read("s3", "ListObjects")
        .data()
        .parameters(json!({ "bucketName": BUILDS_BUCKET }))
        .resource(
            "AWS::S3::Bucket",
            format!("arn:aws:s3:::{BUILDS_BUCKET}"),
            PRODUCTION,
        )
        .prefix("AWS::S3::Object", format!("arn:aws:s3:::{BUILDS_BUCKET}/"));
    day.soon(at);
    day.call(*at, intruder, list, Answer::allowed_by_identity());
    for number in 1..9 {
        *at += 1;
        let key = format!("order-service/release-{number}.zip");
        let call = Call::object(true, "GetObject", BUILDS_BUCKET, &key, PRODUCTION);
        day.call(*at, intruder, call, Answer::allowed_by_identity());
    }
    let export = Call::object(
        true,
        "GetObject",
        EXPORTS_BUCKET,
        "full-export.csv",
        PRODUCTION,
    );
    let backup = Call::object(
        false,
        "DeleteObject",
        BACKUPS_BUCKET,
        "orders/new.tar",
        PRODUCTION,
    );
    for (call, answer) in [
        (export, Answer::explicit(Layer::Resource, None)),
        (
            backup,
            Answer::explicit(Layer::Rcp, Some(rcp_arn(PROTECT_BACKUPS))),
        ),
    ] {
        day.soon(at);
        day.call(*at, intruder, call, answer);
    }
}

/// Off with the trail, out of the organization: neither works.
fn blind(day: &mut Day, at: &mut u32, intruder: &Caller) {
    let protected = || Answer::explicit(Layer::Scp, Some(scp_arn(PROTECT_ORGANIZATION)));
    let trail = |name| {
        Call::write("cloudtrail", name)
            .parameters(json!({ "name": org_trail_arn() }))
            .denied_on(org_trail_arn())
    };
    let leave = Call::write("organizations", "LeaveOrganization").denied_on("*");
    for (call, answer) in [
        (
            Call::read("cloudtrail", "DescribeTrails"),
            Answer::allowed_by_identity(),
        ),
        (trail("StopLogging"), protected()),
        (trail("DeleteTrail"), protected()),
        (leave, protected()),
    ] {
        day.soon(at);
        day.call(*at, intruder, call, answer);
    }
}

/// Everybody may make access keys for themselves.
fn create_key(day: &mut Day, at: &mut u32, intruder: &Caller) -> String {
    let key = day.random.long_term_key();
    day.soon(at);
    let created = crate::generator::day::moment(day.date, *at).format("%b %-d, %Y, %-I:%M:%S %p");
    let call = Call::write("iam", "CreateAccessKey")
        .parameters(json!({ "userName": CI_BUILD.name }))
        .response(json!({ "accessKey": {
            "userName": CI_BUILD.name,
            "accessKeyId": key,
            "status": "Active",
            "createDate": created.to_string(),
        }}));
    day.call(*at, intruder, call, Answer::allowed_by_identity());
    key
}

/// With the new key: a role, another user, machines.
fn escalate(day: &mut Day, at: &mut u32, intruder: &Caller) {
    day.soon(at);
    let whoami = Call::read("sts", "GetCallerIdentity");
    day.call(
        *at,
        intruder,
        whoami,
        Answer::allowed(CauseType::PermissionlessAction),
    );
    for role in [&DEPLOYMENT, &INCIDENT_RESPONSE] {
        day.soon(at);
        let denied = Answer::missing(Layer::Identity).bare();
        day.assume(*at, intruder, &Session::of(role, "audit"), denied);
    }
    let missing = || Answer::missing(Layer::Identity);
    let backdoor = format!("arn:aws:iam::{PRODUCTION}:user/support");
    let calls = [
        (
            Call::write("iam", "CreateUser")
                .parameters(json!({ "userName": "support" }))
                .denied_on(backdoor),
            missing(),
        ),
        (
            Call::write("iam", "AttachUserPolicy")
                .parameters(json!({
                    "userName": CI_BUILD.name,
                    "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess",
                }))
                .denied_on(user_arn()),
            missing(),
        ),
        (
            run_miner(VIRGINIA),
            Answer::explicit(Layer::Scp, Some(scp_arn(REGION_LOCK))),
        ),
        (run_miner(FRANKFURT), missing()),
    ];
    for (call, answer) in calls {
        day.soon(at);
        day.call(*at, intruder, call, answer);
    }
}

fn run_miner(region: &'static str) -> Call {
    let instances = json!({
        "instancesSet": { "items": [{
            "imageId": "ami-0fedcba9876543210", "minCount": 8, "maxCount": 8,
        }]},
        "instanceType": "p4d.24xlarge",
    });
    Call::write("ec2", "RunInstances")
        .region(region)
        .parameters(instances)
        .denied_on(format!("arn:aws:ec2:{region}:{PRODUCTION}:instance/*"))
}

/// Ines, through admin to incident-response, takes both keys out of service.
fn respond(day: &mut Day, mut at: u32, keys: [String; 2]) {
    let key = day.random.long_term_key();
    let ines = Caller::user(&INES, &key, OFFICE_SECURITY);
    let answer = Answer::allowed_by_resource();
    let admin = day.assume(at, &ines, &Session::of(&ADMIN, "ines"), answer);
    day.soon(&mut at);
    let answer = Answer::allowed_by_identity();
    let session = "ines-incident";
    let response = day.assume(
        at,
        &admin,
        &Session::of(&INCIDENT_RESPONSE, session),
        answer,
    );
    let mut calls = vec![own("ListAccessKeys")];
    calls.extend(keys.map(|key| {
        let parameters: Value = json!({
            "userName": CI_BUILD.name, "accessKeyId": key, "status": "Inactive",
        });
        Call::write("iam", "UpdateAccessKey").parameters(parameters)
    }));
    calls.push(own("GetUser"));
    for call in calls {
        day.soon(&mut at);
        day.call(at, &response, call, Answer::allowed_by_identity());
    }
}
