//! One section: its chart and its rows.

use std::fmt::Write as _;

use trailwright_query::{Section, Table};

use super::{escaped, notes, rows};
use crate::evidence::chart;
use crate::failure::Failure;

/// Rows shown; the CSV file has all.
const ROWS_MAX: usize = 200;

pub(super) fn section(section: &Section, table: &Table) -> Result<String, Failure> {
    let count = table.row_count();
    let mut text = format!(
        "<section id=\"section-{}\">\n<h2>{} <span class=\"count\">{}</span></h2>\n{}",
        section.name,
        escaped(&section.title),
        rows(count),
        notes(&section.notes)
    );
    if count == 0 {
        let empty = section.empty.as_deref().unwrap_or("There is nothing here.");
        let _ = writeln!(text, "<p class=\"empty\">{}</p>", escaped(empty));
        return Ok(text + "</section>\n");
    }
    let (columns, cells) = (table.columns(), table.cells(chart::ROWS_MAX)?);
    if let Some(drawn) = &section.chart {
        text += &chart::draw(drawn, &columns, &cells)?;
    }
    text += &rows_of(&columns, &table.numeric(), &cells);
    if count > ROWS_MAX {
        let _ = writeln!(
            text,
            "<p class=\"note\">The first {ROWS_MAX} of {}; the CSV file of this section has all.</p>",
            rows(count)
        );
    }
    Ok(text + "</section>\n")
}

fn rows_of(columns: &[&str], numeric: &[bool], cells: &[Vec<Option<String>>]) -> String {
    let class = |numeric: &bool| if *numeric { " class=\"number\"" } else { "" };
    let mut table = "<div class=\"table\"><table>\n<thead><tr>".to_owned();
    for (column, numeric) in columns.iter().zip(numeric) {
        let name = escaped(&column.replace('_', " "));
        let _ = write!(table, "<th{}>{name}</th>", class(numeric));
    }
    table += "</tr></thead>\n<tbody>\n";
    for row in cells.iter().take(ROWS_MAX) {
        table += "<tr>";
        for (cell, numeric) in row.iter().zip(numeric) {
            let cell = match cell {
                Some(text) => escaped(text),
                None => "<span class=\"null\">–</span>".to_owned(),
            };
            let _ = write!(table, "<td{}>{cell}</td>", class(numeric));
        }
        table += "</tr>\n";
    }
    table + "</tbody>\n</table></div>\n"
}
