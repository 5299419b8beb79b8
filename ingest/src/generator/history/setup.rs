//! The organization at the start.

use std::collections::{BTreeMap, BTreeSet};

use super::accounts::{ACCOUNTS, DATA, PLACES, ROOT, SANDBOXES, STAGING, TRIAL, UNITS};
use super::action::{
    ASSUME_ROLE, DELETE_OBJECT, DESCRIBE_INSTANCES, DESCRIBE_VPCS, GET_FEDERATION_TOKEN,
    GET_OBJECT, SET_SOURCE_IDENTITY, STOP_INSTANCES, TAG_SESSION,
};
use super::draw;
use super::resource::{Kind, Resource};
use super::rule::{Actions, Condition, Grantee, Reach, Rule};
use super::world::{
    Account, Entity, FULL_ACCESS, Managed, Node, Organization, OrganizationPolicy, ResourcePolicy,
    World,
};
use crate::generator::organization::{FRANKFURT, IRELAND, PARTNER, PRODUCTION, SANDBOX};
use crate::generator::random::Random;

pub(super) const ADMINISTRATOR_ACCESS: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const SCALING_POLICY: &str =
    "arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy";
pub(super) const SCALING_ROLE: &str = "AWSServiceRoleForAutoScaling";
pub(super) const SCALING: &str = "autoscaling.amazonaws.com";
pub(super) const LAMBDA: &str = "lambda.amazonaws.com";
pub(super) const CLOUDTRAIL: &str = "cloudtrail.amazonaws.com";
/// Every account's administrator, who makes all changes.
pub(super) const ADMINISTRATOR: &str = "administrator";
/// Every account's user who makes federated sessions.
pub(super) const BROKER: &str = "broker";
/// The role that a service assumes.
pub(super) const WORKER_ROLE: &str = "worker";
/// The roles that people assume.
pub(super) const ROLES: [&str; 3] = ["auditor", "deputy", "pipeline"];
pub(super) const GROUPS: [&str; 3] = ["builders", "operators", "readers"];
pub(super) const FOLDERS: [&str; 3] = ["archive", "incoming", "reports"];
/// The managed policies that are attached and changed.
pub(super) const POLICIES: [&str; 5] = ["DataRead", "DataWrite", "Messages", "Network", "Secrets"];
/// The managed policies that serve as boundaries.
pub(super) const BOUNDARIES: [&str; 2] = ["BoundaryNarrow", "BoundaryWide"];
/// A managed policy that is passed with sessions and never changed.
pub(super) const SESSION_SCOPE: &str = "SessionScope";
/// Whose objects in [`PARTNER_FOLDER`] the partner may fetch.
pub(super) const SHARED_BUCKET: &str = "example-data-orders";
pub(super) const PARTNER_FOLDER: &str = "reports";
pub(super) const REGION_LOCK: &str = "p-regionlock1";
pub(super) const OFFERED: &str = "p-offered0001";
pub(super) const GUARD: &str = "p-guard000001";
pub(super) const KEEP_OBJECTS: &str = "p-keepobjects";

/// What a Region lock leaves alone.
const GLOBAL: [&str; 4] = ["iam", "sts", "organizations", "cloudtrail"];

pub(super) fn policy_arn(account: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:policy/{name}")
}

pub(super) fn world(random: &mut Random, created: &str) -> World {
    let mut world = World {
        organization: organization(),
        ..World::default()
    };
    for (account, name) in ACCOUNTS {
        resources(&mut world, random, account, name);
    }
    for (id, _) in ACCOUNTS {
        let account = account(&world, random, id, created);
        world.accounts.insert(id, account);
    }
    let held: Vec<Resource> = world.resources.clone();
    for resource in &held {
        if let Some(rules) = draw::resource_policy(random, resource) {
            let policy = ResourcePolicy {
                account: resource.account,
                rules,
            };
            world.resource_policies.insert(resource.arn(), policy);
        }
    }
    world
}

fn resources(world: &mut World, random: &mut Random, account: &'static str, name: &str) {
    let mut add = |kind, called: String| {
        world.resources.push(Resource::new(kind, account, called));
    };
    add(Kind::Bucket, format!("example-{name}-orders"));
    add(Kind::Bucket, format!("example-{name}-reports"));
    add(Kind::Table, "carts".to_owned());
    add(Kind::Table, "orders".to_owned());
    add(Kind::Queue, "jobs".to_owned());
    add(Kind::Topic, "alerts".to_owned());
    add(Kind::Secret, format!("database-{}", random.letters(6)));
    add(Kind::Function, "notify".to_owned());
    add(Kind::Function, "resize".to_owned());
    add(Kind::Key, random.uuid());
    add(Kind::Instance, format!("i-{}", random.hex(17)));
    add(Kind::Instance, format!("i-{}", random.hex(17)));
}

fn account(world: &World, random: &mut Random, id: &'static str, created: &str) -> Account {
    let mut account = Account::default();
    let mut managed = |arn: String, rules: Vec<Rule>, random: &mut Random| {
        let policy = Managed::new(random.entity_id("ANPA"), created, rules);
        account.policies.insert(arn, policy);
    };
    let all = Rule::allow("Everything", Actions::All, Reach::Everything);
    managed(ADMINISTRATOR_ACCESS.to_owned(), vec![all], random);
    let scaling = Actions::These(vec![DESCRIBE_INSTANCES, DESCRIBE_VPCS, STOP_INSTANCES]);
    let scaling = Rule::allow("Scale", scaling, Reach::Everything);
    managed(SCALING_POLICY.to_owned(), vec![scaling], random);
    for name in POLICIES {
        let rules = draw::rules(world, random, id, false);
        managed(policy_arn(id, name), rules, random);
    }
    for name in BOUNDARIES {
        let rules = draw::boundary(world, random, id);
        managed(policy_arn(id, name), rules, random);
    }
    let scope = Actions::Services(vec!["s3", "dynamodb", "ec2"]);
    let scope = Rule::allow("Scope", scope, Reach::Everything);
    managed(policy_arn(id, SESSION_SCOPE), vec![scope], random);
    let entity = |random: &mut Random, prefix: &str| Entity {
        id: random.entity_id(prefix),
        path: "/",
        created: created.to_owned(),
        ..Entity::default()
    };
    for name in GROUPS {
        let mut group = entity(random, "AGPA");
        furnish(&mut group, world, random, id, true);
        account.groups.insert(name.to_owned(), group);
    }
    for number in 1..=6 {
        let mut user = entity(random, "AIDA");
        furnish(&mut user, world, random, id, true);
        user.groups.insert(draw::one_of(random, &GROUPS).to_owned());
        user.tags
            .insert("team".to_owned(), draw::team(random).to_owned());
        account.users.insert(format!("worker-{number}"), user);
    }
    let mut administrator = entity(random, "AIDA");
    administrator
        .attached
        .insert(ADMINISTRATOR_ACCESS.to_owned());
    account
        .users
        .insert(ADMINISTRATOR.to_owned(), administrator);
    let mut broker = entity(random, "AIDA");
    broker.inline.insert("lend".to_owned(), lent(id));
    account.users.insert(BROKER.to_owned(), broker);
    for name in ROLES {
        let mut role = entity(random, "AROA");
        furnish(&mut role, world, random, id, false);
        if random.once_in(2) {
            role.tags
                .insert("team".to_owned(), draw::team(random).to_owned());
        }
        role.trust = draw::trust(random, id);
        account.roles.insert(name.to_owned(), role);
    }
    let mut worker = entity(random, "AROA");
    worker.path = "/service/";
    furnish(&mut worker, world, random, id, false);
    worker.trust = vec![trusts_service(LAMBDA)];
    account.roles.insert(WORKER_ROLE.to_owned(), worker);
    let mut scaling = entity(random, "AROA");
    scaling.path = "/aws-service-role/autoscaling.amazonaws.com/";
    scaling.attached.insert(SCALING_POLICY.to_owned());
    scaling.trust = vec![trusts_service(SCALING)];
    account.roles.insert(SCALING_ROLE.to_owned(), scaling);
    account
}

/// Inline and attached policies, and a boundary for some.
fn furnish(
    entity: &mut Entity,
    world: &World,
    random: &mut Random,
    account: &'static str,
    of_people: bool,
) {
    let rules = draw::rules(world, random, account, of_people);
    entity.inline.insert("own-work".to_owned(), rules);
    for _ in 0..random.between(1, 2) {
        let name = draw::one_of(random, &POLICIES);
        entity.attached.insert(policy_arn(account, name));
    }
    let is_group = entity.id.starts_with("AGPA");
    if !is_group && random.once_in(3) {
        let name = draw::one_of(random, &BOUNDARIES);
        entity.boundary = Some(policy_arn(account, name));
    }
}

/// What the broker may do, and its federated sessions within their policies.
fn lent(account: &'static str) -> Vec<Rule> {
    vec![
        Rule::allow(
            "Federate",
            Actions::These(vec![GET_FEDERATION_TOKEN]),
            Reach::Every(Kind::FederatedUser, account),
        ),
        Rule::allow(
            "Lend",
            Actions::Services(vec!["s3", "dynamodb", "sqs", "lambda"]),
            Reach::Everything,
        ),
    ]
}

pub(super) fn trusts_service(name: &'static str) -> Rule {
    let actions = Actions::These(vec![ASSUME_ROLE]);
    Rule::allow("Service", actions, Reach::Everything).to(Grantee::Service(name))
}

/// Assuming a role, tagging the session and naming who stands behind it.
pub(super) fn assuming() -> Actions {
    Actions::These(vec![ASSUME_ROLE, TAG_SESSION, SET_SOURCE_IDENTITY])
}

/// The partner fetches from one folder, CloudTrail writes to another, and
/// nobody of the partner deletes.
pub(super) fn shared_bucket() -> Vec<Rule> {
    let folder = |name| Reach::Folder(SHARED_BUCKET.to_owned(), name);
    vec![
        Rule::allow(
            "Partner",
            Actions::These(vec![GET_OBJECT]),
            folder(PARTNER_FOLDER),
        )
        .to(Grantee::Account(PARTNER)),
        Rule::allow(
            "Trails",
            Actions::These(vec![super::action::PUT_OBJECT]),
            folder("archive"),
        )
        .to(Grantee::Service(CLOUDTRAIL)),
        Rule::deny(
            "Keep",
            Actions::These(vec![DELETE_OBJECT]),
            folder(PARTNER_FOLDER),
        )
        .to(Grantee::Anyone),
    ]
}

fn organization() -> Organization {
    let mut nodes = BTreeMap::new();
    let mut add = |id, name, parent| {
        let attached = BTreeSet::from([FULL_ACCESS.to_owned()]);
        let node = Node {
            name,
            parent,
            attached,
        };
        nodes.insert(id, node);
    };
    add(ROOT, "Root", None);
    for (id, name, parent) in UNITS {
        add(id, name, Some(parent));
    }
    for (id, parent) in PLACES {
        let name = ACCOUNTS.iter().find(|(account, _)| *account == id);
        add(id, name.map_or("", |(_, name)| name), Some(parent));
    }
    let mut attach = |node: &str, policy: &str| {
        if let Some(node) = nodes.get_mut(node) {
            node.attached.insert(policy.to_owned());
        }
    };
    attach(TRIAL, REGION_LOCK);
    attach(SANDBOXES, REGION_LOCK);
    attach(SANDBOX, OFFERED);
    attach(DATA, KEEP_OBJECTS);
    attach(STAGING, GUARD);
    attach(PRODUCTION, GUARD);
    // What is not offered there is not allowed there.
    if let Some(sandbox) = nodes.get_mut(SANDBOX) {
        sandbox.attached.remove(FULL_ACCESS);
    }
    Organization {
        nodes,
        policies: organization_policies(),
    }
}

fn organization_policies() -> BTreeMap<String, OrganizationPolicy> {
    let full = Rule::allow("Everything", Actions::All, Reach::Everything);
    let lock = Rule::deny(
        "OnlyTwoRegions",
        Actions::AllBut(GLOBAL.to_vec()),
        Reach::Everything,
    )
    .when(Condition::OutsideRegions(vec![FRANKFURT, IRELAND]));
    let policies = [
        (FULL_ACCESS, "FullAWSAccess", false, vec![full]),
        (REGION_LOCK, "RegionLock", false, vec![lock]),
        (
            OFFERED,
            "Offered",
            false,
            draw::offered(&["dynamodb", "ec2"]),
        ),
        (GUARD, "Guard", false, draw::guard(&[DELETE_OBJECT])),
        (KEEP_OBJECTS, "KeepObjects", true, draw::keep_objects(DATA)),
    ];
    let policy = |(id, name, controls_resources, rules): (&str, &str, bool, Vec<Rule>)| {
        let policy = OrganizationPolicy {
            name: name.to_owned(),
            controls_resources,
            rules,
        };
        (id.to_owned(), policy)
    };
    policies.into_iter().map(policy).collect()
}
