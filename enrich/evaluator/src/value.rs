//! Typed condition values: numbers, dates, IP ranges.

use std::cmp::Ordering;
use std::net::IpAddr;

/// A number in a Numeric condition: an integer where it fits, else a decimal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    Integer(i64),
    Decimal(f64),
}

impl Number {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(integer) = text.parse() {
            return Some(Number::Integer(integer));
        }
        // `f64::from_str` also takes "inf" and "nan", which are no numbers here.
        let plain = text
            .bytes()
            .all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
        text.parse()
            .ok()
            .filter(|decimal: &f64| plain && decimal.is_finite())
            .map(Number::Decimal)
    }

    pub(crate) fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Number::Integer(a), Number::Integer(b)) => a.cmp(&b),
            (a, b) => a.decimal().total_cmp(&b.decimal()),
        }
    }

    #[allow(clippy::cast_precision_loss)] // Reached only against a decimal, which is inexact anyway.
    pub(crate) fn decimal(self) -> f64 {
        match self {
            Number::Integer(integer) => integer as f64,
            Number::Decimal(decimal) => decimal,
        }
    }
}

/// An instant in nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(pub(crate) i128);

const NANOS: i128 = 1_000_000_000;

impl Instant {
    /// Reads a date in one of the W3C forms of ISO 8601 (`2026`, `2026-01`, `2026-01-15`,
    /// `2026-01-15T08:30Z`, `…:00Z`, `…:00.5+01:00`), or seconds since 1970. Four digits are a year.
    /// Without an offset the time is UTC.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date>
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.len() != 4 && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
            return text
                .parse::<i64>()
                .ok()
                .map(|seconds| Instant(i128::from(seconds) * NANOS));
        }
        let (date, time) = match text.split_once(['T', 't', ' ']) {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let mut fields = date.split('-');
        let year = number(fields.next()?, 4)?;
        let month = fields
            .next()
            .map_or(Some(1), |m| number(m, 2))
            .filter(|m| (1..=12).contains(m))?;
        let day = fields.next().map_or(Some(1), |d| number(d, 2))?;
        if fields.next().is_some() || !(1..=days_in(year, month)).contains(&day) {
            return None;
        }
        let midnight = i128::from(days_from_civil(year, month, day)) * 86_400 * NANOS;
        Some(Instant(midnight + time.map_or(Some(0), time_of_day)?))
    }
}

impl Instant {
    /// The instant as an ISO 8601 date with nanoseconds, UTC.
    pub(crate) fn to_text(self) -> String {
        let day = self.0.div_euclid(86_400 * NANOS);
        let rest = self.0.rem_euclid(86_400 * NANOS);
        let (seconds, nanos) = (rest / NANOS, rest % NANOS);
        let (year, month, date) = civil_from_days(i64::try_from(day).unwrap_or_default());
        let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        format!("{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}.{nanos:09}Z")
    }
}

/// Nanoseconds from midnight UTC of a time with its offset: `08:30Z`, `08:30:00.25+01:00`.
fn time_of_day(text: &str) -> Option<i128> {
    let (clock, offset) = match text.find(['Z', 'z', '+', '-']) {
        Some(at) => (&text[..at], offset_seconds(&text[at..])?),
        None => (text, 0),
    };
    let mut fields = clock.split(':');
    let hour = number(fields.next()?, 2).filter(|h| *h <= 24)?;
    let minute = number(fields.next()?, 2).filter(|m| *m < 60)?;
    let (second, fraction) = match fields.next() {
        None => (0, 0),
        Some(field) => {
            let (whole, fraction) = field.split_once('.').unwrap_or((field, "0"));
            (number(whole, 2).filter(|s| *s <= 60)?, nanos(fraction)?)
        }
    };
    if fields.next().is_some() {
        return None;
    }
    Some(i128::from(hour * 3_600 + minute * 60 + second - offset) * NANOS + fraction)
}

fn offset_seconds(text: &str) -> Option<i64> {
    let sign = match text.chars().next()? {
        'Z' | 'z' => return (text.len() == 1).then_some(0),
        '+' => 1,
        _ => -1,
    };
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    let hours = number(digits.get(..2)?, 2)?;
    let minutes = if digits.len() > 2 {
        number(digits.get(2..)?, 2)?
    } else {
        0
    };
    Some(sign * (hours * 3_600 + minutes * 60))
}

fn nanos(fraction: &str) -> Option<i128> {
    if fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let nine: String = fraction
        .chars()
        .chain("000000000".chars())
        .take(9)
        .collect();
    nine.parse().ok()
}

fn number(text: &str, digits: usize) -> Option<i64> {
    (text.len() == digits && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar (the year is counted from March, so
/// that the leap day comes last).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day of a number of days since 1970-01-01: the inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// A range of IP addresses in CIDR notation; a plain address is a range of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IpRange {
    network: IpAddr,
    /// How many leading bits count.
    bits: u32,
}

impl IpRange {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, length) = match text.trim().split_once('/') {
            Some((address, length)) => (address, Some(length.parse::<u32>().ok()?)),
            None => (text.trim(), None),
        };
        let network: IpAddr = address.parse().ok()?;
        let width = if network.is_ipv4() { 32 } else { 128 };
        let bits = length.unwrap_or(width);
        (bits <= width).then_some(IpRange { network, bits })
    }

    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        match (self.network, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differing = u32::from(network) ^ u32::from(address);
                differing.leading_zeros() >= self.bits
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differing = u128::from(network) ^ u128::from(address);
                differing.leading_zeros() >= self.bits
            }
            _ => false,
        }
    }

    /// The first address of the range, and its neighbours on both sides: enough to tell any set
    /// of ranges apart.
    pub(crate) fn borders(&self) -> Vec<IpAddr> {
        match self.network {
            IpAddr::V4(network) => {
                let size = u32::MAX.checked_shr(self.bits).unwrap_or(0);
                let first = u32::from(network) & !size;
                let last = first | size;
                [
                    Some(first),
                    Some(last),
                    first.checked_sub(1),
                    last.checked_add(1),
                ]
                .into_iter()
                .flatten()
                .map(|bits| IpAddr::V4(bits.into()))
                .collect()
            }
            IpAddr::V6(network) => {
                let size = u128::MAX.checked_shr(self.bits).unwrap_or(0);
                let first = u128::from(network) & !size;
                let last = first | size;
                [
                    Some(first),
                    Some(last),
                    first.checked_sub(1),
                    last.checked_add(1),
                ]
                .into_iter()
                .flatten()
                .map(|bits| IpAddr::V6(bits.into()))
                .collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use proptest::prelude::*;

    use super::{Instant, IpRange, NANOS, Number};

    fn seconds(text: &str) -> Option<i128> {
        Instant::parse(text).map(|i| i.0 / NANOS)
    }

    #[test]
    fn dates_are_read_in_every_accepted_form() {
        assert_eq!(seconds("1970"), Some(0));
        assert_eq!(seconds("2026-02"), seconds("2026-02-01T00:00:00Z"));
        assert_eq!(
            seconds("2026-02-03T04:05Z"),
            seconds("2026-02-03T04:05:00Z")
        );
        assert_eq!(
            seconds("2026-02-03T04:05:06+01:30"),
            seconds("2026-02-03T02:35:06Z")
        );
        assert_eq!(
            seconds("2026-02-03T04:05:06-0130"),
            seconds("2026-02-03T05:35:06Z")
        );
        assert_eq!(seconds("2026-01-01T00:00:00Z"), Some(1_767_225_600));
        assert_eq!(seconds("1767225600"), Some(1_767_225_600));
        assert_eq!(seconds("2024-02-29"), Some(1_709_164_800));
        assert_eq!(
            Instant::parse("1970-01-01T00:00:00.25Z"),
            Some(Instant(NANOS / 4))
        );
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "-",
            "2026-13",
            "2026-02-30",
            "2026-1-1",
            "2026-01-01T25",
            "2026-01-01T10:00X",
            "tomorrow",
            "10:00",
        ] {
            assert_eq!(Instant::parse(text), None, "{text}");
        }
    }

    #[test]
    fn ranges_hold_what_their_prefix_says() {
        let holds = |range: &str, address: &str| {
            IpRange::parse(range)
                .unwrap()
                .contains(address.parse().unwrap())
        };
        assert!(holds("0.0.0.0/0", "203.0.113.9"));
        assert!(holds("192.0.2.77/24", "192.0.2.1"));
        assert!(!holds("192.0.2.0/25", "192.0.2.128"));
        assert!(holds("2001:db8::/32", "2001:db8:ffff::1"));
        assert!(!holds("::/0", "192.0.2.1"));
        assert!(IpRange::parse("192.0.2.0/33").is_none() && IpRange::parse("192.0.2").is_none());
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        let compare =
            |a: &str, b: &str| Number::parse(a).unwrap().compare(Number::parse(b).unwrap());
        assert!(compare("9", "10").is_lt());
        assert!(compare("9007199254740993", "9007199254740992").is_gt());
        assert!(compare("1.50", "1.5").is_eq());
        assert!(Number::parse("inf").is_none() && Number::parse("ten").is_none());
    }

    proptest! {
        #[test]
        fn a_printed_instant_reads_back(nanos in -60_000_000_000i128 * NANOS..60_000_000_000 * NANOS) {
            prop_assert_eq!(Instant::parse(&Instant(nanos).to_text()), Some(Instant(nanos)));
        }

        #[test]
        fn no_text_makes_a_value_panic(text in ".{0,40}") {
            let _ = (Instant::parse(&text), Number::parse(&text), IpRange::parse(&text));
        }
    }
}
