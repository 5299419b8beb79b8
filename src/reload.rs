//! SIGHUP: the configuration and the policies are read again.

use std::sync::Arc;

use tokio::sync::watch;
use trailwright_enrich::LabelOptions;
use trailwright_enrich::policies::PolicyFile;
use trailwright_ingest::route::Router;

use crate::args::{Common, Run};
use crate::config::{CommitSettings, Config};
use crate::failure::Failure;
use crate::policies;
use crate::telemetry::{Log, Telemetry};

/// What can change while the daemon runs, checked and ready.
pub(crate) struct Reloaded {
    pub(crate) router: Router,
    pub(crate) options: LabelOptions,
    pub(crate) commit: CommitSettings,
    pub(crate) policies: Vec<PolicyFile>,
}

/// Reads again what the daemon began with.
pub(crate) struct Reload<'a> {
    /// The configuration the daemon began with: what cannot change is as there.
    pub(crate) running: &'a Config,
    pub(crate) args: &'a Run,
    pub(crate) common: &'a Common,
    pub(crate) log: &'a Log,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) changes: watch::Sender<Option<Arc<Reloaded>>>,
}

impl Reload<'_> {
    /// Hands on what changed. A configuration with a mistake is refused as a
    /// whole, and the old one goes on.
    pub(crate) fn again(&self) {
        match self.read() {
            Ok(reloaded) => {
                self.changes.send_replace(Some(Arc::new(reloaded)));
            }
            Err(failure) => {
                self.telemetry.reload_refused();
                tracing::error!(
                    target: "service",
                    "the configuration is refused and the old one goes on: {failure}"
                );
            }
        }
    }

    fn read(&self) -> Result<Reloaded, Failure> {
        let config = Config::load(self.common.config.as_deref())?;
        let reloaded = Reloaded {
            router: config.router()?,
            options: config.label_options(),
            commit: config.commit,
            policies: policies::files(&config, self.args.policies.as_deref(), self.common)?,
        };
        set_filter(self.log, self.args, self.common, &config)?;
        self.say_what_takes_a_restart(&config);
        Ok(reloaded)
    }

    fn say_what_takes_a_restart(&self, config: &Config) {
        for section in config.fixed_that_differ(self.running) {
            tracing::warn!(
                target: "service",
                section,
                "{section} changed in the configuration, which takes a restart; the old value goes on"
            );
        }
    }
}

/// The filter of the flag or the environment variable, else of the file.
pub(crate) fn set_filter(
    log: &Log,
    args: &Run,
    common: &Common,
    config: &Config,
) -> Result<(), Failure> {
    let given = args.log.as_deref().or(config.service.log.as_deref());
    log.set_filter(given.unwrap_or(common.volume().of_daemon()))
}
