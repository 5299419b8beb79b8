//! The role chain: Ines, admin in the security account, deployment role in
//! production.

use serde_json::json;
use trailwright_schemas::CauseType;

use crate::generator::answer::{Answer, Layer};
use crate::generator::call::Call;
use crate::generator::caller::Caller;
use crate::generator::day::{Day, Session, clock};
use crate::generator::organization::{
    ADMIN, BACKUPS_BUCKET, BUILD_SERVER, BUILDS_BUCKET, CI_BUILD, DEPLOYMENT, EXPORTS_BUCKET, INES,
    OFFICE_SECURITY, ORDERS_TABLE, PRODUCTION, PROTECT_BACKUPS, REGION_LOCK, function_arn,
    orders_table_arn, rcp_arn, scp_arn,
};

const STACK: &str = "order-service";

/// A release of the order service. Returns the eventID of the event whose
/// record contradicts the policies.
pub(super) fn deploy(day: &mut Day) -> String {
    build(day);
    let mut at = clock(10, 30);
    let key = day.random.long_term_key();
    let ines = Caller::user(&INES, &key, OFFICE_SECURITY);
    let whoami = Call::read("sts", "GetCallerIdentity");
    day.call(
        at,
        &ines,
        whoami,
        Answer::allowed(CauseType::PermissionlessAction),
    );
    day.soon(&mut at);
    let answer = Answer::allowed_by_resource();
    let admin = day.assume(at, &ines, &Session::of(&ADMIN, "ines"), answer);
    day.soon(&mut at);
    let answer = Answer::allowed_by_identity();
    let deployment = day.assume(at, &admin, &Session::of(&DEPLOYMENT, "ines"), answer);

    update_stack(day, &mut at, &deployment);
    smoke_test(day, &mut at, &deployment);
    at += 300;
    let contradicting_event = read_export(
        day,
        at,
        &deployment,
        Answer::Granted(Answer::explicit(Layer::Resource, None).expected()),
    );
    for (call, answer) in denied() {
        at += 30;
        day.soon(&mut at);
        day.call(at, &deployment, call, answer);
    }
    at += 60;
    read_export(
        day,
        at,
        &deployment,
        Answer::explicit(Layer::Resource, None),
    );
    contradicting_event
}

/// The build server, before its key leaks.
fn build(day: &mut Day) {
    let key = day.random.long_term_key();
    let server = Caller::user(&CI_BUILD, &key, BUILD_SERVER);
    for round in 0..10 {
        let mut at = clock(6, 40) + round * 2400;
        let key = format!("order-service/{}.zip", day.random.hex(12));
        for (read_only, name) in [(false, "PutObject"), (true, "GetObject")] {
            day.soon(&mut at);
            let call = Call::object(read_only, name, BUILDS_BUCKET, &key, PRODUCTION);
            day.call(at, &server, call, Answer::allowed_by_identity());
        }
        // From the build network, Lambda is open to the build server.
        day.soon(&mut at);
        let functions = Call::read("lambda", "ListFunctions20150331");
        day.call(at, &server, functions, Answer::allowed_by_identity());
    }
}

/// CloudFormation works on behalf of the role.
fn update_stack(day: &mut Day, at: &mut u32, deployment: &Caller) {
    let stack = json!({ "stackName": STACK });
    let update = Call::write("cloudformation", "UpdateStack").parameters(stack.clone());
    day.soon(at);
    day.call(*at, deployment, update, Answer::allowed_by_identity());
    let cloudformation = deployment.through("cloudformation.amazonaws.com");
    for function in ["orders", "invoices"] {
        let arn = function_arn(function);
        let names = [
            (true, "GetFunction20150331v2"),
            (false, "UpdateFunctionCode20150331v2"),
            (false, "UpdateFunctionConfiguration20150331v2"),
        ];
        for (read_only, name) in names {
            let call = if read_only {
                Call::read("lambda", name)
            } else {
                Call::write("lambda", name)
            };
            day.soon(at);
            let call = call.parameters(json!({ "functionName": arn }));
            day.call(*at, &cloudformation, call, Answer::allowed_by_identity());
        }
    }
    let table = Call::read("dynamodb", "DescribeTable")
        .parameters(json!({ "tableName": ORDERS_TABLE }))
        .resource("AWS::DynamoDB::Table", orders_table_arn(), PRODUCTION);
    day.call(
        *at + 1,
        &cloudformation,
        table,
        Answer::allowed_by_identity(),
    );
    for _ in 0..6 {
        *at += 15;
        let call = Call::read("cloudformation", "DescribeStacks").parameters(stack.clone());
        day.call(*at, deployment, call, Answer::allowed_by_identity());
    }
}

fn smoke_test(day: &mut Day, at: &mut u32, deployment: &Caller) {
    for function in ["orders", "invoices", "orders"] {
        let arn = function_arn(function);
        day.soon(at);
        let call = Call::write("lambda", "Invoke")
            .data()
            .needs("lambda:InvokeFunction")
            .parameters(json!({ "functionName": arn, "invocationType": "RequestResponse" }))
            .resource("AWS::Lambda::Function", arn, PRODUCTION);
        day.call(*at, deployment, call, Answer::allowed_by_identity());
    }
}

/// Only the order service may read exports. The policies, exported in the
/// evening, say so for the whole day; somebody wrote that into the bucket
/// policy between the two calls, outside of what the trails show.
fn read_export(day: &mut Day, at: u32, deployment: &Caller, answer: Answer) -> String {
    let call = Call::object(
        true,
        "GetObject",
        EXPORTS_BUCKET,
        "full-export.csv",
        PRODUCTION,
    );
    day.call(at, deployment, call, answer)
}

/// An explicit deny of the role's own, one of the organization for resources,
/// one for Regions.
fn denied() -> Vec<(Call, Answer)> {
    let user = format!("arn:aws:iam::{PRODUCTION}:user/release-bot");
    vec![
        (
            Call::write("iam", "CreateUser")
                .parameters(json!({ "userName": "release-bot" }))
                .denied_on(user),
            Answer::explicit(Layer::Identity, None),
        ),
        (
            Call::object(
                false,
                "DeleteObject",
                BACKUPS_BUCKET,
                "orders/old.tar",
                PRODUCTION,
            ),
            Answer::explicit(Layer::Rcp, Some(rcp_arn(PROTECT_BACKUPS))),
        ),
        (
            Call::read("ec2", "DescribeInstances").region("us-west-2"),
            Answer::explicit(Layer::Scp, Some(scp_arn(REGION_LOCK))),
        ),
        (
            Call::read("sqs", "ListQueues"),
            Answer::missing(Layer::Identity),
        ),
    ]
}
