//! How sessions come to be: roles assumed, users federated or signed in.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use trailwright_schemas::{Agreement, CauseType, Decision};

use super::Story;
use super::record::Recorded;
use super::tried::Candidate;
use crate::generator::call::Call;
use crate::generator::caller::{BROWSER, Caller};
use crate::generator::history::action::{ASSUME_ROLE, GET_FEDERATION_TOKEN};
use crate::generator::history::actor::{Actor, person, session_arn};
use crate::generator::history::decide::{Verdict, Who, account_of};
use crate::generator::history::document::document;
use crate::generator::history::draw;
use crate::generator::history::resource::{Kind, Resource};
use crate::generator::history::rule::Rule;
use crate::generator::history::setup::{
    BROKER, LAMBDA, ROLES, SCALING, SCALING_ROLE, SESSION_SCOPE, policy_arn,
};
use crate::generator::history::world::{EntityKind, EntityName};
use crate::generator::organization::{FRANKFURT, OFFICE};
use crate::generator::record::tls;

/// Seconds that a session lasts.
const DURATION: u32 = 3600;

/// What a session is made with.
#[derive(Clone, Debug, Default)]
struct Passed {
    policy: Option<Vec<Rule>>,
    /// Of the managed policy that is passed by its ARN.
    managed: Option<(String, Vec<Rule>)>,
    team: Option<&'static str>,
    source_identity: Option<String>,
}

impl Passed {
    /// The policies together: what one of them allows is allowed.
    fn rules(&self) -> Option<Vec<Rule>> {
        let managed = self.managed.as_ref().map(|(_, rules)| rules);
        let all: Vec<&Vec<Rule>> = self.policy.iter().chain(managed).collect();
        (!all.is_empty()).then(|| all.into_iter().flatten().cloned().collect())
    }

    fn parameters(&self, into: &mut Value) {
        if let Some(rules) = &self.policy {
            into["policy"] = json!(document(rules).to_string());
        }
        if let Some((arn, _)) = &self.managed {
            into["policyArns"] = json!([{ "arn": arn }]);
        }
        if let Some(team) = self.team {
            into["tags"] = json!([{ "key": "team", "value": team }]);
        }
        if let Some(identity) = &self.source_identity {
            into["sourceIdentity"] = json!(identity);
        }
    }
}

impl Story {
    /// Somebody gets temporary credentials. Nobody uses them in the same second.
    pub(super) fn enter(&mut self) {
        self.pause(1, 1);
        match self.random.between(0, 11) {
            0..=5 => self.person_assumes(),
            6 | 7 => self.lambda_assumes(),
            8 => self.scaling_assumes(),
            9 => self.federates(),
            _ => self.signs_in(),
        }
        self.pause(1, 1);
    }

    fn person_assumes(&mut self) {
        let caller = match self.random.once_in(4) {
            true => self.actor(),
            false => {
                let account = draw::an_account(&mut self.random);
                self.user(account)
            }
        };
        let Some(caller) = caller else {
            return;
        };
        let home = account_of(&caller.who).unwrap_or_default();
        let may_assume = matches!(caller.who, Who::User(..) | Who::Session(..));
        // Half of the time one that the caller may assume.
        for _ in 0..8 {
            let account = match self.random.once_in(3) {
                true => draw::an_account(&mut self.random),
                false => home,
            };
            let role = EntityName {
                account,
                kind: EntityKind::Role,
                name: draw::one_of(&mut self.random, &ROLES).to_owned(),
            };
            // Whether a role may assume itself depends on its age, which
            // policies do not tell.
            let is_itself = caller.entity().as_ref() == Some(&role);
            if !may_assume || is_itself || self.world.entity(&role).is_none() {
                continue;
            }
            let candidate = self.assuming(&caller, &role);
            let Some(verdict) = self.verdict(&candidate) else {
                continue;
            };
            if verdict.allows() || self.random.once_in(6) {
                self.assume(&candidate, &role, &verdict);
                return;
            }
        }
    }

    fn assuming(&self, caller: &Actor, role: &EntityName) -> Candidate {
        Candidate {
            actor: caller.clone(),
            action: ASSUME_ROLE,
            resource: self.world.as_resource(role),
            region: FRANKFURT,
        }
    }

    /// The call, and the session if it is allowed.
    fn assume(&mut self, candidate: &Candidate, role: &EntityName, verdict: &Verdict) {
        let by_service = matches!(candidate.actor.who, Who::Service(_));
        let passed = match by_service {
            true => Passed::default(),
            false => self.passed(role.account),
        };
        let name = draw::session_name(&mut self.random);
        let key = self.random.temporary_key();
        let mut parameters = json!({
            "roleArn": self.world.arn_of(role),
            "roleSessionName": name,
            "durationSeconds": DURATION,
        });
        passed.parameters(&mut parameters);
        let id = self.world.entity(role).map(|entity| entity.id.clone());
        let response = json!({
            "credentials": self.credentials(&key),
            "assumedRoleUser": {
                "assumedRoleId": format!("{}:{name}", id.unwrap_or_default()),
                "arn": session_arn(role, &name),
            },
        });
        let arn = self.world.arn_of(role);
        let call = sts_call("AssumeRole", parameters, response)
            .resource("AWS::IAM::Role", arn.clone(), role.account)
            .denied_on(arn);
        self.record(&candidate.actor.caller, call, verdict, &Recorded::True);
        let session = Actor::role_session(&self.world, role, &name, &key, &self.time());
        let Some(mut session) = session.filter(|_| verdict.allows()) else {
            return;
        };
        session.session = passed.rules();
        session.tags = tags(passed.team);
        session.until = self.at + DURATION;
        if let Some(identity) = passed.source_identity {
            session.caller.identity["sessionContext"]["sourceIdentity"] = json!(identity);
        }
        if role.name == SCALING_ROLE {
            session = session.linked(role);
        }
        self.sessions.push(session);
    }

    fn passed(&mut self, account: &'static str) -> Passed {
        let narrowed = self.random.once_in(2);
        let policy = narrowed.then(|| draw::session(&self.world, &mut self.random, account));
        let arn = policy_arn(account, SESSION_SCOPE);
        let known = self.world.accounts.get(account);
        let scope = known.and_then(|account| account.policies.get(&arn));
        let scope = scope.map(|policy| (arn, policy.rules().to_vec()));
        Passed {
            policy,
            managed: scope.filter(|_| self.random.once_in(5)),
            team: self.random.once_in(3).then(|| draw::team(&mut self.random)),
            source_identity: self.random.once_in(5).then(|| "on-call".to_owned()),
        }
    }

    /// Lambda assumes a role that trusts it.
    fn lambda_assumes(&mut self) {
        let account = draw::an_account(&mut self.random);
        let roles = self.world.accounts.get(account).map(|known| &known.roles);
        let trusting: Vec<String> = roles
            .into_iter()
            .flatten()
            .filter(|(name, _)| !ROLES.contains(&name.as_str()) && *name != SCALING_ROLE)
            .map(|(name, _)| name.clone())
            .collect();
        let name = draw::one_of(&mut self.random, &trusting);
        self.service_assumes(LAMBDA, account, name);
    }

    fn scaling_assumes(&mut self) {
        let account = draw::an_account(&mut self.random);
        self.service_assumes(SCALING, account, SCALING_ROLE.to_owned());
    }

    fn service_assumes(&mut self, service: &'static str, account: &'static str, name: String) {
        let role = EntityName {
            account,
            kind: EntityKind::Role,
            name,
        };
        let actor = Actor::new(Who::Service(service), Caller::service(service, account));
        let candidate = self.assuming(&actor, &role);
        if let Some(verdict) = self.verdict(&candidate) {
            self.assume(&candidate, &role, &verdict);
        }
    }

    /// The broker makes a session for somebody without an IAM user.
    fn federates(&mut self) {
        let account = draw::an_account(&mut self.random);
        let broker = EntityName {
            account,
            kind: EntityKind::User,
            name: BROKER.to_owned(),
        };
        let own_key = self.key_of(&broker);
        let Some(actor) = Actor::user(&self.world, &broker, &own_key, OFFICE) else {
            return;
        };
        let name = format!("guest-{}", self.random.hex(4));
        let target = Resource::new(Kind::FederatedUser, account, name.clone());
        let (arn, caller) = (target.arn(), actor.caller.clone());
        let candidate = Candidate {
            actor,
            action: GET_FEDERATION_TOKEN,
            resource: target,
            region: FRANKFURT,
        };
        let Some(verdict) = self.verdict(&candidate) else {
            return;
        };
        let rules = draw::session(&self.world, &mut self.random, account);
        let key = self.random.temporary_key();
        let parameters = json!({
            "name": name,
            "policy": document(&rules).to_string(),
            "durationSeconds": DURATION,
        });
        let response = json!({
            "credentials": self.credentials(&key),
            "federatedUser": { "federatedUserId": format!("{account}:{name}"), "arn": arn },
            "packedPolicySize": 6,
        });
        let mut call = sts_call("GetFederationToken", parameters, response).denied_on(arn.clone());
        call.read_only = false;
        self.record(&caller, call, &verdict, &Recorded::True);
        if !verdict.allows() {
            return;
        }
        let identity = json!({
            "type": "FederatedUser",
            "principalId": format!("{account}:{name}"),
            "arn": arn,
            "accountId": account,
            "accessKeyId": key,
            "sessionContext": {
                "sessionIssuer": {
                    "type": "IAMUser",
                    "principalId": caller.identity["principalId"],
                    "arn": caller.arn,
                    "accountId": account,
                    "userName": BROKER,
                },
                "attributes": { "creationDate": self.time(), "mfaAuthenticated": "false" },
            },
        });
        let who = Who::Federated(account, BROKER.to_owned(), arn.clone());
        let mut session = Actor::new(who, person(identity, arn, account, OFFICE));
        session.session = Some(rules);
        session.until = self.at + DURATION;
        self.sessions.push(session);
    }

    /// A user comes to the console, with MFA or without.
    fn signs_in(&mut self) {
        let account = draw::an_account(&mut self.random);
        let Some(mut actor) = self.user(account) else {
            return;
        };
        let mfa = !self.random.once_in(3);
        let Some(name) = actor.entity() else {
            return;
        };
        let mut identity = actor.caller.identity.clone();
        identity
            .as_object_mut()
            .map(|members| members.remove("accessKeyId"));
        let host = format!("{FRANKFURT}.signin.aws.amazon.com");
        let mut additional = json!({
            "LoginTo": format!("https://{FRANKFURT}.console.aws.amazon.com/console/home"),
            "MobileVersion": "No",
            "MFAUsed": if mfa { "Yes" } else { "No" },
        });
        if mfa {
            let device = format!("arn:aws:iam::{account}:mfa/{}", name.name);
            additional["MFAIdentifier"] = json!(device);
        }
        let fields = json!({
            "eventType": "AwsConsoleSignIn",
            "eventSource": "signin.amazonaws.com",
            "eventName": "ConsoleLogin",
            "readOnly": false,
            "userIdentity": identity,
            "sourceIPAddress": actor.caller.address,
            "userAgent": BROWSER,
            "responseElements": { "ConsoleLogin": "Success" },
            "additionalEventData": additional,
            "tlsDetails": tls(&host),
        });
        // While console authorization is off, no policy restricts sign-ins.
        let verdict = Verdict {
            decision: Decision::Allow,
            cause: Some(CauseType::SignInNotRestricted),
            layer: None,
            policy: None,
        };
        self.add(account, FRANKFURT, fields, &verdict, Agreement::Agrees);
        let key = self.random.temporary_key();
        actor.caller.identity["accessKeyId"] = json!(key);
        actor.caller.identity["sessionContext"] = json!({
            "attributes": { "creationDate": self.time(), "mfaAuthenticated": mfa.to_string() },
        });
        actor.caller = actor.caller.in_console();
        actor.mfa = Some(mfa);
        actor.until = self.at + DURATION;
        self.sessions.push(actor);
    }

    fn credentials(&mut self, key: &str) -> Value {
        let expiration = self.long_time(self.at + DURATION, "%b %-d, %Y, %-I:%M:%S %p");
        json!({
            "accessKeyId": key,
            // Filler of a token's kind: it opens nothing.
            "sessionToken": format!("EXAMPLETOKEN{}", self.random.letters(40)),
            "expiration": expiration,
        })
    }
}

fn sts_call(name: &'static str, parameters: Value, response: Value) -> Call {
    Call::read("sts", name)
        .parameters(parameters)
        .response(response)
        .additional(json!({ "RequestDetails": {
            "endpointType": "regional",
            "awsServingRegion": FRANKFURT,
        }}))
}

fn tags(team: Option<&'static str>) -> BTreeMap<String, String> {
    team.into_iter()
        .map(|team| ("team".to_owned(), team.to_owned()))
        .collect()
}
