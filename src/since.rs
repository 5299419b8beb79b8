//! Points in time as people write them.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use trailwright_query::duration;

use crate::Host;
use crate::args::Common;
use crate::failure::Failure;

/// Reads `90s`, `2h`, `1d12h`, `T-7d`, `now`, `yesterday`, `2026-03-09` or
/// RFC 3339. The error says what is accepted.
pub(crate) fn parse(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    let midnight = |date: NaiveDate| date.and_time(chrono::NaiveTime::MIN).and_utc();
    let point = match text {
        "now" => Some(now),
        "today" => Some(midnight(now.date_naive())),
        "yesterday" => now.date_naive().pred_opt().map(midnight),
        _ => DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|time| time.to_utc())
            .or_else(|| text.parse::<NaiveDate>().ok().map(midnight))
            .or_else(|| {
                let back = duration(text.strip_prefix("T-").unwrap_or(text))?;
                now.checked_sub_signed(back)
            }),
    };
    point.ok_or_else(|| {
        format!(
            "{text:?} is no time: give 90s, 2h, 1d12h, T-7d, 2026-03-09, 2026-03-09T08:00:00Z, now, today or yesterday"
        )
    })
}

/// A window of time, open where nothing was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// It begins with this time.
    pub(crate) since: Option<DateTime<Utc>>,
    /// It ends before this time.
    pub(crate) until: Option<DateTime<Utc>>,
}

impl Window {
    /// Reads what was given for `--since` and `--until`.
    pub(crate) fn read(
        since: Option<&str>,
        until: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Self, Failure> {
        let time = |given: Option<&str>| {
            let time = given.map(|text| parse(text, now));
            time.transpose().map_err(Failure::usage)
        };
        let window = Self {
            since: time(since)?,
            until: time(until)?,
        };
        match (window.since, window.until) {
            (Some(since), Some(until)) if since >= until => Err(Failure::usage(format!(
                "the window ends ({}) before it begins ({}): give a later --until or an earlier --since",
                until.to_rfc3339_opts(SecondsFormat::Secs, true),
                since.to_rfc3339_opts(SecondsFormat::Secs, true),
            ))),
            _ => Ok(window),
        }
    }

    /// Says on standard error what was understood.
    pub(crate) fn say(&self, common: &Common, host: &Host) {
        if common.is_quiet() {
            return;
        }
        for (word, bound) in [("since", self.since), ("until", self.until)] {
            if let Some(bound) = bound {
                notice!("{word} {}", host.zone.second(bound));
            }
        }
    }

    /// As a condition on the table `events`.
    pub(crate) fn condition(&self) -> String {
        let mut conditions = vec!["true".to_owned()];
        let bounds = [(self.since, ">=", ">="), (self.until, "<", "<=")];
        for (bound, compare, of_day) in bounds {
            let Some(bound) = bound else { continue };
            let time = bound.to_rfc3339_opts(SecondsFormat::Micros, true);
            let date = bound.date_naive();
            conditions.push(format!(
                "event_time {compare} timestamp '{time}' AND event_date {of_day} date '{date}'"
            ));
        }
        conditions.join(" AND ")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Window, parse};

    #[test]
    fn every_form_that_the_help_names_is_read() {
        let now = "2026-03-09T12:00:00Z".parse().unwrap();
        let cases = [
            ("90s", "2026-03-09T11:58:30Z"),
            ("2h", "2026-03-09T10:00:00Z"),
            ("1d12h", "2026-03-08T00:00:00Z"),
            ("T-7d", "2026-03-02T12:00:00Z"),
            ("now", "2026-03-09T12:00:00Z"),
            ("today", "2026-03-09T00:00:00Z"),
            ("yesterday", "2026-03-08T00:00:00Z"),
            ("2026-01-02", "2026-01-02T00:00:00Z"),
            ("2026-01-02T03:04:05+01:00", "2026-01-02T02:04:05Z"),
        ];
        for (text, expected) in cases {
            assert_eq!(
                parse(text, now).unwrap(),
                expected.parse::<chrono::DateTime<chrono::Utc>>().unwrap(),
                "{text}"
            );
        }
        for text in [
            "",
            "2",
            "2x",
            "h",
            "T-",
            "T-T-7d",
            "99999999999999999999d",
            "yesteryear",
        ] {
            assert!(parse(text, now).unwrap_err().contains("give 90s"), "{text}");
        }
    }

    #[test]
    fn a_window_names_days_too_so_that_other_partitions_are_not_read() {
        let now = "2026-03-09T12:00:00Z".parse().unwrap();
        let window = |since, until| Window::read(since, until, now);
        assert_eq!(
            window(Some("2026-03-08"), Some("2h")).unwrap().condition(),
            "true AND event_time >= timestamp '2026-03-08T00:00:00.000000Z' AND event_date >= date '2026-03-08' \
             AND event_time < timestamp '2026-03-09T10:00:00.000000Z' AND event_date <= date '2026-03-09'"
        );
        assert_eq!(window(None, None).unwrap().condition(), "true");
        assert!(window(Some("soon"), None).is_err());
        let backwards = window(Some("1h"), Some("2h")).unwrap_err().to_string();
        assert!(backwards.contains("before it begins"), "{backwards}");
    }
}
