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
    /// `inputs` is the number of files, when it is known.
    pub(crate) fn new(common: &Common, host: &Host, inputs: Option<u64>) -> Self {
        if common.quiet || common.no_progress || !host.stderr_is_terminal {
            return Self { bar: ProgressBar::hidden() };
        }
        let bar = match inputs {
            Some(inputs) => ProgressBar::new(inputs),
            None => ProgressBar::new_spinner(),
        };
        let template = "{spinner} {wide_bar} {pos}/{len} files · {msg} · {elapsed}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { bar }
    }

    /// So much has been done.
    pub(crate) fn advance(&self, files: u64, records: usize, bytes: u64) {
        self.bar.set_position(files);
        self.bar.set_message(format!("{records} records, {}", HumanBytes(bytes)));
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
