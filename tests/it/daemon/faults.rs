//! A store that stops the process, or fails, at a named step of a commit.
//!
//! Every step of a commit is one object written: a file of rejected rows, its
//! log entry, the files of events, their log entry with the positions.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

/// `before PATH`: stands still before an object whose path has PATH in it is
/// written; `after PATH`: once it is; `fail PATH`: the first two do not arrive;
/// `full PATH`: nothing does as long as the working directory has a file `full`.
pub(super) const FAULT: &str = "TRAILWRIGHT_TEST_FAULT";
/// What is said when the process stands still, ready to be killed.
pub(super) const STANDING: &str = "standing still";

pub(super) fn of_environment(store: Arc<dyn ObjectStore>) -> Arc<dyn ObjectStore> {
    let fault = std::env::var(FAULT).unwrap();
    let (when, path) = fault.split_once(' ').unwrap();
    Arc::new(Faulty {
        store,
        when: when.to_owned(),
        path: path.to_owned(),
        met: AtomicUsize::new(0),
    })
}

struct Faulty {
    store: Arc<dyn ObjectStore>,
    when: String,
    path: String,
    met: AtomicUsize,
}

impl Faulty {
    /// Making the tables is no step of a commit.
    fn meets(&self, when: &str, location: &Path) -> bool {
        let path = location.as_ref();
        let is_meant = path.contains(&self.path) && !path.ends_with("/00000000000000000000.json");
        self.when == when && is_meant
    }

    async fn stand_still(&self) {
        eprintln!("{STANDING} {} {}", self.when, self.path);
        std::future::pending().await
    }
}

impl fmt::Display for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Faulty")
    }
}

impl fmt::Debug for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Faulty")
    }
}

#[async_trait]
impl ObjectStore for Faulty {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        if self.meets("before", location) {
            self.stand_still().await;
        }
        if self.meets("fail", location) && self.met.fetch_add(1, Ordering::SeqCst) < 2 {
            return Err(Error::Generic {
                store: "Faulty",
                source: "the store is away".into(),
            });
        }
        if self.meets("full", location) && std::path::Path::new("full").exists() {
            return Err(Error::Generic {
                store: "Faulty",
                source: Box::new(std::io::Error::from(std::io::ErrorKind::StorageFull)),
            });
        }
        let put = self.store.put_opts(location, payload, options).await?;
        if self.meets("after", location) {
            self.stand_still().await;
        }
        Ok(put)
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.store.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.store.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.store.get_ranges(location, ranges).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.store.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.store.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.store.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.store.copy_opts(from, to, options).await
    }
}
