//! A store in memory that counts reads, refuses some, and stops the process at
//! a write.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use tokio::sync::Notify;

/// The daemon is killed before or after a write to the lake, counted from 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Crash {
    pub(super) write: usize,
    pub(super) after: bool,
}

#[derive(Debug, Default)]
pub(super) struct Watched {
    pub(super) store: Arc<InMemory>,
    crash: Option<Crash>,
    /// Told when the process is to be killed.
    pub(super) crashed: Notify,
    writes: AtomicUsize,
    reads: AtomicUsize,
    refusals: Mutex<HashMap<Path, usize>>,
}

impl Watched {
    pub(super) fn crashing(store: Arc<InMemory>, crash: Option<Crash>) -> Arc<Self> {
        Arc::new(Self {
            store,
            crash,
            ..Self::default()
        })
    }

    /// How often an object was read.
    pub(super) fn reads(&self) -> usize {
        self.reads.load(Ordering::Relaxed)
    }

    /// An object cannot be read the next few times.
    pub(super) fn refuse(&self, key: &str, times: usize) {
        self.refusals.lock().unwrap().insert(Path::from(key), times);
    }

    async fn crash_here(&self) {
        self.crashed.notify_one();
        std::future::pending().await
    }
}

impl fmt::Display for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watched")
    }
}

#[async_trait]
impl ObjectStore for Watched {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        let number = self.writes.fetch_add(1, Ordering::Relaxed);
        let crash = self.crash.filter(|crash| crash.write == number);
        if crash.is_some_and(|crash| !crash.after) {
            self.crash_here().await;
        }
        let put = self.store.put_opts(location, payload, options).await?;
        if crash.is_some() {
            self.crash_here().await;
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
        if let Some(times) = self.refusals.lock().unwrap().get_mut(location)
            && *times > 0
        {
            *times -= 1;
            return Err(Error::Generic {
                store: "Watched",
                source: "access denied".into(),
            });
        }
        self.reads.fetch_add(1, Ordering::Relaxed);
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
