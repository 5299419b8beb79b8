//! Points in time as people write them.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use trailwright_query::duration;

use crate::failure::Failure;

/// Reads `90s`, `2h`, `1d12h`, `now`, `yesterday`, `2026-03-09` or RFC 3339.
/// The error says what is accepted.
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
            .or_else(|| duration(text).and_then(|back| now.checked_sub_signed(back))),
    };
    point.ok_or_else(|| {
        format!("{text:?} is no time: give 90s, 2h, 1d12h, 2026-03-09, 2026-03-09T08:00:00Z, now, today or yesterday")
    })
}

/// A window of time as a condition on the table `events`, said on standard
/// error; `true` without one.
pub(crate) fn condition(
    since: Option<&str>,
    until: Option<&str>,
    now: DateTime<Utc>,
) -> Result<String, Failure> {
    let mut conditions = vec!["true".to_owned()];
    for (given, word, compare) in [(since, "since", ">="), (until, "until", "<")] {
        let Some(given) = given else { continue };
        let bound = parse(given, now).map_err(Failure::usage)?;
        let time = bound.to_rfc3339_opts(SecondsFormat::Micros, true);
        let date = bound.date_naive();
        let of_day = if compare == "<" { "<=" } else { compare };
        conditions.push(format!(
            "event_time {compare} timestamp '{time}' AND event_date {of_day} date '{date}'"
        ));
        eprintln!(
            "{word} {}",
            bound.to_rfc3339_opts(SecondsFormat::Secs, true)
        );
    }
    Ok(conditions.join(" AND "))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{condition, parse};

    #[test]
    fn every_form_that_the_help_names_is_read() {
        let now = "2026-03-09T12:00:00Z".parse().unwrap();
        let cases = [
            ("90s", "2026-03-09T11:58:30Z"),
            ("2h", "2026-03-09T10:00:00Z"),
            ("1d12h", "2026-03-08T00:00:00Z"),
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
        for text in ["", "2", "2x", "h", "99999999999999999999d", "yesteryear"] {
            assert!(parse(text, now).unwrap_err().contains("give 90s"), "{text}");
        }
    }

    #[test]
    fn a_window_names_days_too_so_that_other_partitions_are_not_read() {
        let now = "2026-03-09T12:00:00Z".parse().unwrap();
        let window = condition(Some("2026-03-08"), Some("2h"), now).unwrap();
        assert_eq!(
            window,
            "true AND event_time >= timestamp '2026-03-08T00:00:00.000000Z' AND event_date >= date '2026-03-08' \
             AND event_time < timestamp '2026-03-09T10:00:00.000000Z' AND event_date <= date '2026-03-09'"
        );
        assert_eq!(condition(None, None, now).unwrap(), "true");
        assert!(condition(Some("soon"), None, now).is_err());
    }
}
