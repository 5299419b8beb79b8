//! What digests say should be there.
//!
//! CloudTrail User Guide, "CloudTrail digest file structure": a digest is
//! delivered every hour for each Region, also when there was nothing to deliver;
//! `logFiles` names the log files delivered between `digestStartTime` and
//! `digestEndTime`. In an organization trail each account has its own.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use trailwright_ingest::Delivery;

use super::{HOUR, Place, hour_of};

/// One digest, as far as it matters here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Digest {
    aws_account_id: String,
    digest_start_time: DateTime<Utc>,
    digest_end_time: DateTime<Utc>,
    digest_s3_object: String,
    log_files: Vec<LogFile>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogFile {
    s3_bucket: String,
    s3_object: String,
}

/// All digests together.
#[derive(Debug, Default)]
pub(crate) struct Digests {
    /// What they cover, by the beginning of each stretch.
    covered: HashMap<Place, BTreeMap<DateTime<Utc>, DateTime<Utc>>>,
    /// URLs of the files they name, by the last part of the name, which says
    /// account, Region and minute and is unique.
    named: HashMap<String, String>,
    /// The files they name that are not there, by the hour of their delivery.
    pub(crate) missing: BTreeMap<(Place, DateTime<Utc>), Vec<String>>,
}

impl Digests {
    pub(crate) fn add(&mut self, digest: Digest) {
        let region = Delivery::by_name(&digest.digest_s3_object).map(|name| name.region);
        let place = (Some(digest.aws_account_id), region);
        let stretches = self.covered.entry(place).or_default();
        let end = stretches.entry(digest.digest_start_time);
        let end = end.or_insert(digest.digest_end_time);
        *end = digest.digest_end_time.max(*end);
        for LogFile {
            s3_bucket,
            s3_object,
        } in digest.log_files
        {
            let url = format!("s3://{s3_bucket}/{s3_object}");
            self.named.insert(last_part(&s3_object).to_owned(), url);
        }
    }

    /// A file that is there, by its path or URL: copies may lie elsewhere.
    pub(crate) fn is_there(&mut self, source: &str) {
        self.named.remove(last_part(source));
    }

    /// Whatever was not said to be there is missing. Only files in the window
    /// and of the accounts asked for count.
    pub(crate) fn conclude(&mut self, counts: impl Fn(&Delivery) -> bool) {
        for (name, url) in self.named.drain() {
            let Some(name) = Delivery::by_name(&name).filter(&counts) else {
                continue;
            };
            let place = (Some(name.account_id), Some(name.region));
            let hour = (place, hour_of(name.time));
            self.missing.entry(hour).or_default().push(url);
        }
        self.missing.values_mut().for_each(|urls| urls.sort());
    }

    /// Whether digests together cover an hour.
    pub(super) fn cover(&self, place: &Place, hour: DateTime<Utc>) -> bool {
        let Some(stretches) = self.covered.get(place) else {
            return false;
        };
        let mut covered_to = hour;
        // A digest covers an hour, after an interruption more.
        for (begin, end) in stretches.range(..hour + HOUR) {
            if *begin <= covered_to {
                covered_to = covered_to.max(*end);
            }
        }
        covered_to >= hour + HOUR
    }
}

fn last_part(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}
