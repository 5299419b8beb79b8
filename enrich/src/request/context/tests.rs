#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::HashSet;

use serde_json::{Value, json};
use trailwright_evaluator::{Context, ContextValue, Unlisted};

use super::{HASHES, RULES};
use crate::catalogue::Catalogue;
use crate::request::tests::asked;
use crate::request::{ContextKey, derive};
use crate::samples;

/// A key as `value (how it is known)`, `-` for absent, `?` for unknown.
fn shown(context: &[ContextKey], name: &str) -> String {
    let Some(key) = context.iter().find(|key| key.name == name) else {
        return "?".to_owned();
    };
    let value = match &key.value {
        ContextValue::One(value) => value.clone(),
        ContextValue::Many(values) => format!("[{}]", values.join(" ")),
        ContextValue::Absent => "-".to_owned(),
        ContextValue::Unknown => "?".to_owned(),
    };
    format!("{value} ({})", key.provenance.as_str())
}

/// Records and what their keys must be.
fn hold(changes: Value, expected: &[(&str, &str)]) {
    let asked = asked(changes.clone());
    let context = asked.derived().context();
    for (name, value) in expected {
        assert_eq!(shown(&context, name), *value, "{name} of {changes}");
    }
}

const ROLE: &str = "arn:aws:iam::111111111111:role/ci/deploy";

/// A role session with changes to its `userIdentity`.
fn role_session(session_name: &str, changes: Value) -> Value {
    let mut identity = json!({
        "type": "AssumedRole", "principalId": format!("AROAEXAMPLE:{session_name}"),
        "arn": format!("arn:aws:sts::111111111111:assumed-role/deploy/{session_name}"),
        "accountId": "111111111111", "accessKeyId": "ASIAEXAMPLE",
        "sessionContext": {
            "sessionIssuer": {"type": "Role", "arn": ROLE, "accountId": "111111111111"},
            "attributes": {"creationDate": "2026-03-01T09:00:00Z", "mfaAuthenticated": "true"}
        }
    });
    for (name, value) in changes.as_object().unwrap() {
        if let (Some(session), true) = (value.as_object(), name == "sessionContext") {
            for (name, value) in session {
                identity["sessionContext"][name] = value.clone();
            }
        } else {
            identity[name] = value.clone();
        }
    }
    identity
}

#[test]
fn a_users_long_term_key_has_no_session_and_no_mfa() {
    hold(
        json!({"tlsDetails": {"tlsVersion": "TLSv1.3"}, "userAgent": "aws-cli/2.32"}),
        &[
            (
                "aws:PrincipalArn",
                "arn:aws:iam::111111111111:user/ada (exact)",
            ),
            ("aws:PrincipalAccount", "111111111111 (exact)"),
            ("aws:PrincipalType", "User (exact)"),
            ("aws:PrincipalIsAWSService", "false (exact)"),
            ("aws:PrincipalServiceName", "- (exact)"),
            ("aws:PrincipalServiceNamesList", "- (exact)"),
            ("aws:userid", "AIDAEXAMPLE (exact)"),
            ("aws:username", "ada (exact)"),
            ("identitystore:UserId", "- (derived)"),
            ("aws:AssumedRoot", "- (exact)"),
            ("aws:SignInSessionArn", "- (derived)"),
            ("aws:SourceIdentity", "- (exact)"),
            ("aws:TokenIssueTime", "- (exact)"),
            ("aws:MultiFactorAuthPresent", "- (exact)"),
            ("aws:MultiFactorAuthAge", "- (exact)"),
            ("aws:FederatedProvider", "- (derived)"),
            ("ec2:RoleDelivery", "- (exact)"),
            ("ec2:SourceInstanceArn", "- (derived)"),
            ("lambda:SourceFunctionArn", "- (exact)"),
            ("aws:SourceIp", "203.0.113.7 (exact)"),
            ("aws:SourceVpce", "- (derived)"),
            ("aws:SourceVpc", "- (derived)"),
            ("aws:VpcSourceIp", "- (derived)"),
            ("aws:VpceAccount", "- (derived)"),
            ("aws:SecureTransport", "true (derived)"),
            ("aws:UserAgent", "aws-cli/2.32 (exact)"),
            ("aws:CurrentTime", "2026-03-01T10:00:00Z (derived)"),
            ("aws:EpochTime", "1772359200 (derived)"),
            ("aws:RequestedRegion", "eu-west-1 (exact)"),
            ("aws:ViaAWSService", "false (derived)"),
            ("aws:CalledVia", "- (derived)"),
            ("aws:CalledViaLast", "- (derived)"),
            ("aws:ViaAWSMCPService", "false (derived)"),
            ("aws:SourceArn", "- (exact)"),
            ("aws:SourceOrgID", "- (exact)"),
            ("aws:PrincipalOrgID", "?"),
            ("aws:PrincipalTag/team", "?"),
        ],
    );
}

#[test]
fn a_role_session_has_the_keys_of_its_credentials() {
    let identity = role_session(
        "run-7",
        json!({"sessionContext": {
            "sourceIdentity": "ada", "assumedRoot": "false",
            "signInSessionArn": "arn:aws:signin:eu-west-1:111111111111:session/7",
            "webIdFederationData": {"federatedProvider": "arn:aws:iam::111111111111:oidc-provider/id.example"}
        }, "onBehalfOf": {"userId": "u-7"}}),
    );
    hold(
        json!({"userIdentity": identity}),
        &[
            ("aws:PrincipalArn", &format!("{ROLE} (exact)")),
            ("aws:PrincipalType", "AssumedRole (exact)"),
            ("aws:userid", "AROAEXAMPLE:run-7 (exact)"),
            ("aws:username", "- (exact)"),
            ("identitystore:UserId", "u-7 (exact)"),
            ("aws:SourceIdentity", "ada (exact)"),
            ("aws:AssumedRoot", "false (exact)"),
            (
                "aws:SignInSessionArn",
                "arn:aws:signin:eu-west-1:111111111111:session/7 (exact)",
            ),
            ("aws:TokenIssueTime", "2026-03-01T09:00:00Z (exact)"),
            ("aws:MultiFactorAuthPresent", "true (derived)"),
            ("aws:MultiFactorAuthAge", "3600 (derived)"),
            (
                "aws:FederatedProvider",
                "arn:aws:iam::111111111111:oidc-provider/id.example (derived)",
            ),
            ("aws:ViaAWSService", "false (derived)"),
            // Functions' sessions do not always name the function.
            ("lambda:SourceFunctionArn", "?"),
        ],
    );
}

#[test]
fn an_instances_session_names_the_instance() {
    let instance = "i-0123456789abcdef0";
    let identity = role_session(
        instance,
        json!({"sessionContext": {"ec2RoleDelivery": "2.0", "ec2IssuedInVpc": "vpc-1"}}),
    );
    hold(
        json!({"userIdentity": identity}),
        &[
            ("ec2:RoleDelivery", "2.0 (exact)"),
            (
                "ec2:SourceInstanceArn",
                "arn:aws:ec2:eu-west-1:111111111111:instance/i-0123456789abcdef0 (derived)",
            ),
            ("aws:Ec2InstanceSourceVpc", "vpc-1 (exact)"),
            ("aws:Ec2InstanceSourcePrivateIPv4", "?"),
        ],
    );
    // A global service says nothing of the instance's Region.
    let elsewhere = json!({
        "userIdentity": role_session(instance, json!({})), "awsRegion": "us-east-1",
        "eventSource": "iam.amazonaws.com", "eventName": "ListUsers"
    });
    hold(
        elsewhere,
        &[
            ("ec2:SourceInstanceArn", "?"),
            ("aws:Ec2InstanceSourceVpc", "?"),
        ],
    );
    let other = json!({"userIdentity": role_session("i-think", json!({}))});
    hold(other, &[("ec2:SourceInstanceArn", "- (derived)")]);
}

#[test]
fn a_functions_session_names_the_function() {
    let function = "arn:aws:lambda:eu-west-1:111111111111:function:jobs";
    let scope = json!({"issuerType": "AWS::Lambda::Function", "credentialsIssuedTo": function});
    hold(
        json!({"userIdentity": role_session("jobs", json!({"inScopeOf": scope}))}),
        &[("lambda:SourceFunctionArn", &format!("{function} (derived)"))],
    );
}

#[test]
fn other_principals_have_the_keys_of_their_kind() {
    let root = json!({"type": "Root", "accountId": "111111111111", "principalId": "AIDAOLD"});
    hold(
        json!({"userIdentity": root}),
        &[
            ("aws:PrincipalArn", "arn:aws:iam::111111111111:root (exact)"),
            ("aws:PrincipalType", "Account (exact)"),
            ("aws:userid", "111111111111 (exact)"),
            ("aws:username", "- (exact)"),
        ],
    );
    let anonymous = json!({"type": "AWSAccount", "accountId": "ANONYMOUS_PRINCIPAL"});
    hold(
        json!({"userIdentity": anonymous}),
        &[
            ("aws:PrincipalArn", "- (exact)"),
            ("aws:PrincipalAccount", "- (exact)"),
            ("aws:PrincipalType", "Anonymous (exact)"),
            ("aws:userid", "anonymous (exact)"),
        ],
    );
    let service = json!({
        "type": "AWSService", "invokedBy": "config.amazonaws.com",
        "inScopeOf": {"sourceArn": "arn:aws:s3:::b", "sourceAccount": "222222222222"}
    });
    hold(
        json!({"userIdentity": service, "sourceIPAddress": "config.amazonaws.com"}),
        &[
            ("aws:PrincipalArn", "- (exact)"),
            ("aws:PrincipalIsAWSService", "true (exact)"),
            ("aws:PrincipalServiceName", "config.amazonaws.com (exact)"),
            ("aws:PrincipalServiceNamesList", "?"),
            ("aws:PrincipalType", "- (exact)"),
            ("aws:SourceArn", "arn:aws:s3:::b (derived)"),
            ("aws:SourceAccount", "222222222222 (derived)"),
            ("aws:SourceOrgID", "?"),
            ("aws:SourceIp", "- (derived)"),
            ("aws:SourceVpc", "- (derived)"),
            ("aws:ViaAWSService", "false (derived)"),
        ],
    );
    let web = json!({"type": "WebIdentityUser", "identityProvider": "accounts.google.com", "principalId": "x"});
    hold(
        json!({"userIdentity": web}),
        &[
            ("aws:PrincipalArn", "- (exact)"),
            ("aws:PrincipalAccount", "- (exact)"),
            ("aws:userid", "?"),
            ("aws:FederatedProvider", "accounts.google.com (derived)"),
        ],
    );
    let federated = json!({"type": "FederatedUser", "arn": "arn:aws:sts::111111111111:federated-user/ada",
        "principalId": "111111111111:ada", "accessKeyId": "ASIAEXAMPLE",
        "sessionContext": {"attributes": {"creationDate": "2026-03-01T09:00:00Z", "mfaAuthenticated": "false"}}});
    hold(
        json!({"userIdentity": federated}),
        &[
            ("aws:PrincipalType", "FederatedUser (exact)"),
            ("aws:userid", "111111111111:ada (exact)"),
            ("aws:MultiFactorAuthPresent", "- (exact)"),
            ("aws:TokenIssueTime", "2026-03-01T09:00:00Z (exact)"),
        ],
    );
}

#[test]
fn a_call_over_an_endpoint_has_the_keys_of_the_vpc_as_far_as_it_names_it() {
    hold(
        json!({"vpcEndpointId": "vpce-1", "sourceIPAddress": "10.0.0.4", "vpcEndpointAccountId": "222222222222"}),
        &[
            ("aws:SourceIp", "- (exact)"),
            ("aws:VpcSourceIp", "10.0.0.4 (exact)"),
            ("aws:SourceVpce", "vpce-1 (exact)"),
            ("aws:VpceAccount", "222222222222 (exact)"),
            ("aws:SourceVpc", "?"),
            ("aws:SourceVpcArn", "?"),
            ("aws:VpceOrgID", "?"),
        ],
    );
    // Neither is the caller's own network.
    for hidden in ["athena.amazonaws.com", "AWS Internal"] {
        let names = [
            "aws:SourceIp",
            "aws:VpcSourceIp",
            "aws:SourceVpce",
            "aws:SourceVpc",
        ];
        let unknown: Vec<(&str, &str)> = names.iter().map(|name| (*name, "?")).collect();
        hold(
            json!({"sourceIPAddress": hidden, "vpcEndpointId": "AWS Internal"}),
            &unknown,
        );
    }
}

#[test]
fn invoked_by_proves_a_forwarded_call_only_where_no_service_role_is_possible() {
    let user = json!({"type": "IAMUser", "arn": "arn:aws:iam::111111111111:user/ada", "invokedBy": "athena.amazonaws.com"});
    hold(
        json!({"userIdentity": user}),
        &[
            ("aws:ViaAWSService", "true (derived)"),
            ("aws:CalledViaLast", "athena.amazonaws.com (derived)"),
            ("aws:CalledVia", "?"),
            ("aws:CalledViaFirst", "?"),
            ("aws:ViaAWSMCPService", "?"),
        ],
    );
    let role = role_session("run-7", json!({"invokedBy": "athena.amazonaws.com"}));
    let names = ["aws:ViaAWSService", "aws:CalledVia", "aws:CalledViaLast"];
    let unknown: Vec<(&str, &str)> = names.iter().map(|name| (*name, "?")).collect();
    hold(json!({"userIdentity": role}), &unknown);
    let console = json!({"type": "IAMUser", "arn": "arn:aws:iam::111111111111:user/ada", "invokedBy": "AWS Internal"});
    hold(json!({"userIdentity": console}), &unknown);
    let linked = json!({"type": "AssumedRole", "invokedBy": "autoscaling.amazonaws.com",
        "arn": "arn:aws:sts::111111111111:assumed-role/AWSServiceRoleForAutoScaling/AutoScaling"});
    hold(
        json!({"userIdentity": linked}),
        &[
            ("aws:ViaAWSService", "false (derived)"),
            ("aws:CalledVia", "- (derived)"),
        ],
    );
    let mcp = json!({"type": "IAMUser", "arn": "arn:aws:iam::111111111111:user/ada", "invokedBy": "aws-mcp.amazonaws.com"});
    hold(
        json!({"userIdentity": mcp}),
        &[
            ("aws:ViaAWSMCPService", "true (derived)"),
            ("aws:CalledViaAWSMCP", "aws-mcp.amazonaws.com (derived)"),
        ],
    );
}

#[test]
fn the_requested_region_is_where_the_service_stands() {
    let iam = json!({"eventSource": "iam.amazonaws.com", "eventName": "ListUsers", "awsRegion": "eu-west-1"});
    hold(iam, &[("aws:RequestedRegion", "us-east-1 (derived)")]);
    let china = json!({"eventSource": "iam.amazonaws.com", "eventName": "ListUsers", "awsRegion": "cn-north-1"});
    hold(china, &[("aws:RequestedRegion", "cn-north-1 (exact)")]);
    let sts = |more: Value| {
        let mut record =
            json!({"eventSource": "sts.amazonaws.com", "eventName": "GetCallerIdentity"});
        record
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        record
    };
    let region = |value| [("aws:RequestedRegion", value)];
    hold(sts(json!({})), &region("eu-west-1 (exact)"));
    let host = json!({"tlsDetails": {"clientProvidedHostHeader": "sts.amazonaws.com"}});
    hold(sts(host), &region("us-east-1 (derived)"));
    let served = json!({"additionalEventData": {"RequestDetails": {"endpointType": "global"}}});
    hold(sts(served), &region("us-east-1 (derived)"));
}

#[test]
fn a_user_agent_that_may_be_cut_is_only_derived() {
    let long = "a".repeat(1_024);
    hold(
        json!({"userAgent": long}),
        &[("aws:UserAgent", &format!("{long} (derived)"))],
    );
}

#[test]
fn a_recorded_request_context_is_used_as_it_is() {
    hold(
        json!({"eventContext": {"requestContext": {
            "aws:SourceIp": "198.51.100.9", "aws:PrincipalOrgPaths": ["o-1/r-1/"],
            "aws:ViaAWSService": "true", "aws:multifactorauthpresent": true
        }}}),
        &[
            ("aws:SourceIp", "198.51.100.9 (exact)"),
            ("aws:PrincipalOrgPaths", "[o-1/r-1/] (exact)"),
            ("aws:ViaAWSService", "true (exact)"),
            ("aws:multifactorauthpresent", "true (exact)"),
            ("aws:MultiFactorAuthPresent", "?"),
        ],
    );
}

#[test]
fn parameters_are_keys_by_the_table_of_their_service() {
    let sts = json!({"eventSource": "sts.amazonaws.com", "eventName": "AssumeRole", "requestParameters": {
        "roleArn": ROLE, "roleSessionName": "run", "externalId": "lake-7", "sourceIdentity": "ada",
        "transitiveTagKeys": ["team"], "tags": [{"key": "team", "value": "audit"}]}});
    hold(
        sts,
        &[
            ("sts:ExternalId", "lake-7 (exact)"),
            ("sts:RoleSessionName", "run (exact)"),
            ("sts:SourceIdentity", "ada (exact)"),
            ("sts:TransitiveTagKeys", "[team] (exact)"),
            ("aws:RequestTag/team", "audit (derived)"),
            ("aws:TagKeys", "[team] (derived)"),
        ],
    );
    let listing = json!({"eventName": "ListObjects", "tlsDetails": {"tlsVersion": "TLSv1.2"},
        "additionalEventData": {"SignatureVersion": "SigV4", "AuthenticationMethod": "AuthHeader"},
        "requestParameters": {"bucketName": "ledger", "prefix": "2026/", "max-keys": 7}});
    hold(
        listing,
        &[
            ("s3:prefix", "2026/ (exact)"),
            ("s3:max-keys", "7 (exact)"),
            ("s3:delimiter", "- (derived)"),
            ("s3:authType", "REST-HEADER (derived)"),
            ("s3:signatureversion", "AWS4-HMAC-SHA256 (derived)"),
            ("s3:TlsVersion", "1.2 (derived)"),
        ],
    );
    let object = json!({"eventName": "PutObject", "requestParameters": {"bucketName": "ledger", "key": "k",
        "x-amz-acl": "private", "x-amz-server-side-encryption": "aws:kms", "x-amz-tagging": "team=audit&a%20b=c"}});
    hold(
        object,
        &[
            ("s3:x-amz-acl", "private (exact)"),
            ("s3:x-amz-server-side-encryption", "aws:kms (exact)"),
            ("s3:RequestObjectTag/team", "audit (derived)"),
            ("s3:RequestObjectTagKeys", "[team a b] (derived)"),
        ],
    );
    // Without parameters nothing is known of them.
    let dropped = json!({"eventName": "PutObject", "requestParameters": null});
    hold(
        dropped,
        &[
            ("s3:x-amz-acl", "?"),
            ("aws:TagKeys", "?"),
            ("s3:RequestObjectTagKeys", "?"),
        ],
    );
    let launch = json!({"eventSource": "ec2.amazonaws.com", "eventName": "RunInstances", "requestParameters": {
        "instanceType": "m7g.large", "iamInstanceProfile": {"arn": "arn:aws:iam::111111111111:instance-profile/p"}}});
    hold(
        launch,
        &[
            ("ec2:InstanceType", "m7g.large (exact)"),
            ("ec2:Region", "eu-west-1 (exact)"),
            ("ec2:EbsOptimized", "?"),
        ],
    );
}

#[test]
fn the_keys_of_kms_come_from_the_caller_the_service_and_the_encryption_context() {
    let identity = role_session("run-7", json!({"invokedBy": "s3.amazonaws.com"}));
    hold(
        json!({"eventSource": "kms.amazonaws.com", "eventName": "Decrypt", "userIdentity": identity,
            "requestParameters": {"keyId": "alias/ledger", "encryptionContext": {"aws:s3:arn": "arn:aws:s3:::b", "Tenant": "7"}}}),
        &[
            ("kms:CallerAccount", "111111111111 (exact)"),
            ("kms:ViaService", "s3.eu-west-1.amazonaws.com (derived)"),
            ("kms:EncryptionContext:aws:s3:arn", "arn:aws:s3:::b (exact)"),
            ("kms:EncryptionContext:Tenant", "7 (exact)"),
            ("kms:EncryptionContextKeys", "[Tenant aws:s3:arn] (exact)"),
            ("kms:RequestAlias", "alias/ledger (derived)"),
            // A property of the key, not of the call.
            ("kms:KeySpec", "?"),
        ],
    );
    hold(
        json!({"eventSource": "kms.amazonaws.com", "eventName": "CreateKey", "requestParameters": {"keySpec": "RSA_2048"}}),
        &[
            ("kms:KeySpec", "RSA_2048 (exact)"),
            ("kms:ViaService", "- (derived)"),
        ],
    );
}

#[test]
fn the_service_that_a_role_is_passed_to_is_the_one_called_with_exceptions() {
    let function = json!({"eventSource": "lambda.amazonaws.com", "eventName": "CreateFunction20150331",
        "requestParameters": {"functionName": "jobs", "role": ROLE}});
    hold(
        function,
        &[("iam:PassedToService", "lambda.amazonaws.com (derived)")],
    );
    let task = json!({"eventSource": "ecs.amazonaws.com", "eventName": "RegisterTaskDefinition",
        "requestParameters": {"family": "jobs", "taskRoleArn": ROLE}});
    hold(
        task,
        &[("iam:PassedToService", "ecs-tasks.amazonaws.com (derived)")],
    );
    hold(json!({}), &[("iam:PassedToService", "- (derived)")]);
}

#[test]
fn every_key_of_the_tables_has_a_name_that_aws_publishes() {
    // Newer than the data.
    let newer = [
        "aws:AssumedRoot",
        "aws:SignInSessionArn",
        "aws:FederatedProvider",
        "aws:ViaAWSMCPService",
        "aws:CalledViaAWSMCP",
        "ec2:RoleDelivery",
        "signin:PrincipalArn",
    ];
    let catalogue = Catalogue::embedded();
    let parameters = catalogue.all_parameter_keys().map(|key| key.name);
    let mut unknown: Vec<&str> = RULES
        .iter()
        .map(|rule| rule.name)
        .chain(parameters)
        .filter(|name| !newer.contains(name))
        .filter(|name| catalogue.services().condition_key(name).is_none())
        .collect();
    unknown.sort_unstable();
    assert_eq!(unknown, [] as [&str; 0]);
}

#[test]
fn no_two_keys_have_one_hash() {
    let mut hashes = HASHES.to_vec();
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), RULES.len());
}

#[test]
fn a_key_that_is_looked_up_is_the_key_that_is_listed_and_listed_once() {
    let stated = json!({"eventContext": {"requestContext": {"aws:SourceIp": "198.51.100.9"}}});
    let mut records = samples::real().unwrap_or_default();
    records.push(samples::record(stated));
    let catalogue = Catalogue::embedded();
    for record in &records {
        let Ok(derived) = derive(record, &catalogue, &()) else {
            continue;
        };
        let context = Context::with_unlisted(Unlisted::Unknown).with_keys(&derived);
        let mut names = HashSet::new();
        for key in derived.context() {
            assert_eq!(
                context.get(&key.name),
                key.value,
                "{} of {:?}",
                key.name,
                record.event_id
            );
            assert!(
                names.insert(key.name.to_lowercase()),
                "{} of {:?}",
                key.name,
                record.event_id
            );
        }
    }
}
