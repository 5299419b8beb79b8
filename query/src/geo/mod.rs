//! Databases of places: files in the MaxMind DB format that tell where an
//! address is and whose network it belongs to.

mod database;
mod error;
mod part;

use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use datafusion::scalar::ScalarValue;

use self::database::Database;
pub use self::error::GeoError;
pub(crate) use self::part::Part;

/// The files that are configured. They are read when a question first asks for a
/// place, and stay in memory: nobody else waits for them.
#[derive(Debug, Default)]
pub struct GeoDatabases {
    paths: Vec<PathBuf>,
    opened: OnceLock<Result<Vec<Database>, GeoError>>,
}

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeoFileInfo {
    /// Where it lies.
    pub path: PathBuf,
    /// The type that its metadata name, such as `GeoLite2-City`.
    pub kind: String,
    /// When it was made, if its metadata have a time.
    pub built: Option<DateTime<Utc>>,
    /// The parts of `geo_lookup` that its records tell.
    pub tells: Vec<&'static str>,
}

impl GeoDatabases {
    /// Over these files; where several tell the same, the first counts.
    pub fn new(paths: Vec<PathBuf>) -> Self {
        Self {
            paths,
            opened: OnceLock::new(),
        }
    }

    /// What the files are.
    pub fn files(&self) -> Result<Vec<GeoFileInfo>, GeoError> {
        let described = |database: &Database| GeoFileInfo {
            path: database.path().to_owned(),
            kind: database.kind().to_owned(),
            built: i64::try_from(database.built())
                .ok()
                .and_then(|seconds| DateTime::from_timestamp(seconds, 0)),
            tells: database.tells().iter().map(|part| part.name()).collect(),
        };
        Ok(self.opened()?.iter().map(described).collect())
    }

    /// Says so when no file tells this part.
    pub(crate) fn check(&self, part: Part) -> Result<(), GeoError> {
        let databases = self.opened()?;
        if databases.is_empty() {
            return Err(GeoError::NotConfigured);
        }
        if databases
            .iter()
            .any(|database| database.tells().contains(&part))
        {
            return Ok(());
        }
        let example = match part {
            Part::Asn | Part::AsOrganization => "such as GeoLite2-ASN.mmdb",
            _ => "such as GeoLite2-City.mmdb",
        };
        Err(GeoError::NotTold {
            part: part.name(),
            known: self
                .files()?
                .iter()
                .map(summary)
                .collect::<Vec<_>>()
                .join("; "),
            example,
        })
    }

    /// The part of an address; `None` where the text is none, or no file has it.
    pub(crate) fn look_up(&self, text: &str, part: Part) -> Result<Option<ScalarValue>, GeoError> {
        let Ok(address) = text.parse::<IpAddr>() else {
            return Ok(None);
        };
        for database in self.opened()? {
            let record = database.record(address.to_canonical())?;
            if let Some(value) = record.and_then(|record| part.of(&record)) {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    fn opened(&self) -> Result<&[Database], GeoError> {
        let open = || self.paths.iter().map(|path| Database::open(path)).collect();
        let opened = self.opened.get_or_init(open);
        opened.as_deref().map_err(Clone::clone)
    }
}

fn summary(file: &GeoFileInfo) -> String {
    let tells = match file.tells.is_empty() {
        true => "nothing that is known here".to_owned(),
        false => file.tells.join(", "),
    };
    format!("{} tells {tells}", file.path.display())
}

/// The same files are the same databases, as two functions are compared.
impl PartialEq for GeoDatabases {
    fn eq(&self, other: &Self) -> bool {
        self.paths == other.paths
    }
}

impl Eq for GeoDatabases {}

impl Hash for GeoDatabases {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.paths.hash(state);
    }
}

#[cfg(test)]
mod tests;
