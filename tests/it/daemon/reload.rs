//! SIGHUP: what changes, what is refused, what takes a restart.

use serde_json::json;

use super::cluster::Cluster;
use super::process::Daemons;
use super::service::{ASKABLE, address, get};
use crate::command::Trailwright;

const FAST: &str = "[commit]\nseconds_max = 0.2\n";

/// A call of a role that the directory of policies tells of.
fn call(id: &str) -> String {
    json!({
        "eventVersion": "1.11", "eventID": id, "eventTime": "2026-03-09T10:00:00Z",
        "eventSource": "s3.amazonaws.com", "eventName": "ListBuckets", "awsRegion": "eu-west-1",
        "eventType": "AwsApiCall", "recipientAccountId": "111122223333",
        "userIdentity": {"type": "AssumedRole", "accountId": "111122223333",
            "arn": "arn:aws:sts::111122223333:assumed-role/worker/job",
            "sessionContext": {"sessionIssuer": {"type": "Role", "accountId": "111122223333",
                "arn": "arn:aws:iam::111122223333:role/worker", "userName": "worker"}}},
    })
    .to_string()
}

/// What `aws iam get-account-authorization-details` prints of that role.
fn export() -> String {
    let document =
        |statement: serde_json::Value| json!({"Version": "2012-10-17", "Statement": [statement]});
    json!({"RoleDetailList": [{
        "RoleName": "worker", "Arn": "arn:aws:iam::111122223333:role/worker", "Path": "/",
        "CreateDate": "2026-01-01T00:00:00Z",
        "AssumeRolePolicyDocument": document(json!({"Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})),
        "RolePolicyList": [{"PolicyName": "work", "PolicyDocument": document(json!({
            "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}))}],
        "AttachedManagedPolicies": [],
    }]})
    .to_string()
}

#[test]
fn new_trails_and_new_policies_are_in_force_without_a_restart() {
    let mut cluster = Cluster::new(1);
    let trailwright = Trailwright::new();
    let mut daemons = Daemons::new(&trailwright, &cluster);
    let configuration = format!("{FAST}[policies]\ndirectory = \"policies\"\n");
    trailwright.write("trailwright.toml", &configuration);
    trailwright.write("policies/.keep", "");
    daemons.start("audit");
    cluster.send(0, call("before"));
    cluster.flush();
    daemons.wait_until_stored(&cluster.ends());

    trailwright.write("policies/account.json", export());
    let trails = "[[trails]]\nname = \"audit-trail\"\nhome_region = \"eu-west-1\"\n";
    trailwright.write("trailwright.toml", configuration + trails);
    daemons.signal("-HUP");
    daemons.wait_for("the configuration is in force; 1 policy files are new");
    daemons.wait_for("1 labels changed by what came later");
    cluster.send(0, call("after"));
    cluster.flush();
    daemons.wait_until_stored(&cluster.ends());
    daemons.stop();
    let stored = trailwright
        .ask("select event_id, decision, array_to_string(trails, ' ') from events order by 1");
    assert_eq!(
        stored,
        ["after,allow,audit-trail", "before,allow,eu-west-1"]
    );
}

#[test]
fn a_configuration_with_a_mistake_is_refused_and_the_old_one_goes_on() {
    let mut cluster = Cluster::new(1);
    let trailwright = Trailwright::new();
    let mut daemons = Daemons::new(&trailwright, &cluster);
    daemons.with_args(&ASKABLE);
    daemons.start("audit");
    let address = address(&mut daemons);
    daemons.wait_for("reading cloudtrail/0");
    let successful = |address: &str| {
        let (_, page) = get(address, "/metrics");
        let name = "trailwright_config_last_reload_successful ";
        let value = page.lines().find_map(|line| line.strip_prefix(name));
        value.unwrap().to_owned()
    };
    assert_eq!(successful(&address), "1");
    let trails = "[[trails]]\nname = \"audit-trail\"\nhome_region = \"europe\"\n";
    trailwright.write("trailwright.toml", format!("{FAST}{trails}"));
    daemons.signal("-HUP");
    let said = daemons.wait_for("the configuration is refused and the old one goes on");
    assert!(said.contains("trails[0].home_region: \"europe\""), "{said}");
    assert_eq!(successful(&address), "0");

    cluster.send(0, call("a"));
    cluster.flush();
    daemons.wait_until_stored(&cluster.ends());
    trailwright.write("trailwright.toml", FAST);
    daemons.signal("-HUP");
    daemons.wait_for("the configuration is in force");
    assert_eq!(successful(&address), "1");
    daemons.stop();
    let trails = trailwright.ask("select array_to_string(trails, ' ') from events");
    assert_eq!(trails, ["eu-west-1"]);
}

#[test]
fn what_takes_a_restart_is_named() {
    let mut cluster = Cluster::new(1);
    let trailwright = Trailwright::new();
    let mut daemons = Daemons::new(&trailwright, &cluster);
    daemons.start("audit");
    daemons.wait_for("reading cloudtrail/0");
    let other = "lake = \"other\"\n[source.kafka]\nname = \"other\"\n[service]\nlog = \"warn\"\n";
    trailwright.write("trailwright.toml", format!("{other}{FAST}"));
    daemons.signal("-HUP");
    daemons.wait_for("lake changed in the configuration, which takes a restart");
    daemons.wait_for("[source] changed in the configuration, which takes a restart");
    // The filter is new, so that what follows is not said.
    cluster.send(0, call("a"));
    cluster.flush();
    daemons.stop();
    assert!(
        !daemons.said().contains("stored 1 new events"),
        "{}",
        daemons.said()
    );
    let sources = trailwright.ask("select source from events");
    assert!(
        sources.is_empty() || sources == ["kafka/cloudtrail/0/0"],
        "{sources:?}"
    );
}
