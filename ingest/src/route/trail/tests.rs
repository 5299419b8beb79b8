#![allow(clippy::unwrap_used)]
use serde_json::json;
use trailwright_schemas::{Limits, Record, Scope};

use super::{Delivery, TrailConfig};

#[test]
fn a_trail_covers_its_accounts_by_receiver_or_else_by_caller() {
    let trail = |accounts: &[&str]| -> TrailConfig {
        let config = json!({ "name": "main", "home_region": "eu-west-1", "accounts": accounts });
        serde_json::from_value(config).unwrap()
    };
    let (one, two, other) = ("111122223333", "444455556666", "999999999999");
    // accounts, recipientAccountId, userIdentity.accountId
    let cases = [
        (vec![one, two], Some(one), None, Delivery::Delivered),
        (vec![one, two], Some(two), Some(other), Delivery::Delivered),
        (
            vec![one, two],
            Some(other),
            Some(one),
            Delivery::OtherAccount,
        ),
        (vec![one], None, Some(one), Delivery::Delivered),
        (vec![one], None, Some(other), Delivery::OtherAccount),
        (vec![one], None, None, Delivery::OtherAccount),
        (vec![], Some(other), None, Delivery::Delivered),
        (vec![], None, None, Delivery::Delivered),
    ];
    for (accounts, receiver, caller, expected) in cases {
        let record = json!({
            "eventTime": "2024-01-01T10:00:00Z",
            "awsRegion": "eu-west-1",
            "eventSource": "ec2.amazonaws.com",
            "eventName": "RunInstances",
            "recipientAccountId": receiver,
            "userIdentity": { "type": "IAMUser", "accountId": caller },
        });
        let record = Record::parse(record.to_string().as_bytes(), &Limits::default()).unwrap();
        let found = trail(&accounts).delivery(&record, Scope::Regional);
        assert_eq!(found, expected, "{accounts:?} {receiver:?} {caller:?}");
    }
}
