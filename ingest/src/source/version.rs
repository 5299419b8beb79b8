//! Telling one content of a file from another without reading it.

use std::fs::Metadata;
use std::path::Path;
use std::time::UNIX_EPOCH;

use chrono::{DateTime, Utc};
use object_store::ObjectMeta;
use trailwright_schemas::SourceFile;

/// Which file, and which content of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    /// Absolute path or URL.
    location: String,
    pub(crate) version: String,
    pub(crate) modified: Option<DateTime<Utc>>,
    pub(crate) size_bytes: u64,
}

impl Version {
    /// Of a file of this machine; `None` for pipes and devices, which are read
    /// once.
    pub(crate) fn of_file(path: &Path, metadata: &Metadata) -> Option<Self> {
        let modified = metadata.modified().ok()?;
        let nanoseconds = modified
            .duration_since(UNIX_EPOCH)
            .map_or(0, |age| age.as_nanos());
        let location = std::path::absolute(path).ok()?;
        metadata.is_file().then(|| Self {
            location: location.to_string_lossy().into_owned(),
            version: format!("{}-{nanoseconds}", metadata.len()),
            modified: Some(modified.into()),
            size_bytes: metadata.len(),
        })
    }

    /// Of an object. S3 gives each content an ETag.
    pub(crate) fn of_object(url: String, meta: &ObjectMeta) -> Self {
        let version = match &meta.e_tag {
            Some(tag) => tag.trim_start_matches("W/").trim_matches('"').to_owned(),
            None => format!("{}-{}", meta.size, meta.last_modified.timestamp_micros()),
        };
        Self {
            location: url,
            version,
            modified: Some(meta.last_modified),
            size_bytes: meta.size,
        }
    }

    pub(crate) fn id(&self) -> String {
        SourceFile::id_of(&self.location, &self.version)
    }
}
