//! `[geo]`: files that tell where addresses are.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use trailwright_query::GeoDatabases;

/// `[geo]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GeoSettings {
    /// Files in the MaxMind DB format. A relative path begins at the
    /// configuration file.
    databases: Vec<PathBuf>,
}

impl GeoSettings {
    /// Paths begin at the configuration file, which lies in `base`.
    pub(super) fn resolve(&mut self, base: &Path) {
        for path in &mut self.databases {
            *path = base.join(&*path);
        }
    }

    /// The files, read when somebody asks for a place.
    pub(crate) fn databases(&self) -> Arc<GeoDatabases> {
        Arc::new(GeoDatabases::new(self.databases.clone()))
    }
}
