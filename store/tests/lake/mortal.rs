//! A store whose client dies at one of the changes it makes.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, ObjectStoreExt as _, PutMultipartOptions, PutOptions, PutPayload, PutResult,
    Result,
};

pub(crate) struct Mortal(Arc<State>);

struct State {
    files: LocalFileSystem,
    changes: AtomicUsize,
    last: usize,
    /// Whether the last change still arrives.
    arrives: bool,
    dead: AtomicBool,
}

impl Mortal {
    /// Dies when it makes the change number `last`, counted from 0: before it
    /// arrives, or after.
    pub(crate) fn at(last: usize, arrives: bool) -> Arc<Self> {
        Arc::new(Self(Arc::new(State {
            files: LocalFileSystem::new(),
            changes: AtomicUsize::new(0),
            last,
            arrives,
            dead: AtomicBool::new(false),
        })))
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.0.dead.load(Ordering::Relaxed)
    }
}

impl State {
    fn alive(&self) -> Result<()> {
        match self.dead.load(Ordering::Relaxed) {
            false => Ok(()),
            true => Err(dead()),
        }
    }

    /// Whether the next change arrives, and whether its answer does.
    fn change(&self) -> Result<bool> {
        self.alive()?;
        if self.changes.fetch_add(1, Ordering::Relaxed) < self.last {
            return Ok(true);
        }
        self.dead.store(true, Ordering::Relaxed);
        match self.arrives {
            true => Ok(false),
            false => Err(dead()),
        }
    }
}

fn dead() -> Error {
    Error::Generic {
        store: "Mortal",
        source: "the process was killed".into(),
    }
}

impl fmt::Display for Mortal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mortal")
    }
}

impl fmt::Debug for Mortal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mortal")
    }
}

#[async_trait]
impl ObjectStore for Mortal {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        let answered = self.0.change()?;
        let put = self.0.files.put_opts(location, payload, options).await?;
        answered.then_some(put).ok_or_else(dead)
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.0.alive()?;
        self.0.files.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.0.alive()?;
        self.0.files.get_opts(location, options).await
    }

    async fn get_ranges(
        &self,
        location: &Path,
        ranges: &[std::ops::Range<u64>],
    ) -> Result<Vec<Bytes>> {
        self.0.alive()?;
        self.0.files.get_ranges(location, ranges).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let state = self.0.clone();
        let delete = move |location: Result<Path>| {
            let state = state.clone();
            async move {
                let (location, answered) = (location?, state.change()?);
                state.files.delete(&location).await?;
                answered.then_some(location).ok_or_else(dead)
            }
        };
        locations.then(delete).boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        match self.0.alive() {
            Ok(()) => self.0.files.list(prefix),
            Err(error) => stream::once(async { Err(error) }).boxed(),
        }
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.0.alive()?;
        self.0.files.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        let answered = self.0.change()?;
        self.0.files.copy_opts(from, to, options).await?;
        answered.then_some(()).ok_or_else(dead)
    }
}
