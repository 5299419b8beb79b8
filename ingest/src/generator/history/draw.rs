//! Rules drawn at random for policies of every kind.

use super::accounts::ACCOUNTS;
use super::action::{
    Action, DECRYPT, DELETE_ITEM, DELETE_OBJECT, DESCRIBE_INSTANCES, DESCRIBE_KEY, DESCRIBE_SECRET,
    DESCRIBE_TABLE, DESCRIBE_VPCS, ENCRYPT, GET_FUNCTION, GET_ITEM, GET_OBJECT, GET_SECRET,
    GET_USER, GET_VERSIONING, INVOKE, LIST_ACCESS_KEYS, LIST_BUCKET, LOOKUP_EVENTS, PUBLISH,
    PUT_ITEM, PUT_OBJECT, QUERY, RECEIVE_MESSAGE, SEND_MESSAGE, START_INSTANCES, STOP_INSTANCES,
};
use super::resource::{Kind, Resource};
use super::rule::{Actions, Condition, Grantee, Reach, Rule};
use super::setup::{FOLDERS, ROLES, SHARED_BUCKET, assuming, shared_bucket};
use super::world::World;
use crate::generator::organization::{FRANKFURT, IRELAND};
use crate::generator::random::Random;

pub(super) const TEAMS: [&str; 2] = ["blue", "green"];

pub(super) fn one_of<T: Clone>(random: &mut Random, all: &[T]) -> T {
    let last = u32::try_from(all.len()).unwrap_or(1).saturating_sub(1);
    all[random.between(0, last) as usize].clone()
}

pub(super) fn team(random: &mut Random) -> &'static str {
    one_of(random, &TEAMS)
}

/// One of the organization's accounts.
pub(super) fn an_account(random: &mut Random) -> &'static str {
    one_of(random, &ACCOUNTS).0
}

/// A resource of the kind in the account.
pub(super) fn resource(
    world: &World,
    random: &mut Random,
    kind: Kind,
    account: &str,
) -> Option<Resource> {
    let fits = |resource: &&Resource| resource.kind == kind && resource.account == account;
    let all = || world.resources.iter().filter(fits);
    let last = u32::try_from(all().count()).ok()?.checked_sub(1)?;
    all().nth(random.between(0, last) as usize).cloned()
}

/// Two to five rules for a user, group or role of the account. Only people
/// have MFA, so only what belongs to people asks for it.
pub(super) fn rules(
    world: &World,
    random: &mut Random,
    account: &'static str,
    of_people: bool,
) -> Vec<Rule> {
    let mut rules = Vec::new();
    for number in 1..=random.between(2, 4) {
        let (actions, reach) = permission(world, random, account);
        let rule = Rule::allow(&format!("Allow{number}"), Actions::These(actions), reach);
        rules.push(match condition(random, of_people) {
            Some(condition) => rule.when(condition),
            None => rule,
        });
    }
    if random.once_in(3) {
        rules.push(prohibition(world, random, account));
    }
    if random.once_in(4) {
        let actions = Actions::These(vec![STOP_INSTANCES, START_INSTANCES]);
        let own = Rule::allow(
            "OwnInstances",
            actions,
            Reach::Every(Kind::Instance, account),
        );
        rules.push(own.when(Condition::OwnedByTeam));
    }
    rules
}

fn condition(random: &mut Random, of_people: bool) -> Option<Condition> {
    match random.between(0, 11) {
        0 => Some(Condition::Office),
        1 => Some(Condition::Regions(vec![FRANKFURT, IRELAND])),
        2 => Some(Condition::Team(team(random))),
        3 | 4 if of_people => Some(Condition::Mfa),
        _ => None,
    }
}

/// Some actions that go together, and what they may be done to.
fn permission(world: &World, random: &mut Random, home: &'static str) -> (Vec<Action>, Reach) {
    let account = if random.once_in(6) {
        an_account(random)
    } else {
        home
    };
    let one = |random: &mut Random, kind| match resource(world, random, kind, account) {
        Some(resource) => Reach::One(resource),
        None => Reach::Every(kind, account),
    };
    let bucket = resource(world, random, Kind::Bucket, account);
    let bucket = bucket.map_or_else(|| SHARED_BUCKET.to_owned(), |bucket| bucket.name);
    match random.between(0, 12) {
        0 => {
            let folder = Reach::Folder(bucket, one_of(random, &FOLDERS));
            (vec![GET_OBJECT, PUT_OBJECT, DELETE_OBJECT], folder)
        }
        1 => {
            let actions = vec![LIST_BUCKET, GET_OBJECT, GET_VERSIONING];
            (actions, Reach::Bucket(bucket))
        }
        2 => (
            vec![PUT_OBJECT, DELETE_OBJECT, LIST_BUCKET],
            Reach::Bucket(bucket),
        ),
        3 => (
            vec![GET_ITEM, QUERY, DESCRIBE_TABLE],
            Reach::Every(Kind::Table, home),
        ),
        4 => (
            vec![GET_ITEM, PUT_ITEM, DELETE_ITEM],
            one(random, Kind::Table),
        ),
        5 => (
            vec![SEND_MESSAGE, RECEIVE_MESSAGE],
            one(random, Kind::Queue),
        ),
        6 => (vec![PUBLISH], one(random, Kind::Topic)),
        7 => (vec![GET_SECRET, DESCRIBE_SECRET], one(random, Kind::Secret)),
        8 => (vec![INVOKE, GET_FUNCTION], one(random, Kind::Function)),
        9 => (
            vec![DECRYPT, ENCRYPT, DESCRIBE_KEY],
            Reach::Every(Kind::Key, account),
        ),
        10 => (
            vec![DESCRIBE_INSTANCES, DESCRIBE_VPCS, LOOKUP_EVENTS],
            Reach::Everything,
        ),
        11 => (
            vec![GET_USER, LIST_ACCESS_KEYS],
            Reach::Every(Kind::User, home),
        ),
        _ => {
            let Actions::These(actions) = assuming() else {
                return (Vec::new(), Reach::Everything);
            };
            (actions, Reach::Every(Kind::Role, account))
        }
    }
}

fn prohibition(world: &World, random: &mut Random, account: &'static str) -> Rule {
    let (actions, reach) = match random.between(0, 3) {
        0 => (vec![DELETE_OBJECT], Reach::Everything),
        1 => (
            vec![DELETE_ITEM, PUT_ITEM],
            Reach::Every(Kind::Table, account),
        ),
        2 => (vec![GET_SECRET], Reach::Everything),
        _ => {
            let function = resource(world, random, Kind::Function, account);
            (vec![INVOKE], function.map_or(Reach::Everything, Reach::One))
        }
    };
    Rule::deny("Never", Actions::These(actions), reach)
}

/// A permissions boundary: some services, and perhaps one thing never.
pub(super) fn boundary(world: &World, random: &mut Random, account: &'static str) -> Vec<Rule> {
    let mut services = vec!["s3", "dynamodb", "sts"];
    for service in [
        "sqs",
        "sns",
        "secretsmanager",
        "lambda",
        "kms",
        "ec2",
        "iam",
        "cloudtrail",
    ] {
        if random.between(0, 2) > 0 {
            services.push(service);
        }
    }
    let mut rules = vec![Rule::allow(
        "Within",
        Actions::Services(services),
        Reach::Everything,
    )];
    if random.once_in(2) {
        rules.push(prohibition(world, random, account));
    }
    rules
}

/// What a session is narrowed to.
pub(super) fn session(world: &World, random: &mut Random, account: &'static str) -> Vec<Rule> {
    let services = match random.between(0, 2) {
        0 => vec!["s3", "dynamodb", "sqs", "lambda", "ec2"],
        1 => vec!["dynamodb", "sns", "sqs", "kms", "iam"],
        _ => vec!["s3", "secretsmanager", "kms", "cloudtrail"],
    };
    let mut rules = vec![Rule::allow(
        "Narrowed",
        Actions::Services(services),
        Reach::Everything,
    )];
    rules.push(prohibition(world, random, account));
    rules
}

/// A trust policy: the account, one user, or the roles of another account.
pub(super) fn trust(random: &mut Random, account: &'static str) -> Vec<Rule> {
    let worker = format!(
        "arn:aws:iam::{account}:user/worker-{}",
        random.between(1, 6)
    );
    let other = an_account(random);
    let deputy = format!("arn:aws:iam::{other}:role/{}", one_of(random, &ROLES));
    let allow = |grantee| Rule::allow("Trusted", assuming(), Reach::Everything).to(grantee);
    let mut rules = vec![match random.between(0, 2) {
        0 => allow(Grantee::Account(account)),
        1 => allow(Grantee::Principal(worker)),
        _ => allow(Grantee::Account(other)),
    }];
    if random.once_in(2) {
        let mut deputy = allow(Grantee::Principal(deputy));
        deputy.sid = "Deputy".to_owned();
        rules.push(deputy);
    }
    rules
}

/// The policy of a resource, for the kinds that have one; not every resource
/// of these kinds has one.
pub(super) fn resource_policy(random: &mut Random, resource: &Resource) -> Option<Vec<Rule>> {
    if resource.name == SHARED_BUCKET {
        return Some(shared_bucket());
    }
    let actions = granted_on(resource.kind)?;
    if resource.kind == Kind::Key {
        return Some(key_policy(random, resource.account, &actions));
    }
    let mut rules = Vec::new();
    let reach = match resource.kind {
        Kind::Bucket => Reach::Bucket(resource.name.clone()),
        _ => Reach::One(resource.clone()),
    };
    for number in 1..=random.between(0, 2) {
        let rule = Rule::allow(
            &format!("Share{number}"),
            Actions::These(actions.clone()),
            reach.clone(),
        );
        rules.push(granted(random, resource.account, rule));
    }
    if resource.kind == Kind::Bucket && random.once_in(2) {
        let role = one_of(random, &ROLES);
        let role = format!("arn:aws:iam::{}:role/{role}", resource.account);
        let folder = Reach::Folder(resource.name.clone(), "archive");
        let keep = Rule::deny(
            "Keep",
            Actions::These(vec![GET_OBJECT, DELETE_OBJECT]),
            folder,
        );
        rules.push(keep.to(Grantee::Anyone).when(Condition::NotPrincipal(role)));
    }
    (!rules.is_empty()).then_some(rules)
}

/// To whom `rule` grants.
fn granted(random: &mut Random, account: &'static str, rule: Rule) -> Rule {
    let other = an_account(random);
    match random.between(0, 4) {
        0 => rule.to(Grantee::Account(other)),
        1 => {
            let name = random.between(1, 6);
            rule.to(Grantee::Principal(format!(
                "arn:aws:iam::{account}:user/worker-{name}"
            )))
        }
        2 => {
            let role = one_of(random, &ROLES);
            rule.to(Grantee::Principal(format!(
                "arn:aws:iam::{account}:role/{role}"
            )))
        }
        3 => {
            let role = one_of(random, &ROLES);
            let session = format!("arn:aws:sts::{account}:assumed-role/{role}/nightly");
            rule.to(Grantee::Session(session))
        }
        _ => rule.to(Grantee::Anyone).when(Condition::OwnOrganization),
    }
}

fn granted_on(kind: Kind) -> Option<Vec<Action>> {
    match kind {
        Kind::Bucket => Some(vec![GET_OBJECT, PUT_OBJECT, LIST_BUCKET]),
        Kind::Queue => Some(vec![SEND_MESSAGE, RECEIVE_MESSAGE]),
        Kind::Topic => Some(vec![PUBLISH]),
        Kind::Secret => Some(vec![GET_SECRET]),
        Kind::Function => Some(vec![INVOKE]),
        Kind::Key => Some(vec![DECRYPT, ENCRYPT]),
        _ => None,
    }
}

/// Mostly one that leaves the key to IAM; sometimes one that does so for its
/// administration alone, so that it decides itself who uses it.
pub(super) fn key_policy(
    random: &mut Random,
    account: &'static str,
    actions: &[Action],
) -> Vec<Rule> {
    let administration = Actions::These(vec![
        Action::write("kms", "PutKeyPolicy", Kind::Key),
        DESCRIBE_KEY,
    ]);
    let left_to_iam = match random.once_in(3) {
        true => administration,
        false => Actions::Services(vec!["kms"]),
    };
    let owner = Rule::allow("Owner", left_to_iam, Reach::Everything);
    let use_it = Rule::allow("Use", Actions::These(actions.to_vec()), Reach::Everything);
    vec![
        owner.to(Grantee::Account(account)),
        granted(random, account, use_it),
    ]
}

/// The services that an allow-list of the organization offers: those that
/// nobody can do without, and `more`.
pub(super) fn offered(more: &[&'static str]) -> Vec<Rule> {
    let mut services = vec![
        "iam",
        "sts",
        "s3",
        "sqs",
        "sns",
        "kms",
        "secretsmanager",
        "lambda",
        "signin",
    ];
    services.extend(more);
    vec![Rule::allow(
        "Offered",
        Actions::Services(services),
        Reach::Everything,
    )]
}

/// A service control policy that forbids some actions.
pub(super) fn guard(actions: &[Action]) -> Vec<Rule> {
    vec![Rule::deny(
        "Guarded",
        Actions::These(actions.to_vec()),
        Reach::Everything,
    )]
}

/// A resource control policy: only one role deletes objects.
pub(super) fn keep_objects(account: &str) -> Vec<Rule> {
    let role = format!("arn:aws:iam::{account}:role/pipeline");
    let rule = Rule::deny(
        "Keep",
        Actions::These(vec![DELETE_OBJECT]),
        Reach::Everything,
    );
    vec![rule.to(Grantee::Anyone).when(Condition::NotPrincipal(role))]
}

/// A name for a session.
pub(super) fn session_name(random: &mut Random) -> String {
    match random.once_in(3) {
        true => "nightly".to_owned(),
        false => format!("run-{}", random.hex(6)),
    }
}
