//! Objects in S3, or in a store that speaks its protocol.

use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

use bytes::{Buf, Bytes};
use futures::stream::{self, BoxStream, StreamExt};
use object_store::path::Path;
use object_store::{Error, ObjectMeta, ObjectStore, ObjectStoreExt};
use tokio::runtime::Handle;
use trailwright_schemas::Reason;

use super::{Body, Discovered, Input, Opened, SourceError, Version, choose};

/// An object, or all objects below a prefix, of one bucket.
#[derive(Clone)]
pub struct ObjectPrefix {
    store: Arc<dyn ObjectStore>,
    bucket_url: String,
    path: Path,
}

impl ObjectPrefix {
    /// Reads `s3://bucket/prefix` and has the bucket opened. Nothing is sent yet.
    pub fn open(
        url: &str,
        open_bucket: impl FnOnce(&str) -> Result<Arc<dyn ObjectStore>, Error>,
    ) -> Result<Self, SourceError> {
        let rest = url.strip_prefix("s3://").unwrap_or_default();
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        let malformed = || SourceError::Url {
            url: url.to_owned(),
        };
        let path = Path::parse(key).map_err(|_| malformed())?;
        if bucket.is_empty() {
            return Err(malformed());
        }
        let store = open_bucket(bucket).map_err(|reason| SourceError::Bucket {
            url: url.to_owned(),
            reason,
        })?;
        Ok(Self::in_store(store, format!("s3://{bucket}"), path))
    }

    /// `path` of a store that is known already; `bucket_url` names the store
    /// in what is stored, such as `s3://bucket`.
    pub fn in_store(store: Arc<dyn ObjectStore>, bucket_url: String, path: Path) -> Self {
        Self {
            store,
            bucket_url,
            path,
        }
    }

    fn url(&self, path: &Path) -> String {
        format!("{}/{path}", self.bucket_url)
    }

    /// The prefix of this bucket that a URL names; `None` for another bucket.
    pub(super) fn within(&self, url: &str) -> Option<Self> {
        let key = url.strip_prefix(&self.bucket_url)?.strip_prefix('/')?;
        Some(Self {
            path: Path::parse(key).ok()?,
            ..self.clone()
        })
    }

    fn input(&self, meta: ObjectMeta) -> Discovered {
        let name = self.url(&meta.location);
        Discovered::Input(Input {
            version: Some(Version::of_object(name.clone(), &meta)),
            name,
            size_bytes: Some(meta.size),
            body: Body::Object {
                store: Arc::clone(&self.store),
                path: meta.location,
            },
        })
    }

    fn listed(&self, listed: object_store::Result<ObjectMeta>) -> Discovered {
        match listed {
            Ok(meta) => match self.url(&meta.location) {
                name if choose::passes_over(&name) => Discovered::Skipped { name },
                _ => self.input(meta),
            },
            Err(error) => self.refused(format!("cannot be listed: {error}")),
        }
    }

    fn refused(&self, detail: String) -> Discovered {
        Discovered::Refused {
            name: self.to_string(),
            reason: Reason::Unreadable,
            detail,
        }
    }
}

impl fmt::Display for ObjectPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url(&self.path))
    }
}

/// The object of exactly this name, or the objects below it as S3 lists them.
pub(super) fn discover(prefix: ObjectPrefix) -> BoxStream<'static, Discovered> {
    stream::once(look(prefix)).flatten().boxed()
}

async fn look(prefix: ObjectPrefix) -> BoxStream<'static, Discovered> {
    if !prefix.path.is_root() {
        match prefix.store.head(&prefix.path).await {
            Ok(meta) => return one(prefix.input(meta)),
            Err(Error::NotFound { .. }) => {}
            Err(error) => return one(prefix.refused(format!("cannot be reached: {error}"))),
        }
    }
    let mut listed = list(prefix.clone());
    match listed.next().await {
        Some(first) => one(first).chain(listed).boxed(),
        None => one(prefix.refused("there is no object of this name or below it".to_owned())),
    }
}

/// The objects below a prefix as S3 lists them; none is no mistake.
pub(super) fn list(prefix: ObjectPrefix) -> BoxStream<'static, Discovered> {
    let list = prefix.store.list(Some(&prefix.path));
    list.map(move |listed| prefix.listed(listed)).boxed()
}

fn one(discovered: Discovered) -> BoxStream<'static, Discovered> {
    stream::iter([discovered]).boxed()
}

/// Opens an object for reading on a thread that may block.
pub(super) fn open(store: Arc<dyn ObjectStore>, path: Path, url: String) -> io::Result<Opened> {
    let runtime = Handle::try_current().map_err(io::Error::other)?;
    let answer = runtime.block_on(store.get(&path))?;
    let version = Some(Version::of_object(url, &answer.meta));
    let reader = Box::new(ObjectReader {
        runtime,
        body: answer.into_stream(),
        chunk: Bytes::new(),
    });
    Ok(Opened { reader, version })
}

/// The bytes of an object as they arrive.
struct ObjectReader {
    runtime: Handle,
    body: BoxStream<'static, object_store::Result<Bytes>>,
    chunk: Bytes,
}

impl Read for ObjectReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.chunk.is_empty() {
            match self.runtime.block_on(self.body.next()) {
                Some(chunk) => self.chunk = chunk?,
                None => return Ok(0),
            }
        }
        let count = self.chunk.len().min(buffer.len());
        self.chunk.copy_to_slice(&mut buffer[..count]);
        Ok(count)
    }
}
