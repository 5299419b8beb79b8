//! The order service of production: functions that start, read and write.

use serde_json::{Value, json};

use crate::generator::answer::Answer;
use crate::generator::call::Call;
use crate::generator::caller::{Caller, SDK};
use crate::generator::day::{Day, Session, clock};
use crate::generator::organization::{
    EXPORTS_BUCKET, ORDER_SERVICE, ORDERS_BUCKET, ORDERS_TABLE, PRODUCTION, orders_key_arn,
    orders_table_arn,
};

/// Every forty minutes of the working day one function serves some orders.
pub(super) fn serve(day: &mut Day) {
    for round in 0..14 {
        let mut at = clock(7, 30) + round * 2400 + day.random.between(0, 900);
        let service = start(day, at);
        for _ in 0..day.random.between(2, 4) {
            serve_one(day, &mut at, &service);
        }
    }
}

/// Lambda assumes the function's role.
fn start(day: &mut Day, at: u32) -> Caller {
    let lambda = Caller::service("lambda.amazonaws.com", PRODUCTION);
    let answer = Answer::allowed_by_resource();
    day.assume(at, &lambda, &Session::of(&ORDER_SERVICE, "orders"), answer)
        .with_agent(SDK)
}

fn serve_one(day: &mut Day, at: &mut u32, service: &Caller) {
    let order = format!("order-{}", day.random.between(10_000, 99_999));
    day.soon(at);
    day.call(
        *at,
        service,
        item(true, "GetItem", &order),
        Answer::allowed_by_identity(),
    );
    day.soon(at);
    day.call(
        *at,
        service,
        item(false, "PutItem", &order),
        Answer::allowed_by_identity(),
    );
    let key = format!("invoices/{order}.pdf");
    day.soon(at);
    let answer = Answer::allowed_by_identity();
    let upload = Call::object(false, "PutObject", ORDERS_BUCKET, &key, PRODUCTION);
    day.call(*at, service, upload, answer);
    // The bucket encrypts with the orders' key, on behalf of the service.
    let s3 = service.through("s3.amazonaws.com");
    let object = crate::generator::organization::object_arn(ORDERS_BUCKET, &key);
    let encrypt = key_call(
        "GenerateDataKey",
        json!({
            "keyId": orders_key_arn(),
            "keySpec": "AES_256",
            "encryptionContext": { "aws:s3:arn": object },
        }),
    );
    day.call(*at, &s3, encrypt, Answer::allowed_by_identity());
    if day.random.once_in(2) {
        let missing = "The specified key does not exist.";
        let answer = if day.random.once_in(4) {
            Answer::failed("NoSuchKey", missing)
        } else {
            Answer::allowed_by_identity()
        };
        day.soon(at);
        let download = Call::object(true, "GetObject", ORDERS_BUCKET, &key, PRODUCTION);
        day.call(*at, service, download, answer);
    }
    if day.random.once_in(3) {
        let key = format!("{order}.csv");
        day.soon(at);
        let export = Call::object(true, "GetObject", EXPORTS_BUCKET, &key, PRODUCTION);
        day.call(*at, service, export, Answer::allowed_by_identity());
        let decrypt = key_call(
            "Decrypt",
            json!({
                "keyId": orders_key_arn(),
                "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
                "encryptionContext": { "purpose": "customer-token" },
            }),
        );
        day.soon(at);
        day.call(*at, service, decrypt, Answer::allowed_by_identity());
    }
}

fn item(read_only: bool, name: &'static str, order: &str) -> Call {
    let call = if read_only {
        Call::read("dynamodb", name)
    } else {
        Call::write("dynamodb", name)
    };
    let key = json!({ "tableName": ORDERS_TABLE, "key": { "orderId": order } });
    call.data()
        .parameters(key)
        .resource("AWS::DynamoDB::Table", orders_table_arn(), PRODUCTION)
}

fn key_call(name: &'static str, parameters: Value) -> Call {
    Call::read("kms", name).parameters(parameters).resource(
        "AWS::KMS::Key",
        orders_key_arn(),
        PRODUCTION,
    )
}
