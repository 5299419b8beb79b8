//! Where a lake lies.

use std::fmt;
use std::path::{Path, absolute};

use url::Url;

use crate::error::LakeError;

/// A directory of this machine or a prefix of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    given: String,
    url: Url,
}

impl Location {
    /// Reads `./lake`, `/data/lake` or `s3://bucket/prefix`. A relative path
    /// is taken from the working directory.
    pub fn parse(given: &str) -> Result<Self, LakeError> {
        let fail = |why: String| LakeError::Location {
            given: given.to_owned(),
            why,
        };
        let url = if given.contains("://") {
            Url::parse(given).map_err(|error| fail(error.to_string()))?
        } else {
            let path = absolute(Path::new(given)).map_err(|error| fail(error.to_string()))?;
            Url::from_directory_path(path).map_err(|()| fail("not a path".to_owned()))?
        };
        if !matches!(url.scheme(), "file" | "s3") {
            return Err(fail(format!("{}:// is not supported", url.scheme())));
        }
        if url.scheme() == "s3" && url.host_str().is_none_or(str::is_empty) {
            return Err(fail("the bucket is missing".to_owned()));
        }
        Ok(Self {
            given: given.to_owned(),
            url,
        })
    }

    /// The lake's URL.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The directory, when the lake is on this machine.
    pub fn directory(&self) -> Option<std::path::PathBuf> {
        (self.url.scheme() == "file").then(|| self.url.to_file_path().ok())?
    }

    /// The bucket, when the lake is in one.
    pub fn bucket(&self) -> Option<&str> {
        (self.url.scheme() == "s3").then(|| self.url.host_str())?
    }

    /// The URL of a table: `<lake>/<table>/`.
    pub(crate) fn table_url(&self, table: &str) -> Url {
        let mut url = self.url.clone();
        let path = format!("{}/{table}/", url.path().trim_end_matches('/'));
        url.set_path(&path);
        url
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.given)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Location;

    #[test]
    fn directories_and_buckets_become_table_urls() {
        let local = Location::parse("/data/lake").unwrap();
        assert_eq!(
            local.table_url("events").as_str(),
            "file:///data/lake/events/"
        );
        let bucket = Location::parse("s3://audit/prod/").unwrap();
        assert_eq!(
            bucket.table_url("events").as_str(),
            "s3://audit/prod/events/"
        );
        assert_eq!(bucket.bucket(), Some("audit"));
    }

    #[test]
    fn other_schemes_are_refused_with_the_way_out() {
        let error = Location::parse("gs://bucket/x").unwrap_err().to_string();
        assert!(
            error.contains("gs:// is not supported") && error.contains("s3://bucket/prefix"),
            "{error}"
        );
    }
}
