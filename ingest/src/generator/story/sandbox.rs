//! The sandbox: developers within a boundary, a contractor within a session
//! policy, and a trainee whose permissions depend on tags.

use serde_json::{Value, json};
use trailwright_schemas::{CauseType, Decision};

use super::console::{Login, sign_in, wrong_password};
use crate::generator::Expected;
use crate::generator::answer::{Answer, Layer};
use crate::generator::call::Call;
use crate::generator::caller::{Caller, TERRAFORM};
use crate::generator::day::{Day, Session, clock};
use crate::generator::organization::{
    CONTRACTOR, DEPLOYMENT, FRANKFURT, HOME, IRELAND, KOFI, LENA, OFFICE, REGION_LOCK, ROBIN,
    SANDBOX, SANDBOX_BUCKET, STOCKHOLM, THEO, User, VIRGINIA, developer_boundary_arn, scp_arn,
};
use crate::generator::policies::handover;

/// A working day of three developers.
pub(super) fn develop(day: &mut Day) {
    theo(day);
    lena(day);
    contractor(day);
    robin(day);
}

fn user_arn(name: &str) -> String {
    format!("arn:aws:iam::{SANDBOX}:user/{name}")
}

fn instance_arn(region: &str, instance: &str) -> String {
    format!("arn:aws:ec2:{region}:{SANDBOX}:instance/{instance}")
}

/// Signs in with an alias cookie at the global endpoint, which CloudTrail
/// records in eu-north-1; meets every wall there is.
fn theo(day: &mut Day) {
    let mut at = clock(8, 55);
    let login = Login {
        user: &THEO,
        address: HOME,
        region: STOCKHOLM,
        host: "eu-north-1.signin.aws.amazon.com",
        login_to: "https://example-sandbox.signin.aws.amazon.com/console",
        mfa: false,
    };
    let console = sign_in(day, at, &login);
    at += 30;
    for _ in 0..10 {
        at += 200;
        day.soon(&mut at);
        let call = Call::read("ec2", "DescribeInstances").region(IRELAND);
        day.call(at, &console, call, Answer::allowed_by_identity());
    }
    let key = day.random.long_term_key();
    let theo = Caller::user(&THEO, &key, HOME).with_agent(TERRAFORM);
    at = clock(11, 2);
    for call in theo_builds(day) {
        day.soon(&mut at);
        day.call(at, &theo, call, Answer::allowed_by_identity());
    }
    for (call, answer) in theo_is_denied() {
        day.soon(&mut at);
        day.call(at, &theo, call, answer);
    }
    // The sandbox lets him try; production's trust policy does not name him.
    let denied = Answer::missing(Layer::Trust).bare();
    day.assume(at + 50, &theo, &Session::of(&DEPLOYMENT, "theo"), denied);
}

fn run_instances(region: &'static str, response: Value) -> Call {
    Call::write("ec2", "RunInstances")
        .region(region)
        .parameters(json!({
            "instancesSet": { "items": [{
                "imageId": "ami-0abcdef1234567890", "minCount": 1, "maxCount": 1,
            }]},
            "instanceType": "t3.micro",
        }))
        .response(response)
        .denied_on(instance_arn(region, "*"))
}

fn theo_builds(day: &mut Day) -> Vec<Call> {
    let instance = format!("i-{}", day.random.hex(17));
    let started = json!({ "instancesSet": { "items": [{
        "instanceId": instance, "imageId": "ami-0abcdef1234567890",
    }]}});
    let on_bucket = json!({ "bucketName": SANDBOX_BUCKET });
    let bucket_arn = format!("arn:aws:s3:::{SANDBOX_BUCKET}");
    vec![
        Call::read("s3", "ListBuckets"),
        Call::read("s3", "GetBucketPolicy")
            .parameters(on_bucket.clone())
            .resource("AWS::S3::Bucket", bucket_arn.clone(), SANDBOX),
        Call::write("s3", "PutBucketTagging")
            .parameters(on_bucket)
            .resource("AWS::S3::Bucket", bucket_arn, SANDBOX),
        run_instances(IRELAND, started),
        Call::read("ec2", "DescribeSubnets").region(IRELAND),
        Call::read("ec2", "DescribeSecurityGroups").region(IRELAND),
        Call::read("lambda", "ListFunctions20150331").region(IRELAND),
        Call::read("dynamodb", "ListTables").region(IRELAND),
        Call::write("ec2", "TerminateInstances")
            .region(IRELAND)
            .parameters(json!({ "instancesSet": { "items": [{ "instanceId": instance }] } })),
    ]
}

/// The wrong Region, the boundary with and without a statement, a service
/// that the organization does not offer, and a dry run that would succeed.
fn theo_is_denied() -> Vec<(Call, Answer)> {
    let region_lock = || Answer::explicit(Layer::Scp, Some(scp_arn(REGION_LOCK)));
    let boundary = || Answer::missing(Layer::Boundary);
    let buckets_in = |region| Call::read("dynamodb", "ListTables").region(region);
    vec![
        (run_instances(VIRGINIA, Value::Null), region_lock()),
        (run_instances("us-west-2", Value::Null), region_lock()),
        (
            buckets_in("ap-southeast-1"),
            region_lock().with_troubleshooter(),
        ),
        (buckets_in("us-east-2"), Answer::explicit(Layer::Scp, None)),
        (
            Call::write("iam", "CreateUser")
                .parameters(json!({ "userName": "theo-test" }))
                .denied_on(user_arn("theo-test")),
            boundary(),
        ),
        (
            Call::write("iam", "CreateAccessKey")
                .parameters(json!({ "userName": LENA.name }))
                .denied_on(user_arn(LENA.name)),
            boundary(),
        ),
        (Call::read("kms", "ListKeys"), boundary()),
        (
            Call::write("iam", "DeleteUserPermissionsBoundary")
                .parameters(json!({ "userName": THEO.name }))
                .denied_on(user_arn(THEO.name)),
            Answer::explicit(Layer::Boundary, Some(developer_boundary_arn())),
        ),
        (
            Call::read("sagemaker", "ListNotebookInstances").region(IRELAND),
            Answer::missing(Layer::Scp),
        ),
        (
            run_instances(IRELAND, Value::Null),
            Answer::failed(
                "Client.DryRunOperation",
                "Request would have succeeded, but DryRun flag is set.",
            ),
        ),
    ]
}

/// Mistypes her password, then signs in at the Region's endpoint with MFA.
fn lena(day: &mut Day) {
    let mut at = clock(9, 6);
    let login = |mfa| Login {
        user: &LENA,
        address: OFFICE,
        region: IRELAND,
        host: "eu-west-1.signin.aws.amazon.com",
        login_to: "https://eu-west-1.console.aws.amazon.com/s3/home?region=eu-west-1",
        mfa,
    };
    wrong_password(day, at, &login(false));
    let lena = sign_in(day, at + 25, &login(true));
    at += 60;
    for number in 0..12 {
        at += 150;
        day.soon(&mut at);
        let key = format!("experiments/run-{number:02}.json");
        let (read_only, name) = if number % 3 == 0 {
            (false, "PutObject")
        } else {
            (true, "GetObject")
        };
        let call = Call::object(read_only, name, SANDBOX_BUCKET, &key, SANDBOX);
        day.call(at, &lena, call, Answer::allowed_by_identity());
    }
    let throttled = Answer::failed("Client.RequestLimitExceeded", "Request limit exceeded.");
    let call = Call::read("ec2", "DescribeInstances").region(IRELAND);
    day.call(at + 5, &lena, call, throttled);
}

/// Lena hands out the contractor role, narrowed to one folder.
fn contractor(day: &mut Day) {
    let mut at = clock(14, 20);
    let key = day.random.long_term_key();
    let lena = Caller::user(&LENA, &key, OFFICE);
    let session = Session::of(&CONTRACTOR, KOFI).narrowed(IRELAND, handover());
    let answer = Answer::allowed_by_resource();
    let contractor = day.assume(at, &lena, &session, answer);
    for number in 1..6 {
        day.soon(&mut at);
        let key = format!("handover/part-{number}.zip");
        let call = Call::object(true, "GetObject", SANDBOX_BUCKET, &key, SANDBOX);
        day.call(at, &contractor, call, Answer::allowed_by_identity());
    }
    let beyond = Call::object(
        true,
        "GetObject",
        SANDBOX_BUCKET,
        "experiments/a.json",
        SANDBOX,
    );
    let buckets = Call::read("s3", "ListBuckets").needs("s3:ListAllMyBuckets");
    let tables = Call::read("dynamodb", "ListTables").region(IRELAND);
    for (call, answer) in [
        (beyond, Answer::missing(Layer::Session)),
        (buckets, Answer::missing(Layer::Session)),
        (tables, Answer::explicit(Layer::Session, None)),
    ] {
        day.soon(&mut at);
        day.call(at, &contractor, call, answer);
    }
}

/// May stop instances with his name in a tag, which records do not show.
fn robin(day: &mut Day) {
    let mut at = clock(9, 50);
    let login = Login {
        user: &ROBIN,
        address: OFFICE,
        region: FRANKFURT,
        host: "eu-central-1.signin.aws.amazon.com",
        login_to: "https://eu-central-1.console.aws.amazon.com/ec2/home?region=eu-central-1",
        mfa: false,
    };
    let robin = sign_in(day, at, &login);
    at += 30;
    for _ in 0..6 {
        at += 120;
        day.soon(&mut at);
        let call = Call::read("ec2", "DescribeInstances");
        day.call(at, &robin, call, Answer::allowed_by_identity());
    }
    let unknown = Expected::new(Decision::Indeterminate, CauseType::UnknownKeys);
    for name in ["StopInstances", "StartInstances", "StopInstances"] {
        let instance = format!("i-{}", day.random.hex(17));
        day.soon(&mut at);
        let call = Call::write("ec2", name)
            .parameters(json!({ "instancesSet": { "items": [{ "instanceId": instance }] } }));
        day.call(at, &robin, call, Answer::Granted(unknown));
    }
    for (call, answer) in robin_is_denied(&ROBIN) {
        day.soon(&mut at);
        day.call(at, &robin, call, answer);
    }
}

fn robin_is_denied(robin: &User) -> Vec<(Call, Answer)> {
    let missing = || Answer::missing(Layer::Identity);
    vec![
        (Call::read("ec2", "DescribeVolumes"), missing()),
        (Call::read("ec2", "DescribeSnapshots"), missing().mute()),
        (
            Call::read("iam", "ListAccessKeys")
                .parameters(json!({ "userName": robin.name }))
                .denied_on(user_arn(robin.name)),
            missing(),
        ),
        (
            Call::read("s3", "ListBuckets").needs("s3:ListAllMyBuckets"),
            missing(),
        ),
    ]
}
