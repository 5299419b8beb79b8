//! The rules that changed, with their dates. Everything else here is timeless.

use chrono::{DateTime, NaiveDate, Utc};

/// How a console sign-in at the global endpoint finds its Region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInRule {
    /// The page the user is heading to decides: a console that has no Region
    /// of its own signs in globally, any other in a Region.
    ByTargetConsole,
    /// The browser decides: with an account alias cookie one of three
    /// commercial Regions, else the partition's home Region.
    ByAliasCookie,
}

/// Which trails get the events of IAM, STS, CloudFront and global sign-ins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GlobalEventRule {
    /// Every trail of any Region that includes global service events.
    EveryTrail,
    /// Only the trails that cover the Region in which they are recorded.
    RecordedRegionOnly,
}

/// A rule and the first day on which it was in force.
#[derive(Clone, Copy, Debug)]
pub struct Dated<R: 'static> {
    /// First day, UTC.
    pub since: NaiveDate,
    /// The rule.
    pub rule: R,
    /// Where it is written.
    pub source: &'static str,
}

const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(date) => date,
        None => NaiveDate::MIN,
    }
}

/// Newest first.
pub const SIGN_IN_RULES: [Dated<SignInRule>; 2] = [
    Dated {
        since: day(2023, 2, 1),
        rule: SignInRule::ByAliasCookie,
        source: "CloudTrail User Guide, AWS Management Console sign-in events",
    },
    Dated {
        since: NaiveDate::MIN,
        rule: SignInRule::ByTargetConsole,
        source: "IAM User Guide until 2023-02-01, How IAM users sign in to AWS",
    },
];

/// Newest first.
pub const GLOBAL_EVENT_RULES: [Dated<GlobalEventRule>; 2] = [
    Dated {
        since: day(2021, 11, 22),
        rule: GlobalEventRule::RecordedRegionOnly,
        source: "CloudTrail User Guide, CloudTrail concepts: global service events",
    },
    Dated {
        since: NaiveDate::MIN,
        rule: GlobalEventRule::EveryTrail,
        source: "CloudTrail User Guide until 2021-11-22, global service events",
    },
];

/// The rule in force at `time`. `rules` is newest first.
pub fn in_force<R: Copy>(rules: &'static [Dated<R>], time: DateTime<Utc>) -> &'static Dated<R> {
    let date = time.date_naive();
    let current = rules.iter().find(|dated| dated.since <= date);
    current.unwrap_or(&rules[rules.len() - 1])
}

/// The Regions the console's proxy chooses from for a browser with an account
/// alias cookie. All are commercial: for other partitions nothing of the kind
/// is documented. Source: CloudTrail User Guide, console sign-in events.
pub const ALIAS_COOKIE_REGIONS: [&str; 3] = ["us-east-2", "eu-north-1", "ap-southeast-2"];

/// Consoles that had no Region of their own under [`SignInRule::ByTargetConsole`].
/// S3 is the documented example; the others are the consoles of services
/// without Regions, which is general knowledge.
pub const CONSOLES_WITHOUT_REGION: [&str; 11] = [
    "s3",
    "iam",
    "cloudfront",
    "route53",
    "organizations",
    "billing",
    "support",
    "artifact",
    "trustedadvisor",
    "waf",
    "shield",
];

/// Services whose events CloudTrail calls global service events. Console
/// sign-ins at the global endpoint belong to them too.
pub const GLOBAL_SERVICE_EVENTS: [&str; 3] = [
    "iam.amazonaws.com",
    "sts.amazonaws.com",
    "cloudfront.amazonaws.com",
];

/// Services without Regions: one endpoint for the whole partition, whose
/// events are recorded in one Region. Source: AWS General Reference endpoint
/// lists (partition endpoints in the AWS SDK's data). STS and sign-in are not
/// here: they have Regional endpoints too.
pub const GLOBAL_SERVICES: [&str; 26] = [
    "iam.amazonaws.com",
    "cloudfront.amazonaws.com",
    "organizations.amazonaws.com",
    "account.amazonaws.com",
    "route53.amazonaws.com",
    "route53domains.amazonaws.com",
    "waf.amazonaws.com",
    "shield.amazonaws.com",
    "savingsplans.amazonaws.com",
    "ce.amazonaws.com",
    "budgets.amazonaws.com",
    "cur.amazonaws.com",
    "billing.amazonaws.com",
    "billingconsole.amazonaws.com",
    "billingconductor.amazonaws.com",
    "tax.amazonaws.com",
    "health.amazonaws.com",
    "support.amazonaws.com",
    "trustedadvisor.amazonaws.com",
    "artifact.amazonaws.com",
    "chime.amazonaws.com",
    "globalaccelerator.amazonaws.com",
    "networkmanager.amazonaws.com",
    "notifications-contacts.amazonaws.com",
    "mturk-requester.amazonaws.com",
    "importexport.amazonaws.com",
];
