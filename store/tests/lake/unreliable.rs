//! A store that fails at the moment that matters: when a commit is written.

use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

/// What happens to a commit.
pub(crate) enum Fault {
    /// It never arrives.
    Lost,
    /// It arrives, and the writer does not learn of it.
    AnswerLost,
    /// Others do this first.
    Overtaken(BoxFuture<'static, ()>),
}

pub(crate) struct Unreliable {
    files: LocalFileSystem,
    next_commit: Mutex<Option<Fault>>,
    files_read: AtomicUsize,
}

impl Unreliable {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            files: LocalFileSystem::new(),
            next_commit: Mutex::new(None),
            files_read: AtomicUsize::new(0),
        })
    }

    /// The next commit meets this, and no later one.
    pub(crate) fn next_commit(&self, fault: Fault) {
        *self.next_commit.lock().unwrap() = Some(fault);
    }

    /// How often something was read from a data file.
    pub(crate) fn files_read(&self) -> usize {
        self.files_read.load(Ordering::Relaxed)
    }

    fn count(&self, location: &Path) {
        if location.as_ref().ends_with(".parquet") {
            self.files_read.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn fault(&self, location: &Path) -> Option<Fault> {
        let path = location.as_ref();
        let is_commit = path.contains("/_delta_log/") && path.ends_with(".json");
        is_commit.then(|| self.next_commit.lock().unwrap().take())?
    }
}

fn error() -> Error {
    Error::Generic {
        store: "Unreliable",
        source: "the connection broke".into(),
    }
}

impl fmt::Display for Unreliable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unreliable")
    }
}

impl fmt::Debug for Unreliable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unreliable")
    }
}

#[async_trait]
impl ObjectStore for Unreliable {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        match self.fault(location) {
            None => self.files.put_opts(location, payload, options).await,
            Some(Fault::Lost) => Err(error()),
            Some(Fault::AnswerLost) => {
                self.files.put_opts(location, payload, options).await?;
                Err(error())
            }
            Some(Fault::Overtaken(others)) => {
                others.await;
                self.files.put_opts(location, payload, options).await
            }
        }
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.files.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.count(location);
        self.files.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.count(location);
        self.files.get_ranges(location, ranges).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.files.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.files.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.files.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.files.copy_opts(from, to, options).await
    }
}
