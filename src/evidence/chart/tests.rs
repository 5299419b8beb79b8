//! What is drawn of which rows.
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
    let cells =
        |(name, events): &(&str, &str)| vec![Some((*name).to_owned()), Some((*events).to_owned())];
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
fn time_goes_to_the_right_to_scale_and_nothing_is_drawn_between_the_rows() {
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
    let draw = |kind, rows: &[Vec<Option<String>>]| draw(&chart(kind), &["name", "events"], rows);
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
