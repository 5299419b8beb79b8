//! What text on a terminal looks like.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use anstyle::AnsiColor::{
    BrightBlue, BrightCyan, BrightGreen, BrightMagenta, BrightRed, BrightYellow, Cyan, Green,
    Magenta, Yellow,
};
use anstyle::{AnsiColor, Style};

use trailwright_query::Zone;

use crate::Host;

/// Colours of principals: those that can be read on a dark and on a light ground.
const PRINCIPALS: [AnsiColor; 10] = [
    Cyan,
    Green,
    Magenta,
    Yellow,
    BrightBlue,
    BrightCyan,
    BrightGreen,
    BrightMagenta,
    BrightRed,
    BrightYellow,
];

/// Standard output, as somebody sees it.
#[derive(Clone, Debug)]
pub(crate) struct Terminal {
    colour: bool,
    zone: Zone,
}

impl Terminal {
    pub(crate) fn of(host: &Host) -> Self {
        Self {
            colour: host.colour,
            zone: host.zone.clone(),
        }
    }

    /// Without any colour, in UTC.
    #[cfg(test)]
    pub(crate) fn plain() -> Self {
        Self {
            colour: false,
            zone: Zone::utc(),
        }
    }

    /// A time of the lake, in the zone in which people read times.
    pub(crate) fn time(&self, of_lake: &str) -> String {
        match of_lake.parse() {
            Ok(time) => self.zone.second(time),
            Err(_) => of_lake.to_owned(),
        }
    }

    /// The name of a principal, always in the same colour.
    pub(crate) fn principal(&self, name: &str) -> String {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        let place = hasher.finish() % PRINCIPALS.len() as u64;
        let colour = usize::try_from(place).map_or(Cyan, |place| PRINCIPALS[place]);
        self.in_style(colour.on_default(), name)
    }

    fn in_style(&self, style: Style, text: &str) -> String {
        match self.colour {
            true => format!("{style}{text}{style:#}"),
            false => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use trailwright_query::Zone;

    use super::Terminal;

    #[test]
    fn a_principal_always_has_the_same_colour_and_none_where_none_is_wanted() {
        let coloured = Terminal {
            colour: true,
            ..Terminal::plain()
        };
        let dana = coloured.principal("dana");
        assert_eq!(dana, coloured.principal("dana"));
        assert!(
            dana.starts_with("\u{1b}[") && dana.ends_with("dana\u{1b}[0m"),
            "{dana:?}"
        );
        let others = ["a", "b", "c", "d", "e", "f"].map(|name| coloured.principal(name));
        let same = others.iter().filter(|other| other[..5] == dana[..5]);
        assert!(same.count() < 6, "all have the same colour");
        assert_eq!(Terminal::plain().principal("dana"), "dana");
    }

    #[test]
    fn times_are_in_the_zone_of_the_reader() {
        let berlin = Terminal {
            zone: Zone::parse("Europe/Berlin").unwrap(),
            ..Terminal::plain()
        };
        let time = "2026-03-09T08:00:00Z";
        assert_eq!(berlin.time(time), "2026-03-09T09:00:00+01:00");
        assert_eq!(Terminal::plain().time(time), time);
    }
}
