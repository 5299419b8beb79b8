//! Writing an answer, and saying how far it has come.

use std::io::{self, BufWriter, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use trailwright_query::{Answer, Scan, Scanned, Shape, write};

use crate::Host;
use crate::args::Common;
use crate::failure::Failure;

/// Who waits longer wants to see that something happens.
const SHOWN_AFTER: Duration = Duration::from_millis(500);
const SHOWN_EVERY: Duration = Duration::from_millis(200);

/// An answer on its way to a person or a program.
#[derive(Debug)]
pub(super) struct Answering {
    started: Instant,
    bar: ProgressBar,
    shows_progress: bool,
    counts_rows: bool,
    says_what_was_read: bool,
}

impl Answering {
    /// Of a question that is about to be asked, whose answer goes to standard output.
    pub(super) fn on_standard_output(common: &Common, host: &Host) -> Self {
        let quiet = common.is_quiet();
        Self {
            started: Instant::now(),
            bar: ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
            shows_progress: host.stderr_is_terminal && !quiet && !common.no_progress,
            counts_rows: host.stdout_is_terminal && !quiet,
            says_what_was_read: common.is_verbose(),
        }
    }

    /// Without a line that says how many rows there are.
    pub(super) fn without_count(self) -> Self {
        Self {
            counts_rows: false,
            ..self
        }
    }

    /// Writes the whole answer to `out`, with progress until its first byte is
    /// there, and returns the number of rows.
    pub(super) async fn write(
        self,
        answer: Answer,
        shape: &Shape,
        out: impl Write + Send,
    ) -> Result<usize, Failure> {
        let scan = answer.scan();
        let mut out = BufWriter::new(Ending {
            bar: self.bar.clone(),
            out,
        });
        let rows = tokio::select! {
            rows = write(answer, shape.clone(), &mut out) => rows,
            never = self.watch(&scan) => match never {},
        };
        // Also when the question failed.
        self.bar.finish_and_clear();
        let rows = rows?;
        out.flush()?;
        if self.counts_rows {
            self.say_count(rows, shape);
        }
        if self.says_what_was_read {
            say_what_was_read(&scan.scanned());
        }
        Ok(rows)
    }

    /// Shows what is read until somebody drops it.
    async fn watch(&self, scan: &Scan) -> std::convert::Infallible {
        if !self.shows_progress {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(SHOWN_AFTER.saturating_sub(self.started.elapsed())).await;
        if let Ok(style) =
            ProgressStyle::with_template("{spinner} {msg} · {elapsed} · Ctrl-C stops")
        {
            self.bar.set_style(style);
        }
        if !self.bar.is_finished() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        loop {
            self.bar.set_message(scan.scanned().to_string());
            self.bar.tick();
            tokio::time::sleep(SHOWN_EVERY).await;
        }
    }

    fn say_count(&self, rows: usize, shape: &Shape) {
        let seconds = self.started.elapsed().as_secs_f64();
        let more = match shape.rows_max {
            Some(most) if shape.format.is_for_people() && rows > most => {
                format!(", the first {most} shown (--max-rows 0 shows all)")
            }
            _ => String::new(),
        };
        let word = if rows == 1 { "row" } else { "rows" };
        notice!("{rows} {word} in {seconds:.2} s{more}");
    }
}

/// The figures of docs/performance.md.
fn say_what_was_read(scanned: &Scanned) {
    notice!(
        "{scanned}; row groups: {} by statistics, {} by bloom filters; pages: {}",
        scanned.row_groups_by_statistics,
        scanned.row_groups_by_bloom_filters,
        scanned.pages
    );
}

/// Takes the progress away before anything is written.
struct Ending<W> {
    bar: ProgressBar,
    out: W,
}

impl<W: Write> Write for Ending<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.bar.is_finished() {
            self.bar.finish_and_clear();
        }
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
