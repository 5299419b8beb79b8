//! `trailwright.toml`. Flags override environment variables, which override
//! the file; every key has a default.

mod commit;
mod geo;
#[cfg_attr(
    not(feature = "kafka"),
    allow(dead_code, reason = "read for every build, used by run")
)]
mod kafka;
mod maintenance;
mod objects;
mod report;
mod service;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use serde::Deserialize;
use trailwright_enrich::{Assume, LabelOptions};
use trailwright_ingest::Limits;
use trailwright_ingest::route::{Router, TrailConfig};

pub(crate) use self::commit::CommitSettings;
use self::geo::GeoSettings;
use self::kafka::SourceSettings;
use self::maintenance::{CompactionSettings, HoldSettings, RetentionSettings};
pub(crate) use self::maintenance::{Maintenance, MaintenanceSettings, VacuumSettings};
pub(crate) use self::report::ReportSettings;
use self::service::ServiceSettings;
use crate::failure::Failure;

pub(crate) const DEFAULT_FILE: &str = "trailwright.toml";

/// The configuration.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Directory or `s3://bucket/prefix` of the lake.
    pub(crate) lake: Option<String>,
    /// Account aliases: name = account ID.
    pub(crate) aliases: BTreeMap<String, String>,
    /// Trails; without any there is `global` and one per Region.
    pub(crate) trails: Vec<TrailConfig>,
    pub(crate) policies: PolicySettings,
    pub(crate) ingest: IngestSettings,
    pub(crate) source: SourceSettings,
    pub(crate) commit: CommitSettings,
    compaction: CompactionSettings,
    retention: RetentionSettings,
    hold: Vec<HoldSettings>,
    vacuum: VacuumSettings,
    pub(crate) maintenance: MaintenanceSettings,
    /// Reports that the daemon makes.
    pub(crate) report: Vec<ReportSettings>,
    /// Where addresses are.
    pub(crate) geo: GeoSettings,
    pub(crate) s3: S3,
    pub(crate) service: ServiceSettings,
}

/// `[policies]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PolicySettings {
    /// Directory of policy exports, relative to the configuration file.
    pub(crate) directory: Option<PathBuf>,
    /// What is assumed about layers of which nothing is known.
    assume: AssumeSettings,
    /// Assume nothing.
    strict: bool,
    /// How long a change may take to be known everywhere.
    propagation_seconds: u32,
    /// How long after an event records of changes before it may be delivered.
    provisional_hours: u32,
}

impl Default for PolicySettings {
    fn default() -> Self {
        let options = LabelOptions::default();
        let whole = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            directory: None,
            assume: AssumeSettings::default(),
            strict: false,
            propagation_seconds: whole(options.propagation_window.num_seconds()),
            provisional_hours: whole(options.provisional.num_hours()),
        }
    }
}

/// `[policies.assume]`
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct AssumeSettings {
    service_control_policies: Unknown,
    resource_control_policies: Unknown,
    resource_policies: Unknown,
    session_policies: Unknown,
    vpc_endpoint_policies: Unknown,
    sign_in_policies: Unknown,
}

/// How a layer counts of which nothing is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Unknown {
    /// Not restricting and not granting.
    #[default]
    Absent,
    /// Open: it may make the decision indeterminate.
    Unknown,
}

/// `[ingest]`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct IngestSettings {
    /// Replace session tokens by `REDACTED`.
    pub(crate) redact_session_tokens: bool,
    /// Bytes that one compressed file may inflate to.
    inflated_bytes_max: u64,
    /// Bytes of one record.
    record_bytes_max: usize,
    /// Depth of one record.
    nesting_max: usize,
}

/// `[s3]`: for lakes and sources alike. Credentials come from the environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct S3 {
    /// URL of a server that is not AWS.
    pub(crate) endpoint: Option<String>,
    /// Region of the buckets.
    pub(crate) region: Option<String>,
    /// `bucket.host/key` instead of `host/bucket/key`.
    pub(crate) virtual_hosted_style: Option<bool>,
}

impl Default for IngestSettings {
    fn default() -> Self {
        let limits = Limits::default();
        Self {
            redact_session_tokens: true,
            inflated_bytes_max: limits.inflated_bytes_max,
            record_bytes_max: limits.record.record_bytes_max,
            nesting_max: limits.record.nesting_max,
        }
    }
}

impl Config {
    /// Reads the file given, or `trailwright.toml` if there is one.
    pub(crate) fn load(given: Option<&Path>) -> Result<Self, Failure> {
        let path = given.unwrap_or(Path::new(DEFAULT_FILE));
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if given.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => {
                return Err(Failure::usage(format!(
                    "cannot read {}: {error}",
                    path.display()
                )));
            }
        };
        let mut config = Self::parse(&text)
            .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
        if let Some(base) = path.parent() {
            if let Some(directory) = &mut config.policies.directory {
                *directory = base.join(&*directory);
            }
            config.geo.resolve(base);
            config.report.iter_mut().for_each(|one| one.resolve(base));
        }
        Ok(config)
    }

    /// Reads and checks the text of a configuration.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let config: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        config.router().map_err(|error| error.message)?;
        let trails: Vec<String> = config.trails.iter().map(|one| one.name.clone()).collect();
        config.lake_maintenance().check(&trails)?;
        report::check(&config.report)?;
        Ok(config)
    }

    /// How the lake stays small and fast.
    pub(crate) fn lake_maintenance(&self) -> Maintenance<'_> {
        Maintenance {
            compaction: &self.compaction,
            retention: &self.retention,
            hold: &self.hold,
            vacuum: &self.vacuum,
        }
    }

    pub(crate) fn router(&self) -> Result<Router, InvalidTrails> {
        Router::new(self.trails.clone(), self.aliases.clone()).map_err(|errors| InvalidTrails {
            message: errors
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n  "),
        })
    }

    /// What can be read but does not go together, for people.
    pub(crate) fn contradictions(&self) -> Vec<String> {
        let PolicySettings {
            propagation_seconds,
            provisional_hours,
            ..
        } = self.policies;
        let commit = &self.commit;
        let mut found = Vec::new();
        if u64::from(propagation_seconds) > u64::from(provisional_hours) * 3600 {
            found.push(format!(
                "[policies] propagation_seconds = {propagation_seconds} is longer than provisional_hours = {provisional_hours}: \
                 labels count as final before a change had the time to be known everywhere"
            ));
        }
        if commit.rows_max == 0 || commit.bytes_max == 0 {
            found.push(
                "[commit] rows_max or bytes_max is 0: every message becomes a commit of its own, with files of one row"
                    .to_owned(),
            );
        }
        found
    }

    /// The sections that a running daemon cannot change and that differ.
    pub(crate) fn fixed_that_differ(&self, running: &Self) -> Vec<&'static str> {
        let same = [
            ("lake", self.lake == running.lake),
            ("[source]", self.source == running.source),
            ("[ingest]", self.ingest == running.ingest),
            ("[s3]", self.s3 == running.s3),
            ("[compaction]", self.compaction == running.compaction),
            ("[retention]", self.retention == running.retention),
            ("[[hold]]", self.hold == running.hold),
            ("[vacuum]", self.vacuum == running.vacuum),
            ("[maintenance]", self.maintenance == running.maintenance),
            ("[[report]]", self.report == running.report),
            (
                "[service] listen and stuck_seconds",
                self.service.is_fixed_as_in(&running.service),
            ),
        ];
        let differ = same.iter().filter(|(_, same)| !same);
        differ.map(|(section, _)| *section).collect()
    }

    pub(crate) fn limits(&self) -> Limits {
        let mut limits = Limits {
            inflated_bytes_max: self.ingest.inflated_bytes_max,
            ..Limits::default()
        };
        limits.record.record_bytes_max = self.ingest.record_bytes_max;
        limits.record.nesting_max = self.ingest.nesting_max;
        limits
    }

    pub(crate) fn label_options(&self) -> LabelOptions {
        let assume = if self.policies.strict {
            Assume::strict()
        } else {
            let assume = &self.policies.assume;
            Assume {
                no_service_control_policies: assume.service_control_policies == Unknown::Absent,
                no_resource_control_policies: assume.resource_control_policies == Unknown::Absent,
                no_resource_policies: assume.resource_policies == Unknown::Absent,
                no_session_policies: assume.session_policies == Unknown::Absent,
                no_vpc_endpoint_policies: assume.vpc_endpoint_policies == Unknown::Absent,
                console_authorization_off: assume.sign_in_policies == Unknown::Absent,
            }
        };
        LabelOptions {
            assume,
            propagation_window: TimeDelta::seconds(self.policies.propagation_seconds.into()),
            provisional: TimeDelta::hours(self.policies.provisional_hours.into()),
        }
    }
}

/// Trails or aliases that CloudTrail itself would refuse: every error, with
/// its key.
#[derive(Debug)]
pub(crate) struct InvalidTrails {
    message: String,
}

impl From<InvalidTrails> for Failure {
    fn from(invalid: InvalidTrails) -> Self {
        Self::usage(invalid.message)
    }
}

#[cfg(test)]
mod tests;
