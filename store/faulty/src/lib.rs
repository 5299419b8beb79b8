//! An object store that fails as a test tells it to.
//!
//! [`FaultyStore`] hands everything on to the store behind it, and asks
//! [`Faults`] on the way: an object may arrive late, in part or not at all, its
//! writer may not learn that it arrived, a reader may be refused, and a listing
//! may show what was there a while ago.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt as _};
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

/// What goes wrong. Unless told otherwise, nothing does.
#[async_trait]
pub trait Faults: Send + Sync + 'static {
    /// Writes an object to `store`, or not, and gives what the writer learns.
    async fn put(&self, put: Put, store: &dyn ObjectStore) -> Result<PutResult> {
        put.to(store).await
    }

    /// Before something of an object is read.
    async fn read(&self, location: &Path) -> Result<()> {
        let _ = location;
        Ok(())
    }

    /// What a listing shows.
    fn listed(
        &self,
        objects: BoxStream<'static, Result<ObjectMeta>>,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        objects
    }
}

/// An object on its way to the store.
#[derive(Clone, Debug)]
pub struct Put {
    /// Its name.
    pub location: Path,
    /// Its bytes.
    pub payload: PutPayload,
    /// Whether it may replace another one.
    pub options: PutOptions,
}

impl Put {
    /// Arrives.
    pub async fn to(self, store: &dyn ObjectStore) -> Result<PutResult> {
        let Self {
            location,
            payload,
            options,
        } = self;
        store.put_opts(&location, payload, options).await
    }
}

/// What someone learns whose request or answer was lost.
pub fn broken() -> Error {
    Error::Generic {
        store: "FaultyStore",
        source: "the connection broke".into(),
    }
}

/// A store between the code under test and the one that keeps the objects. It
/// dereferences to its faults, so that a test can tell them what comes next.
pub struct FaultyStore<F> {
    store: Arc<dyn ObjectStore>,
    faults: F,
}

impl<F> FaultyStore<F> {
    /// What `faults` make of `store`.
    pub fn new(store: Arc<dyn ObjectStore>, faults: F) -> Self {
        Self { store, faults }
    }
}

impl<F> Deref for FaultyStore<F> {
    type Target = F;

    fn deref(&self) -> &F {
        &self.faults
    }
}

impl<F> fmt::Display for FaultyStore<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FaultyStore({})", self.store)
    }
}

impl<F> fmt::Debug for FaultyStore<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FaultyStore({:?})", self.store)
    }
}

#[async_trait]
impl<F: Faults> ObjectStore for FaultyStore<F> {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        let put = Put {
            location: location.clone(),
            payload,
            options,
        };
        self.faults.put(put, &*self.store).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.store.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.faults.read(location).await?;
        self.store.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.faults.read(location).await?;
        self.store.get_ranges(location, ranges).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.store.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.faults.listed(self.store.list(prefix)).boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.store.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.store.copy_opts(from, to, options).await
    }
}
