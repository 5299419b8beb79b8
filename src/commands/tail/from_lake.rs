//! The tail without a daemon: the lake, asked again and again.

use std::io::Write;
use std::time::Duration;

use trailwright_query::{Answer, Selection, Session, Tables, json_lines};
use trailwright_store::Lake;

use super::backoff::Backoff;
use super::cursor::Cursor;
use super::printer::Printer;
use crate::failure::Failure;
use crate::live::{Begin, Request};

/// How often a followed lake is asked whether it has a new version.
const POLL: Duration = Duration::from_millis(500);

pub(super) async fn tail<W: Write>(
    mut lake: Lake,
    request: &Request,
    follow: bool,
    printer: &mut Printer<W>,
    cursor: &mut Cursor,
) -> Result<(), Failure> {
    let selection = request.selection()?;
    match request.begin {
        Begin::Newest(rows) => {
            if rows > 0 {
                let session = Session::begin(&lake, Tables::Whole).await?;
                show(session.select(&selection, Some(rows)).await?, printer).await?;
            }
        }
        Begin::After(version) => later(&lake, version, &selection, printer).await?,
    }
    let mut shown = lake.version();
    cursor.move_to(shown)?;
    if !follow {
        return Ok(());
    }
    let mut backoff = Backoff::new();
    loop {
        tokio::time::sleep(POLL).await;
        match lake.refresh().await {
            Ok(_) => backoff.end(),
            Err(error) if error.may_pass() => {
                backoff.wait(&error.to_string()).await;
                continue;
            }
            Err(error) => return Err(error.into()),
        }
        if lake.version() > shown {
            later(&lake, shown, &selection, printer).await?;
            shown = lake.version();
            cursor.move_to(shown)?;
        }
    }
}

/// Shows what was stored after a version.
async fn later<W: Write>(
    lake: &Lake,
    version: u64,
    selection: &Selection,
    printer: &mut Printer<W>,
) -> Result<(), Failure> {
    for later in lake.events_after(version).await? {
        let session = Session::begin(lake, Tables::Later(later)).await?;
        show(session.select(selection, None).await?, printer).await?;
    }
    Ok(())
}

async fn show<W: Write>(mut answer: Answer, printer: &mut Printer<W>) -> Result<(), Failure> {
    let mut lines = Vec::new();
    while let Some(batch) = answer.next().await? {
        json_lines(&batch, &mut lines)?;
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            printer.line(line)?;
        }
        lines.clear();
        printer.flush()?;
    }
    Ok(())
}
