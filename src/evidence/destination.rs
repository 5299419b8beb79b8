//! Where packs are put: a directory or a bucket.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions};
use trailwright_store::Location;

use crate::config::S3;
use crate::failure::Failure;
use crate::storage;

/// A directory or a prefix of a bucket.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    store: Arc<dyn ObjectStore>,
    folder: Path,
    given: String,
}

/// What became of a pack that was put somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Put {
    /// It is there now.
    Written,
    /// One of its name was there before, and still is.
    WasThere,
}

impl Destination {
    /// `./packs`, `/var/packs` or `s3://bucket/prefix`.
    pub(crate) fn open(given: &str, s3: &S3) -> Result<Self, Failure> {
        let location = Location::parse(given)?;
        let folder = Path::from_url_path(location.url().path());
        Ok(Self {
            store: storage::of_lake(&location, s3)?,
            folder: folder.map_err(|error| Failure::usage(format!("{given}: {error}")))?,
            given: given.to_owned(),
        })
    }

    /// Whether there is a pack of this name.
    pub(crate) async fn has(&self, name: &str) -> Result<bool, Failure> {
        match self.store.head(&self.folder.clone().join(name)).await {
            Ok(_) => Ok(true),
            Err(Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(self.failed("look for", name, &error)),
        }
    }

    /// Puts a whole pack there, or none: an existing one is left as it is.
    pub(crate) async fn put(&self, name: &str, pack: Vec<u8>) -> Result<Put, Failure> {
        let path = self.folder.clone().join(name);
        let options = PutOptions::from(PutMode::Create);
        let put = self
            .store
            .put_opts(&path, Bytes::from(pack).into(), options);
        match put.await {
            Ok(_) => Ok(Put::Written),
            Err(Error::AlreadyExists { .. }) => Ok(Put::WasThere),
            Err(error) => Err(self.failed("write", name, &error)),
        }
    }

    fn failed(&self, what: &str, name: &str, error: &Error) -> Failure {
        Failure::unreachable(format!("cannot {what} {name} in {self}: {error}"))
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.given)
    }
}
