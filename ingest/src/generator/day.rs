//! The day as it fills with events.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use serde_json::{Value, json};

use super::Expected;
use super::answer::Answer;
use super::call::Call;
use super::caller::Caller;
use super::organization::{FRANKFURT, PRODUCTION_GATEWAY, Role};
use super::random::Random;
use super::record;

/// One event, before CloudTrail delivers it.
#[derive(Clone, Debug)]
pub(super) struct Event {
    /// Seconds since midnight, UTC.
    pub(super) seconds: u32,
    /// The account that receives it.
    pub(super) account: &'static str,
    /// `awsRegion`
    pub(super) region: &'static str,
    /// The record.
    pub(super) record: Value,
}

/// The events so far and what is expected of them.
#[derive(Debug)]
pub(super) struct Day {
    pub(super) date: NaiveDate,
    pub(super) random: Random,
    pub(super) events: Vec<Event>,
    pub(super) expected: BTreeMap<String, Expected>,
}

/// A session to be made of a role.
#[derive(Clone, Debug)]
pub(super) struct Session<'a> {
    role: &'a Role,
    name: &'a str,
    region: &'static str,
    policy: Option<Value>,
}

impl<'a> Session<'a> {
    /// Made in Frankfurt, without a session policy.
    pub(super) fn of(role: &'a Role, name: &'a str) -> Self {
        Self {
            role,
            name,
            region: FRANKFURT,
            policy: None,
        }
    }

    pub(super) fn narrowed(self, region: &'static str, policy: Value) -> Self {
        Self {
            region,
            policy: Some(policy),
            ..self
        }
    }
}

/// Seconds since midnight.
pub(super) fn clock(hour: u32, minute: u32) -> u32 {
    hour * 3600 + minute * 60
}

/// A moment of the day as CloudTrail writes it.
pub(super) fn timestamp(date: NaiveDate, seconds: u32) -> String {
    moment(date, seconds)
        .format("%Y-%m-%dT%H:%M:%SZ")
        .to_string()
}

pub(super) fn moment(date: NaiveDate, seconds: u32) -> NaiveDateTime {
    let midnight = date.and_time(NaiveTime::MIN);
    midnight
        .checked_add_signed(TimeDelta::seconds(i64::from(seconds)))
        .unwrap_or(midnight)
}

impl Day {
    pub(super) fn new(seed: u64, date: NaiveDate) -> Self {
        Self {
            date,
            random: Random::new(seed),
            events: Vec::new(),
            expected: BTreeMap::new(),
        }
    }

    pub(super) fn time(&self, seconds: u32) -> String {
        timestamp(self.date, seconds)
    }

    /// Some seconds later, as between two clicks or two calls of a script.
    pub(super) fn soon(&mut self, at: &mut u32) -> u32 {
        *at += self.random.between(2, 40);
        *at
    }

    /// Adds an event of any kind: `fields` beside those that all events have.
    /// Returns its eventID.
    pub(super) fn add(
        &mut self,
        at: u32,
        account: &'static str,
        region: &'static str,
        fields: Value,
        expected: Expected,
    ) -> String {
        let id = self.random.uuid();
        let record = record::event(&id, &self.time(at), account, region, fields);
        self.expected.insert(id.clone(), expected);
        self.events.push(Event {
            seconds: at,
            account,
            region,
            record,
        });
        id
    }

    /// Adds a call of an API. Returns its eventID.
    pub(super) fn call(&mut self, at: u32, caller: &Caller, call: Call, answer: Answer) -> String {
        let error = answer.error(&call, caller, &mut self.random);
        let fields = record::api_call(&mut self.random, caller, &call, error);
        self.add(at, caller.account, call.region, fields, answer.expected())
    }

    /// `caller` makes a session at the STS endpoint of its Region. Returns the
    /// new session, whose access key is the one in the response.
    pub(super) fn assume(
        &mut self,
        at: u32,
        caller: &Caller,
        session: &Session<'_>,
        answer: Answer,
    ) -> Caller {
        let (role, region) = (session.role, session.region);
        let key = self.random.temporary_key();
        let mut parameters = json!({
            "roleArn": role.arn(),
            "roleSessionName": session.name,
            "durationSeconds": 3600,
        });
        if let Some(policy) = &session.policy {
            parameters["policy"] = json!(policy.to_string());
        }
        let call = Call::read("sts", "AssumeRole")
            .region(region)
            .parameters(parameters)
            .response(self.credentials(at, role, session.name, &key))
            .resource("AWS::IAM::Role", role.arn(), role.account)
            .additional(json!({ "RequestDetails": {
                "endpointType": "regional",
                "awsServingRegion": region,
            }}))
            .denied_on(role.arn());
        self.call(at, caller, call, answer);
        let address = match caller.service {
            Some(_) => PRODUCTION_GATEWAY,
            None => caller.address,
        };
        Caller::session(role, session.name, &key, address, &self.time(at))
    }

    /// `responseElements` of the calls that make a session.
    pub(super) fn credentials(&mut self, at: u32, role: &Role, session: &str, key: &str) -> Value {
        let expiration = moment(self.date, at + 3600).format("%b %-d, %Y, %-I:%M:%S %p");
        json!({
            "credentials": {
                "accessKeyId": key,
                // Filler of a token's length: it opens nothing.
                "sessionToken": format!("EXAMPLETOKEN{}", self.random.letters(220)),
                "expiration": expiration.to_string(),
            },
            "assumedRoleUser": {
                "assumedRoleId": format!("{}:{session}", role.id),
                "arn": role.session_arn(session),
            },
        })
    }
}
