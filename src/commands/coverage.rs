//! `trailwright coverage`: what arrived of each account, Region and hour, and
//! what did not.

use std::io::Write as _;
use std::process::ExitCode;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use trailwright_ingest::Delivery;
use trailwright_query::{Session, Tables, bytes, duration, rows};

use crate::Host;
use crate::args::Coverage;
use crate::config::Config;
use crate::coverage::digest::{Digest, Digests};
use crate::coverage::{Arrived, Hours, State, hour_of, show, stretches};
use crate::failure::Failure;
use crate::origin;
use crate::since::Window;

/// A finding where one was asked for.
const FOUND: u8 = 1;

pub(crate) async fn run(
    args: &Coverage,
    config: &Config,
    host: &Host,
) -> Result<ExitCode, Failure> {
    let wanted = Wanted::of(args, (host.now)())?;
    let lake = super::open(&args.lake, config).await?;
    let session = Session::begin(&lake, Tables::Whole).await?;
    let hours = hours(&session, &wanted).await?;
    let digests = digests(&session, &wanted).await?;
    let stretches = stretches(hours, &digests, wanted.until);
    let mut out = std::io::stdout().lock();
    if args.output.is_json(host.stdout_is_terminal) {
        for stretch in &stretches {
            writeln!(out, "{}", show::json(stretch))?;
        }
    } else {
        write!(out, "{}", origin::harmless(&show::text(&stretches)))?;
    }
    let incomplete = |state| matches!(state, State::Gap | State::Missing);
    let found = stretches.iter().any(|stretch| incomplete(stretch.state));
    Ok(ExitCode::from(if args.exit_code && found {
        FOUND
    } else {
        0
    }))
}

/// What was asked for.
struct Wanted {
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    accounts: Vec<String>,
    late_after: TimeDelta,
}

impl Wanted {
    fn of(args: &Coverage, now: DateTime<Utc>) -> Result<Self, Failure> {
        let window = Window::read(args.since.as_deref(), args.until.as_deref(), now)?;
        let is_account = |account: &String| {
            account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())
        };
        if let Some(account) = args.accounts.iter().find(|account| !is_account(account)) {
            return Err(Failure::usage(format!(
                "{account:?} is not a 12-digit account ID"
            )));
        }
        let late_after = duration(&args.late_after).ok_or_else(|| {
            Failure::usage(format!(
                "{:?} is no duration: give 15m or 2h",
                args.late_after
            ))
        })?;
        Ok(Self {
            // An hour is shown as a whole or not at all.
            since: window.since.map(hour_of),
            until: window.until.map(hour_of),
            accounts: args.accounts.clone(),
            late_after,
        })
    }

    /// As a condition on the table `files`; digests come up to `later` after
    /// the files they name.
    fn condition(&self, later: TimeDelta) -> String {
        let mut conditions = vec!["true".to_owned()];
        let until = self.until.map(|until| until + later);
        for (bound, compare) in [(self.since, ">="), (until, "<")] {
            if let Some(bound) = bound {
                let time = bound.to_rfc3339_opts(SecondsFormat::Secs, true);
                conditions.push(format!("delivered_at {compare} timestamp '{time}'"));
            }
        }
        if !self.accounts.is_empty() {
            let accounts: Vec<String> = self.accounts.iter().map(|it| format!("'{it}'")).collect();
            conditions.push(format!("account_id IN ({})", accounts.join(", ")));
        }
        conditions.join(" AND ")
    }

    fn counts(&self, name: &Delivery) -> bool {
        self.since.is_none_or(|since| name.time >= since)
            && self.until.is_none_or(|until| name.time < until)
            && (self.accounts.is_empty() || self.accounts.contains(&name.account_id))
    }
}

const IS_DIGEST: &str = "coalesce(delivery, '') = 'CloudTrail-Digest'";

/// Of a file that was replaced under its name the last content counts. What is
/// in the lake of it may come from the others too.
async fn hours(session: &Session, wanted: &Wanted) -> Result<Hours, Failure> {
    let window = wanted.condition(TimeDelta::zero());
    let late = wanted.late_after.num_seconds();
    let sql = format!(
        "WITH latest AS (
           SELECT *, row_number() OVER (PARTITION BY source ORDER BY read_at DESC, file_id) AS nth
           FROM files WHERE NOT {IS_DIGEST} AND {window}),
         stored AS (SELECT source, count(*) AS events FROM events GROUP BY source)
         SELECT account_id, region, date_trunc('hour', delivered_at) AS hour, count(*), sum(records),
                sum(greatest(records - coalesce(events, 0), 0)), sum(rejected_rows),
                count(*) FILTER (WHERE first_event_time < delivered_at - interval '{late} seconds')
         FROM latest LEFT JOIN stored ON latest.source = stored.source
         WHERE nth = 1 AND delivered_at IS NOT NULL GROUP BY 1, 2, 3"
    );
    let mut hours = Hours::new();
    let mut answer = session.ask(&sql).await?;
    while let Some(batch) = answer.next().await? {
        for row in rows(&batch)? {
            let number = |cell: usize| row[cell].as_deref().and_then(|text| text.parse().ok());
            let number = |cell| number(cell).unwrap_or_default();
            let arrived = Arrived {
                files: number(3),
                records: number(4),
                duplicates: number(5),
                rejected: number(6),
                late: number(7),
            };
            let hour = row[2].as_deref().and_then(|text| text.parse().ok());
            let hour = hour.ok_or_else(|| Failure::internal("an hour of delivery is no time"))?;
            let place = (row[0].clone(), row[1].clone());
            hours.entry(place).or_default().insert(hour, arrived);
        }
    }
    Ok(hours)
}

/// Digests are no events: their bytes are in `rejected`.
async fn digests(session: &Session, wanted: &Wanted) -> Result<Digests, Failure> {
    let window = wanted.condition(TimeDelta::hours(2));
    let sql = format!(
        "SELECT DISTINCT original FROM rejected WHERE reason = 'digest' AND original_complete
         AND source IN (SELECT source FROM files WHERE {IS_DIGEST} AND {window})"
    );
    let mut digests = Digests::default();
    let mut answer = session.ask(&sql).await?;
    while let Some(batch) = answer.next().await? {
        for original in bytes(&batch, 0) {
            match serde_json::from_slice::<Digest>(original) {
                Ok(digest) => digests.add(digest),
                Err(error) => notice!("a digest is not used, because it is none: {error}"),
            }
        }
    }
    let sql = format!("SELECT source FROM files WHERE NOT {IS_DIGEST}");
    let mut answer = session.ask(&sql).await?;
    while let Some(batch) = answer.next().await? {
        for row in rows(&batch)? {
            digests.is_there(row[0].as_deref().unwrap_or_default());
        }
    }
    digests.conclude(|name| wanted.counts(name));
    Ok(digests)
}
