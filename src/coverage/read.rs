//! What the lake knows of deliveries: the ledger of files, and the digests among
//! them.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use trailwright_ingest::Delivery;
use trailwright_query::{Session, bytes, rows};

use super::digest::{Digest, Digests};
use super::{Arrived, Hours, Stretch, stretches};
use crate::failure::Failure;

/// Which deliveries are asked for.
pub(crate) struct Wanted {
    /// The first hour.
    pub(crate) since: Option<DateTime<Utc>>,
    /// The hour after the last.
    pub(crate) until: Option<DateTime<Utc>>,
    /// Only these accounts; all when empty.
    pub(crate) accounts: Vec<String>,
    /// How old an event may be when its file is delivered.
    pub(crate) late_after: TimeDelta,
}

/// What arrived and what did not, in order.
pub(crate) async fn read(session: &Session, wanted: &Wanted) -> Result<Vec<Stretch>, Failure> {
    let hours = hours(session, wanted).await?;
    let digests = digests(session, wanted).await?;
    Ok(stretches(hours, &digests, wanted.until))
}

impl Wanted {
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
                Err(error) => {
                    tracing::warn!(target: "trailwright", "a digest is not used, because it is none: {error}");
                }
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
