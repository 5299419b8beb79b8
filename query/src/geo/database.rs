//! One file in the MaxMind DB format.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use maxminddb::{MaxMindDbError, Reader, WithinOptions};
use serde_json::Value;

use super::error::GeoError;
use super::part::Part;

/// Records that are looked at to learn what a file tells. Its type would say so
/// too, but every vendor has names of its own.
const RECORDS_LOOKED_AT: usize = 1_000;

/// A file, read.
#[derive(Debug)]
pub(super) struct Database {
    path: PathBuf,
    reader: Reader<Vec<u8>>,
    tells: Vec<Part>,
}

impl Database {
    pub(super) fn open(path: &Path) -> Result<Self, GeoError> {
        let bytes = std::fs::read(path).map_err(|error| GeoError::Unreadable {
            path: path.to_owned(),
            message: error.to_string(),
        })?;
        let reader = Reader::from_source(bytes).map_err(|error| damaged(path, &error))?;
        let tells = parts_in(&reader).map_err(|error| damaged(path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            reader,
            tells,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What its records tell.
    pub(super) fn tells(&self) -> &[Part] {
        &self.tells
    }

    /// The type that its metadata name, such as `GeoLite2-City`.
    pub(super) fn kind(&self) -> &str {
        &self.reader.metadata().database_type
    }

    /// Seconds since 1970 at which it was made.
    pub(super) fn built(&self) -> u64 {
        self.reader.metadata().build_epoch
    }

    /// What it has on an address.
    pub(super) fn record(&self, address: IpAddr) -> Result<Option<Value>, GeoError> {
        if address.is_ipv6() && self.reader.metadata().ip_version == 4 {
            return Ok(None);
        }
        let found = self.reader.lookup(address);
        let record = found.and_then(|found| found.decode());
        record.map_err(|error| damaged(&self.path, &error))
    }
}

fn parts_in(reader: &Reader<Vec<u8>>) -> Result<Vec<Part>, MaxMindDbError> {
    let mut tells = Vec::new();
    let networks = reader.networks(WithinOptions::default())?;
    for found in networks.take(RECORDS_LOOKED_AT) {
        let Some(record) = found?.decode::<Value>()? else {
            continue;
        };
        let new = |part: &Part| !tells.contains(part) && part.of(&record).is_some();
        let new: Vec<Part> = Part::ALL.into_iter().filter(new).collect();
        tells.extend(new);
    }
    Ok(tells)
}

fn damaged(path: &Path, error: &MaxMindDbError) -> GeoError {
    GeoError::Damaged {
        path: path.to_owned(),
        message: error.to_string(),
    }
}
