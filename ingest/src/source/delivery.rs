//! What CloudTrail's names of files say.
//!
//! CloudTrail User Guide, "CloudTrail log file name format": `<account>_CloudTrail_<region>_<YYYYMMDDTHHmmZ>_<16 characters>.json.gz`,
//! and "CloudTrail digest file structure": `<account>_CloudTrail-Digest_<region>_<trail>_<home region>_<YYYYMMDDTHHmmssZ>.json.gz`.
//! The time is that of the delivery. Both lie below `…/<region>/YYYY/MM/DD/`.

use chrono::{DateTime, NaiveDateTime, Utc};

/// What a file's name says of its delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// `CloudTrail`, `CloudTrail-Digest`, …
    pub kind: String,
    /// The account whose events it holds.
    pub account_id: String,
    /// The Region whose events it holds.
    pub region: String,
    /// When it was delivered; for a digest, the end of the time it covers.
    pub time: DateTime<Utc>,
}

impl Delivery {
    /// Reads the last part of a path or URL; `None` for other names.
    pub fn by_name(name: &str) -> Option<Self> {
        let file = name.rsplit(['/', '\\']).next()?;
        let mut parts = file.split('.').next()?.split('_');
        let (account, kind, region) = (parts.next()?, parts.next()?, parts.next()?);
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        if !is_account || !kind.starts_with("CloudTrail") {
            return None;
        }
        Some(Self {
            kind: kind.to_owned(),
            account_id: account.to_owned(),
            region: region.to_owned(),
            // A trail may be called anything, so the last time is the one.
            time: parts.filter_map(time).next_back()?,
        })
    }
}

fn time(text: &str) -> Option<DateTime<Utc>> {
    let read = |format| NaiveDateTime::parse_from_str(text, format).ok();
    let time = match text.len() {
        14 => read("%Y%m%dT%H%MZ"),
        16 => read("%Y%m%dT%H%M%SZ"),
        _ => None,
    };
    Some(time?.and_utc())
}

/// The folder above `YYYY/MM/DD/` of a name; `None` for another layout.
pub(crate) fn folder_of_days(name: &str) -> Option<&str> {
    let mut rest = name.rsplit_once('/')?.0;
    for digits in [2, 2, 4] {
        let (above, part) = rest.rsplit_once('/')?;
        let is_number = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        rest = is_number.then_some(above)?;
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Delivery, folder_of_days};

    const LOG: &str = "s3://b/AWSLogs/o-1/111122223333/CloudTrail/eu-west-1/2026/03/09/111122223333_CloudTrail_eu-west-1_20260309T1005Z_8hFq2kPzT1xYc3Ab.json.gz";
    const DIGEST: &str = "/data/111122223333_CloudTrail-Digest_eu-west-1_my_20200101T0000Z_trail_us-east-1_20260309T110131Z.json.gz";

    #[test]
    fn a_name_tells_account_region_and_minute_of_delivery() {
        let log = Delivery::by_name(LOG).unwrap();
        assert_eq!(
            (log.kind.as_str(), log.region.as_str()),
            ("CloudTrail", "eu-west-1")
        );
        assert_eq!(log.account_id, "111122223333");
        assert_eq!(log.time.to_rfc3339(), "2026-03-09T10:05:00+00:00");
        let digest = Delivery::by_name(DIGEST).unwrap();
        assert_eq!(digest.kind, "CloudTrail-Digest");
        assert_eq!(digest.time.to_rfc3339(), "2026-03-09T11:01:31+00:00");
    }

    #[test]
    fn other_names_tell_nothing() {
        for name in [
            "records.json",
            "111122223333_CloudTrail_eu-west-1.json.gz",
            "11112222333x_CloudTrail_eu-west-1_20260309T1005Z_a.json.gz",
            "111122223333_Config_eu-west-1_20260309T1005Z_a.json.gz",
            "111122223333_CloudTrail_eu-west-1_20261309T1005Z_a.json.gz",
            "",
        ] {
            assert_eq!(Delivery::by_name(name), None, "{name}");
        }
    }

    #[test]
    fn the_folder_of_days_is_what_lies_above_them() {
        assert_eq!(
            folder_of_days(LOG),
            Some("s3://b/AWSLogs/o-1/111122223333/CloudTrail/eu-west-1")
        );
        for name in [
            "a.json",
            "s3://b/2026/03/a.json",
            "s3://b/2026/3/09/a.json",
            "2026/03/09/a",
        ] {
            assert_eq!(folder_of_days(name), None, "{name}");
        }
    }
}
