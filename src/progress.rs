//! What a person sees while input is read.

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

use crate::Host;
use crate::args::Common;

/// A progress bar on a terminal, nothing elsewhere.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// The number of inputs is not known before they are listed, so it spins.
    pub(crate) fn new(common: &Common, host: &Host) -> Self {
        if common.is_quiet() || common.no_progress || !host.stderr_is_terminal {
            return Self {
                bar: ProgressBar::hidden(),
            };
        }
        let bar = ProgressBar::new_spinner();
        let template = "{spinner} {pos} files · {msg} · {elapsed} · {per_sec}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { bar }
    }

    /// So much has been done.
    pub(crate) fn advance(&self, files: u64, records: usize, bytes: u64) {
        self.bar.set_position(files);
        self.bar
            .set_message(format!("{records} records, {}", HumanBytes(bytes)));
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
