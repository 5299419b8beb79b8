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

/// Values over time: a column for each row, because a line between two days
/// would claim something of the days between them.
fn line(points: &[(&str, i64)], largest: i64) -> Result<String, Failure> {
    let mut times = Vec::new();
    for (label, _) in points {
        let time = time(label).ok_or_else(|| {
            Failure::internal(format!("a line wants times, and {label:?} is none"))
        })?;
        times.push(time.timestamp());
    }
    let first = times.iter().min().copied().unwrap_or(0);
    let span = times.iter().max().copied().unwrap_or(0) - first;
    let x = |time: i64| match span {
        0 => (LEFT + RIGHT) / 2,
        _ => LEFT + MARGIN + scaled(time - first, span, RIGHT - LEFT - 2 * MARGIN),
    };
    let places: Vec<i64> = times.iter().map(|time| x(*time)).collect();
    let nearest = places.windows(2).map(|pair| (pair[1] - pair[0]).abs());
    let width = (nearest.min().unwrap_or(2 * MARGIN) * 2 / 3).clamp(2, 2 * MARGIN - 4);
    let top = ceiling(largest);

    let mut svg = begin(HEIGHT, "line");
    svg += &axis(top);
    for (x, (label, value)) in places.iter().zip(points) {
        let height = scaled(*value, top, BOTTOM - TOP);
        let (left, y) = (x - width / 2, BOTTOM - height);
        let (label, value) = (escaped(label), grouped(*value));
        let _ = writeln!(
            svg,
            "<rect x=\"{left}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"><title>{label}: {value}</title></rect>"
        );
    }
    let ends = [
        places.first().zip(points.first()),
        places.last().zip(points.last()),
    ];
    let ends = if span == 0 { &ends[..1] } else { &ends[..] };
    for (x, (label, _)) in ends.iter().flatten() {
        let y = HEIGHT - 10;
        let label = escaped(label);
        let _ = writeln!(
            svg,
            "<text class=\"tick\" x=\"{x}\" y=\"{y}\">{label}</text>"
        );
    }
    Ok(svg + "</svg>\n")
}

const HEIGHT: i64 = 240;
const LEFT: i64 = 70;
const RIGHT: i64 = WIDTH - 30;
const TOP: i64 = 16;
const BOTTOM: i64 = HEIGHT - 34;
/// Between the edges and the first and last column.
const MARGIN: i64 = 16;

/// Values at their heights, up to `top`.
fn axis(top: i64) -> String {
    let mut svg = String::new();
    let steps = match (top % 4, top % 5) {
        (0, _) => 4,
        (_, 0) => 5,
        _ => top.min(2),
    };
    for step in 0..=steps {
        let value = top / steps * step;
        let y = BOTTOM - scaled(value, top, BOTTOM - TOP);
        let _ = writeln!(
            svg,
            "<line class=\"grid\" x1=\"{LEFT}\" y1=\"{y}\" x2=\"{RIGHT}\" y2=\"{y}\"/>\
             <text class=\"label\" x=\"{}\" y=\"{}\">{}</text>",
            LEFT - 10,
            y + 4,
            grouped(value),
        );
    }
    svg
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
mod tests;
