//! When reports are due, and the period each of them is about. All in UTC.

use std::fmt;

use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, NaiveTime, Utc};
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use serde::Deserialize;

/// A cron expression of five fields: minute, hour, day of the month, month and
/// day of the week.
#[derive(Clone, Debug)]
pub(crate) struct Schedule(Cron);

impl Schedule {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build();
        let cron = parser.parse(text).map_err(|error| {
            format!(
                "{text:?} is no schedule ({error}): write minute, hour, day of the month, month and day of the week, \
                 as in \"0 6 1 * *\""
            )
        })?;
        let schedule = Self(cron);
        match schedule.next(DateTime::UNIX_EPOCH) {
            Some(_) => Ok(schedule),
            None => Err(format!("{text:?} never comes")),
        }
    }

    fn next(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.0.find_next_occurrence(&after, false).ok()
    }

    /// The times that have come at `now`, the last first.
    pub(crate) fn back_from(&self, now: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
        let last = self.0.find_previous_occurrence(&now, true).ok();
        std::iter::successors(last, |time| {
            self.0.find_previous_occurrence(time, false).ok()
        })
    }
}

/// The period of a report, seen from the time at which it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum Period {
    /// The last whole day.
    #[serde(rename = "previous day")]
    Day,
    /// The last whole week, from Monday on.
    #[serde(rename = "previous week")]
    Week,
    /// The last whole calendar month.
    #[serde(rename = "previous month")]
    Month,
}

impl Period {
    /// Its beginning, and its end, which is not part of it.
    pub(crate) fn before(self, time: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
        let today = time.date_naive();
        let (since, until) = match self {
            Self::Day => (today.checked_sub_days(Days::new(1)), Some(today)),
            Self::Week => {
                let past = u64::from(today.weekday().num_days_from_monday());
                let monday = today.checked_sub_days(Days::new(past));
                let before = monday.and_then(|monday| monday.checked_sub_days(Days::new(7)));
                (before, monday)
            }
            Self::Month => {
                let first = today.with_day(1);
                let before = first.and_then(|first| first.checked_sub_months(Months::new(1)));
                (before, first)
            }
        };
        // Absent only before the year -262143.
        let midnight = |date: Option<NaiveDate>| {
            let date = date.unwrap_or(today);
            date.and_time(NaiveTime::MIN).and_utc()
        };
        (midnight(since), midnight(until))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Day => "previous day",
            Self::Week => "previous week",
            Self::Month => "previous month",
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use chrono::{DateTime, Utc};

    use super::{Period, Schedule};

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_times_that_have_come_are_those_of_the_expression_the_last_first() {
        let cases = [
            (
                "0 6 1 * *",
                "2026-03-09T08:00:00Z",
                ["2026-03-01T06:00:00Z", "2026-02-01T06:00:00Z"],
            ),
            (
                "0 6 1 * *",
                "2026-03-01T06:00:00Z",
                ["2026-03-01T06:00:00Z", "2026-02-01T06:00:00Z"],
            ),
            (
                "0 6 1 * *",
                "2026-03-01T05:59:59Z",
                ["2026-02-01T06:00:00Z", "2026-01-01T06:00:00Z"],
            ),
            (
                "30 2 * * MON",
                "2026-03-09T08:00:00Z",
                ["2026-03-09T02:30:00Z", "2026-03-02T02:30:00Z"],
            ),
            (
                "*/15 * * * *",
                "2026-01-01T00:05:00Z",
                ["2026-01-01T00:00:00Z", "2025-12-31T23:45:00Z"],
            ),
            (
                "0 0 29 2 *",
                "2026-03-01T00:00:00Z",
                ["2024-02-29T00:00:00Z", "2020-02-29T00:00:00Z"],
            ),
            // The clocks of people go forward at 2:00 that day: UTC does not.
            (
                "30 2 * * *",
                "2026-03-29T12:00:00Z",
                ["2026-03-29T02:30:00Z", "2026-03-28T02:30:00Z"],
            ),
        ];
        for (schedule, now, expected) in cases {
            let schedule = Schedule::parse(schedule).unwrap();
            let times: Vec<_> = schedule.back_from(time(now)).take(2).collect();
            assert_eq!(times, expected.map(time), "{schedule:?} at {now}");
        }
    }

    #[test]
    fn what_is_no_schedule_is_refused_with_an_example() {
        for text in [
            "",
            "daily",
            "0 6 1 *",
            "0 0 6 1 * *",
            "61 * * * *",
            "0 6 1 * * 2026",
        ] {
            let error = Schedule::parse(text).unwrap_err();
            assert!(error.contains("\"0 6 1 * *\""), "{text}: {error}");
        }
        assert!(Schedule::parse("0 0 31 2 *").is_err());
    }

    #[test]
    fn a_period_is_whole_and_over_when_the_report_is_made() {
        let cases = [
            (
                Period::Day,
                "2026-03-09T06:00:00Z",
                "2026-03-08",
                "2026-03-09",
            ),
            (
                Period::Day,
                "2026-03-01T00:00:00Z",
                "2026-02-28",
                "2026-03-01",
            ),
            (
                Period::Week,
                "2026-03-09T00:00:00Z",
                "2026-03-02",
                "2026-03-09",
            ),
            (
                Period::Week,
                "2026-03-08T23:59:59Z",
                "2026-02-23",
                "2026-03-02",
            ),
            (
                Period::Month,
                "2026-03-31T12:00:00Z",
                "2026-02-01",
                "2026-03-01",
            ),
            (
                Period::Month,
                "2026-01-01T00:00:00Z",
                "2025-12-01",
                "2026-01-01",
            ),
            (
                Period::Month,
                "2024-03-01T00:00:00Z",
                "2024-02-01",
                "2024-03-01",
            ),
        ];
        for (period, at, since, until) in cases {
            let midnight = |day: &str| time(&format!("{day}T00:00:00Z"));
            let expected = (midnight(since), midnight(until));
            assert_eq!(period.before(time(at)), expected, "{period} at {at}");
        }
    }
}
