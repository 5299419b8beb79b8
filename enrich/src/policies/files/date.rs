//! When a file of policies was exported: a part of its path that is a date.

use std::path::Path;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

/// The date in the last part of the path that has one: a directory or file
/// called `2026-03-01`, `2026-03-01T10-00-00Z` or `20260301T100000Z`, with any
/// extension. A day counts from its beginning.
pub(super) fn of_path(path: &Path) -> Option<DateTime<Utc>> {
    let parts = path.iter().filter_map(|part| part.to_str());
    parts.filter_map(of_part).next_back()
}

fn of_part(part: &str) -> Option<DateTime<Utc>> {
    let stem = part.split('.').next().unwrap_or(part);
    let time = ["%Y-%m-%dT%H-%M-%SZ", "%Y-%m-%dT%H:%M:%SZ", "%Y%m%dT%H%M%SZ"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(stem, form).ok());
    let day = || {
        NaiveDate::parse_from_str(stem, "%Y-%m-%d")
            .ok()?
            .and_hms_opt(0, 0, 0)
    };
    Some(time.or_else(day)?.and_utc())
}

#[cfg(test)]
mod tests {
    use super::of_path;
    use std::path::Path;

    #[test]
    fn a_part_of_the_path_that_is_a_date_dates_the_file() {
        for (path, time) in [
            (
                "2026-03-01/111111111111.json",
                Some("2026-03-01T00:00:00+00:00"),
            ),
            (
                "a/2026-03-01T10-20-30Z/x.json",
                Some("2026-03-01T10:20:30+00:00"),
            ),
            ("a/20260301T102030Z.json", Some("2026-03-01T10:20:30+00:00")),
            (
                "2026-03-01/2026-04-01.json",
                Some("2026-04-01T00:00:00+00:00"),
            ),
            ("accounts/111111111111.json", None),
            ("2026-03/x.json", None),
            ("report-2026-03-01.json", None),
        ] {
            let found = of_path(Path::new(path)).map(|time| time.to_rfc3339());
            assert_eq!(found.as_deref(), time, "{path}");
        }
    }
}
