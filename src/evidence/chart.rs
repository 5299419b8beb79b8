//! Charts of a section as SVG. Coordinates are whole numbers, so that the same
//! rows are the same bytes everywhere.

use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use trailwright_query::{Chart, ChartKind};

use super::html::escaped;
use crate::failure::Failure;

/// Rows that a chart can show.
pub(super) const ROWS_MAX: usize = 1000;
const BARS_MAX: usize = 20;
const LABEL_CHARACTERS_MAX: usize = 44;

const WIDTH: i64 = 880;

type Cells = Vec<Option<String>>;

/// Draws `rows`; nothing when there is nothing to draw.
pub(super) fn draw(chart: &Chart, columns: &[&str], rows: &[Cells]) -> Result<String, Failure> {
    let place = |name: &str| {
        let place = columns.iter().position(|column| *column == name);
        place.ok_or_else(|| Failure::internal(format!("a chart wants the column {name:?}")))
    };
    let (label, value) = (place(&chart.label)?, place(&chart.value)?);
    let mut points = Vec::new();
    for row in rows {
        let Some(text) = &row[value] else { continue };
        let number: i64 = text.parse().map_err(|_| {
            Failure::internal(format!("a chart wants whole numbers, and {text:?} is none"))
        })?;
        points.push((row[label].as_deref().unwrap_or("–"), number.max(0)));
    }
    let largest = points.iter().map(|(_, value)| *value).max().unwrap_or(0);
    if largest == 0 {
        return Ok(String::new());
    }
    match chart.kind {
        ChartKind::Bar => Ok(bars(&points, largest)),
        ChartKind::Line => line(&points, largest),
    }
}

fn begin(height: i64, kind: &str) -> String {
    format!(
        "<svg class=\"chart {kind}\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" xmlns=\"http://www.w3.org/2000/svg\">\n"
    )
}

fn bars(points: &[(&str, i64)], largest: i64) -> String {
    const ROW: i64 = 26;
    const LEFT: i64 = 300;
    const LONGEST: i64 = 490;
    let shown = &points[..points.len().min(BARS_MAX)];
    let more = points.len() - shown.len();
    let lines = i64::try_from(shown.len()).unwrap_or(0) + i64::from(more > 0);
    let mut svg = begin(lines * ROW + 8, "bars");
    let mut top = 4;
    for (label, value) in shown {
        let length = scaled(*value, largest, LONGEST).max(1);
        let (text_y, bar_y) = (top + 17, top + 5);
        let _ = writeln!(
            svg,
            "<text class=\"label\" x=\"{}\" y=\"{text_y}\">{}</text>\
             <rect x=\"{LEFT}\" y=\"{bar_y}\" width=\"{length}\" height=\"16\" rx=\"2\"/>\
             <text class=\"value\" x=\"{}\" y=\"{text_y}\">{}</text>",
            LEFT - 10,
            escaped(&cut(label)),
            LEFT + length + 8,
            grouped(*value),
        );
        top += ROW;
    }
    if more > 0 {
        let _ = writeln!(
            svg,
            "<text class=\"more\" x=\"{LEFT}\" y=\"{}\">and {more} more in the table</text>",
            top + 17
        );
    }
    svg + "</svg>\n"
}

fn line(points: &[(&str, i64)], largest: i64) -> Result<String, Failure> {
    const HEIGHT: i64 = 240;
    const LEFT: i64 = 70;
    const RIGHT: i64 = WIDTH - 30;
    const TOP: i64 = 16;
    const BOTTOM: i64 = HEIGHT - 34;
    let mut times = Vec::new();
    for (label, _) in points {
        let time = time(label).ok_or_else(|| {
            Failure::internal(format!("a line wants times, and {label:?} is none"))
        })?;
        times.push(time.timestamp());
    }
    let first = times.iter().min().copied().unwrap_or(0);
    let span = times.iter().max().copied().unwrap_or(0) - first;
    let top = ceiling(largest);
    let x = |time: i64| match span {
        0 => (LEFT + RIGHT) / 2,
        _ => LEFT + scaled(time - first, span, RIGHT - LEFT),
    };
    let y = |value: i64| BOTTOM - scaled(value, top, BOTTOM - TOP);

    let mut svg = begin(HEIGHT, "line");
    let steps = if top % 4 == 0 {
        4
    } else if top % 5 == 0 {
        5
    } else {
        top.min(2)
    };
    for step in 0..=steps {
        let (value, at) = (top / steps * step, y(top / steps * step));
        let _ = writeln!(
            svg,
            "<line class=\"grid\" x1=\"{LEFT}\" y1=\"{at}\" x2=\"{RIGHT}\" y2=\"{at}\"/>\
             <text class=\"label\" x=\"{}\" y=\"{}\">{}</text>",
            LEFT - 10,
            at + 4,
            grouped(value),
        );
    }
    let places: Vec<(i64, i64)> = times
        .iter()
        .zip(points)
        .map(|(time, (_, value))| (x(*time), y(*value)))
        .collect();
    let path: Vec<String> = places.iter().map(|(x, y)| format!("{x},{y}")).collect();
    let _ = writeln!(svg, "<polyline points=\"{}\"/>", path.join(" "));
    for ((x, y), (label, value)) in places.iter().zip(points) {
        let _ = writeln!(
            svg,
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"3\"><title>{}: {}</title></circle>",
            escaped(label),
            grouped(*value),
        );
    }
    let ends = [
        points.first().zip(times.first()),
        points.last().zip(times.last()),
    ];
    let ends = if span == 0 { &ends[..1] } else { &ends[..] };
    for ((label, _), time) in ends.iter().flatten() {
        let _ = writeln!(
            svg,
            "<text class=\"tick\" x=\"{}\" y=\"{}\">{}</text>",
            x(**time),
            HEIGHT - 10,
            escaped(label),
        );
    }
    Ok(svg + "</svg>\n")
}

/// `value` of `of`, on a length.
fn scaled(value: i64, of: i64, length: i64) -> i64 {
    let scaled = i128::from(value) * i128::from(length) / i128::from(of.max(1));
    i64::try_from(scaled).unwrap_or(length)
}

/// The next number of 1, 2 or 5 and zeros.
fn ceiling(value: i64) -> i64 {
    let mut power = 1_i64;
    loop {
        for step in [1, 2, 5] {
            match power.checked_mul(step) {
                Some(round) if round >= value => return round,
                Some(_) => {}
                None => return value,
            }
        }
        match power.checked_mul(10) {
            Some(next) => power = next,
            None => return value,
        }
    }
}

/// Thousands apart.
pub(super) fn grouped(value: i64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn cut(label: &str) -> String {
    match label.char_indices().nth(LABEL_CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", &label[..end]),
        None => label.to_owned(),
    }
}

fn time(text: &str) -> Option<DateTime<Utc>> {
    let moment = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    let midnight = |date: NaiveDate| date.and_time(NaiveTime::MIN).and_utc();
    moment.ok().or_else(|| text.parse().ok().map(midnight))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use trailwright_query::{Chart, ChartKind};

    use super::{ceiling, draw, grouped};

    fn chart(kind: ChartKind) -> Chart {
        Chart {
            kind,
            label: "name".to_owned(),
            value: "events".to_owned(),
        }
    }

    fn rows(rows: &[(&str, &str)]) -> Vec<Vec<Option<String>>> {
        let cells = |(name, events): &(&str, &str)| {
            vec![Some((*name).to_owned()), Some((*events).to_owned())]
        };
        rows.iter().map(cells).collect()
    }

    #[test]
    fn axes_end_at_a_round_number_and_thousands_are_apart() {
        let ends = [1, 3, 7, 20, 21, 1001].map(ceiling);
        assert_eq!(ends, [1, 5, 10, 20, 50, 2000]);
        assert_eq!(ceiling(i64::MAX), i64::MAX);
        let texts = [0, 999, 1000, 1_234_567].map(grouped);
        assert_eq!(texts, ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn the_longest_bar_is_the_largest_value_and_what_does_not_fit_is_counted() {
        let many: Vec<(String, String)> = (1..=22)
            .map(|n| (format!("call {n}"), (100 - n).to_string()))
            .collect();
        let many: Vec<(&str, &str)> = many
            .iter()
            .map(|(name, events)| (name.as_str(), events.as_str()))
            .collect();
        let svg = draw(&chart(ChartKind::Bar), &["name", "events"], &rows(&many)).unwrap();
        assert!(svg.contains("width=\"490\""), "{svg}");
        assert!(svg.contains("and 2 more in the table"), "{svg}");
    }

    #[test]
    fn a_line_is_drawn_to_the_scale_of_time() {
        let days = [
            ("2026-03-01", "0"),
            ("2026-03-02", "4"),
            ("2026-03-05", "2"),
        ];
        let svg = draw(&chart(ChartKind::Line), &["name", "events"], &rows(&days)).unwrap();
        insta::assert_snapshot!(svg);
    }

    #[test]
    fn nothing_is_drawn_of_nothing_and_what_cannot_be_drawn_is_an_error() {
        let draw =
            |kind, rows: &[Vec<Option<String>>]| draw(&chart(kind), &["name", "events"], rows);
        assert_eq!(draw(ChartKind::Bar, &[]).unwrap(), "");
        assert_eq!(draw(ChartKind::Bar, &rows(&[("a", "0")])).unwrap(), "");
        assert!(draw(ChartKind::Bar, &rows(&[("a", "1.5")])).is_err());
        assert!(draw(ChartKind::Line, &rows(&[("a", "1")])).is_err());
    }

    #[test]
    fn labels_of_records_are_no_markup() {
        let wicked = rows(&[("<script>alert(1)</script>", "3")]);
        let svg = draw(&chart(ChartKind::Bar), &["name", "events"], &wicked).unwrap();
        assert!(
            svg.contains("&lt;script&gt;") && !svg.contains("<script"),
            "{svg}"
        );
    }
}
