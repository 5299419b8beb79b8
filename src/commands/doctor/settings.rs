//! The configuration: what it says and what in it does not go together.

use std::path::Path;

use super::Patient;
use super::check::Check;
use crate::args::Common;
use crate::config::DEFAULT_FILE;
use crate::telemetry::Log;

const NAME: &str = "configuration";

/// The file could be read, or there would be nothing more to check.
pub(super) fn check(patient: &Patient<'_>, common: &Common) -> Vec<Check> {
    let config = patient.config;
    let given = common.config.as_deref();
    let file = match given.unwrap_or(Path::new(DEFAULT_FILE)) {
        path if path.exists() => path.display().to_string(),
        path => format!("there is no {}, so defaults", path.display()),
    };
    let trails = match config.trails.len() {
        0 => "no trails, so \"global\" and one per Region".to_owned(),
        count => format!("{count} trails"),
    };
    let aliases = config.aliases.len();
    let said = format!("{file}: {trails}, {aliases} account aliases");
    let contradictions = config.contradictions();
    let log = config.service.log.as_deref();
    let unreadable = log.and_then(|filter| Log::check_filter(filter).err());
    let mut checks = vec![Check::ok(NAME, said)];
    checks.extend(
        contradictions
            .into_iter()
            .map(|contradiction| Check::warning(NAME, contradiction)),
    );
    checks.extend(unreadable.map(|failure| Check::wrong(NAME, failure.to_string())));
    checks
}
