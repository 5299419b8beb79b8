//! Values of parameters: typed, so that a statement never contains what a
//! person typed.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use crate::functions::network;

/// What kind of value a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A whole number.
    Integer,
    /// A length of time.
    Duration,
    /// A point in time.
    Time,
    /// A network of addresses, or one address; a text in the statement.
    Network,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Any text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A length of time.
    Duration(TimeDelta),
    /// A point in time.
    Time(DateTime<Utc>),
    /// None given: null in the statement.
    Absent(Kind),
}

impl Kind {
    /// The kind of this name in a header.
    pub fn named(name: &str) -> Option<Self> {
        [
            Self::Text,
            Self::Integer,
            Self::Duration,
            Self::Time,
            Self::Network,
        ]
        .into_iter()
        .find(|kind| kind.name() == name)
    }

    /// Its name in a header.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Duration => "duration",
            Self::Time => "time",
            Self::Network => "network",
        }
    }

    pub(super) fn example(self) -> &'static str {
        match self {
            Self::Text => "TEXT",
            Self::Integer => "NUMBER",
            Self::Duration => "10m",
            Self::Time => "2026-03-09T08:00:00Z",
            Self::Network => "203.0.113.0/24",
        }
    }

    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::Text => "give a text",
            Self::Integer => "give a whole number",
            Self::Duration => "give a length of time such as 90s, 10m, 2h, 1d12h or 30d",
            Self::Time => "give a time such as 2026-03-09 or 2026-03-09T08:00:00Z",
            Self::Network => {
                "give a network such as 203.0.113.0/24 or 2001:db8::/32, or one address"
            }
        }
    }
}

impl Value {
    /// Reads a text as a value of this kind.
    pub fn read(kind: Kind, text: &str) -> Option<Self> {
        match kind {
            Kind::Text => Some(Self::Text(text.to_owned())),
            Kind::Integer => text.parse().ok().map(Self::Integer),
            Kind::Duration => duration(text).map(Self::Duration),
            Kind::Time => time(text).map(Self::Time),
            Kind::Network => network(text).map(|_| Self::Text(text.to_owned())),
        }
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Integer(number) => number.fmt(f),
            Self::Duration(length) => write_duration(*length, f),
            Self::Time(time) => {
                f.write_str(&time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
            }
            Self::Absent(_) => f.write_str("none"),
        }
    }
}

/// Reads one or more numbers with a unit (s, m, h, d or w), as in `1d12h`.
pub fn duration(text: &str) -> Option<TimeDelta> {
    let mut total = TimeDelta::zero();
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest[..digits].parse().ok()?;
        let unit = rest[digits..].chars().next()?;
        let part = match unit {
            's' => TimeDelta::try_seconds(number),
            'm' => TimeDelta::try_minutes(number),
            'h' => TimeDelta::try_hours(number),
            'd' => TimeDelta::try_days(number),
            'w' => TimeDelta::try_weeks(number),
            _ => None,
        }?;
        total = total.checked_add(&part)?;
        rest = &rest[digits + unit.len_utf8()..];
    }
    (!text.is_empty()).then_some(total)
}

fn write_duration(length: TimeDelta, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    let mut seconds = length.num_seconds();
    if seconds == 0 {
        return f.write_str("0s");
    }
    for (size, unit) in [(86_400, 'd'), (3_600, 'h'), (60, 'm'), (1, 's')] {
        if seconds >= size {
            write!(f, "{}{unit}", seconds / size)?;
            seconds %= size;
        }
    }
    Ok(())
}

fn time(text: &str) -> Option<DateTime<Utc>> {
    let moment = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    let midnight = |date: NaiveDate| date.and_time(NaiveTime::MIN).and_utc();
    moment.ok().or_else(|| text.parse().ok().map(midnight))
}
