//! The time zone in which people read times.

use std::fmt;
use std::str::FromStr as _;

use arrow_array::timezone::Tz;
use chrono::{DateTime, SecondsFormat, Utc};

/// A time zone, by its name in the IANA database or as an offset.
#[derive(Clone, Debug)]
pub struct Zone {
    name: String,
    /// `None` for UTC.
    other: Option<Tz>,
}

impl Zone {
    /// Reads `Europe/Berlin`, `UTC` or `+01:00`. The error says what is
    /// accepted.
    pub fn parse(name: &str) -> Result<Self, String> {
        match Tz::from_str(name) {
            Ok(_) if name == "UTC" => Ok(Self::utc()),
            Ok(zone) => Ok(Self {
                name: name.to_owned(),
                other: Some(zone),
            }),
            Err(_) => Err(format!(
                "{name:?} is no time zone: give UTC, an offset such as +01:00 or a name such as Europe/Berlin"
            )),
        }
    }

    /// Coordinated universal time, in which the lake keeps all times.
    pub fn utc() -> Self {
        Self {
            name: "UTC".to_owned(),
            other: None,
        }
    }

    /// Its name, as it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A time to the second, in RFC 3339 with the offset of this zone.
    pub fn second(&self, time: DateTime<Utc>) -> String {
        match &self.other {
            None => time.to_rfc3339_opts(SecondsFormat::Secs, true),
            Some(zone) => {
                let time = time.with_timezone(zone);
                time.to_rfc3339_opts(SecondsFormat::Secs, true)
            }
        }
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Zone;

    #[test]
    fn a_time_is_shown_with_the_offset_of_its_day() {
        let zone = Zone::parse("Europe/Berlin").unwrap();
        let winter = zone.second("2026-03-09T08:00:00Z".parse().unwrap());
        let summer = zone.second("2026-06-09T08:00:00Z".parse().unwrap());
        assert_eq!(winter, "2026-03-09T09:00:00+01:00");
        assert_eq!(summer, "2026-06-09T10:00:00+02:00");
        assert_eq!(
            Zone::utc().second("2026-03-09T08:00:00Z".parse().unwrap()),
            "2026-03-09T08:00:00Z"
        );
    }

    #[test]
    fn what_is_no_zone_is_said_with_what_would_be() {
        for name in ["", "Mars/Olympus", "25:00"] {
            assert!(Zone::parse(name).unwrap_err().contains("Europe/Berlin"));
        }
    }
}
