//! What services do by themselves, and what somebody outside the organization
//! does with a bucket.

use serde_json::json;
use trailwright_schemas::{CauseType, Decision};

use crate::generator::Expected;
use crate::generator::answer::Answer;
use crate::generator::call::Call;
use crate::generator::caller::Caller;
use crate::generator::day::{Day, clock};
use crate::generator::organization::{
    FRANKFURT, IRELAND, ORDERS_KEY_ID, PARTNER, PARTNER_BUCKET, PRODUCTION, SANDBOX, orders_key_arn,
};

/// Everything that no principal of the organization asks for.
pub(super) fn act(day: &mut Day) {
    rotate_key(day);
    evict_spot_instances(day);
    partner(day);
}

fn service_event() -> Expected {
    Expected::new(Decision::NotEvaluated, CauseType::ServiceEvent)
}

/// An event without a principal type, as KMS writes it.
fn rotate_key(day: &mut Day) {
    let fields = json!({
        "eventType": "AwsServiceEvent",
        "eventSource": "kms.amazonaws.com",
        "eventName": "RotateKey",
        "readOnly": false,
        "userIdentity": { "accountId": PRODUCTION, "invokedBy": "AWS Internal" },
        "sourceIPAddress": "AWS Internal",
        "userAgent": "AWS Internal",
        "resources": [{
            "accountId": PRODUCTION,
            "type": "AWS::KMS::Key",
            "ARN": orders_key_arn(),
        }],
        "serviceEventDetails": { "rotationType": "AUTOMATIC", "keyId": ORDERS_KEY_ID },
    });
    day.add(clock(5, 17), PRODUCTION, FRANKFURT, fields, service_event());
}

fn evict_spot_instances(day: &mut Day) {
    for round in 0..3 {
        let fields = json!({
            "eventType": "AwsServiceEvent",
            "eventSource": "ec2.amazonaws.com",
            "eventName": "BidEvictedEvent",
            "readOnly": false,
            "userIdentity": { "accountId": SANDBOX, "invokedBy": "ec2.amazonaws.com" },
            "sourceIPAddress": "ec2.amazonaws.com",
            "userAgent": "ec2.amazonaws.com",
            "serviceEventDetails": { "instanceIdSet": [format!("i-{}", day.random.hex(17))] },
        });
        let at = clock(11 + 3 * round, 8) + day.random.between(0, 3000);
        day.add(at, SANDBOX, IRELAND, fields, service_event());
    }
}

/// A partner fetches files. The bucket policy allows its account; what the
/// partner's own policies say, nobody here knows.
fn partner(day: &mut Day) {
    let id = "AROAEXAMPLEPARTNER234:nightly";
    let partner = Caller::foreign(PARTNER, id, PRODUCTION, "203.0.113.10");
    let unknown = Expected::new(Decision::Indeterminate, CauseType::NoPoliciesKnown);
    let mut at = clock(2, 0);
    for number in 1..8 {
        day.soon(&mut at);
        let key = format!("outbox/statement-{number}.csv");
        let call = Call::object(true, "GetObject", PARTNER_BUCKET, &key, PRODUCTION);
        day.call(at, &partner, call, Answer::Granted(unknown));
    }
}
