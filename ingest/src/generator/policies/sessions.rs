//! Policies passed when a session was made.

use serde_json::{Value, json};

use super::document;
use crate::generator::organization::{CONTRACTOR, KOFI, SANDBOX_BUCKET, object_arn};

/// A list with the session policies of each session that has some.
pub(super) fn list() -> Value {
    json!({ "SessionPolicies": [
        { "Session": CONTRACTOR.session_arn(KOFI), "Policies": [handover()] },
    ]})
}

/// One folder of one bucket, and no tables.
pub(in crate::generator) fn handover() -> Value {
    document(json!([
        {
            "Sid": "Handover",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": object_arn(SANDBOX_BUCKET, "handover/*"),
        },
        { "Sid": "NoTables", "Effect": "Deny", "Action": "dynamodb:*", "Resource": "*" },
    ]))
}
