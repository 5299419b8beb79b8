//! A store that fails at the moment that matters: when a commit is written.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::future::BoxFuture;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, PutResult, Result};
use trailwright_faulty_store::{Faults, FaultyStore, Put, broken};

/// What happens to a commit.
pub(crate) enum Fault {
    /// It never arrives.
    Lost,
    /// It arrives, and the writer does not learn of it.
    AnswerLost,
    /// Others do this first.
    Overtaken(BoxFuture<'static, ()>),
}

#[derive(Default)]
pub(crate) struct Unreliable {
    next_commit: Mutex<Option<Fault>>,
    files_read: AtomicUsize,
}

impl Unreliable {
    pub(crate) fn new() -> Arc<FaultyStore<Self>> {
        let files = Arc::new(LocalFileSystem::new());
        Arc::new(FaultyStore::new(files, Self::default()))
    }

    /// The next commit meets this, and no later one.
    pub(crate) fn next_commit(&self, fault: Fault) {
        *self.next_commit.lock().unwrap() = Some(fault);
    }

    /// How often something was read from a data file.
    pub(crate) fn files_read(&self) -> usize {
        self.files_read.load(Ordering::Relaxed)
    }

    fn fault(&self, location: &Path) -> Option<Fault> {
        let path = location.as_ref();
        let is_commit = path.contains("/_delta_log/") && path.ends_with(".json");
        is_commit.then(|| self.next_commit.lock().unwrap().take())?
    }
}

#[async_trait]
impl Faults for Unreliable {
    async fn put(&self, put: Put, store: &dyn ObjectStore) -> Result<PutResult> {
        match self.fault(&put.location) {
            None => put.to(store).await,
            Some(Fault::Lost) => Err(broken()),
            Some(Fault::AnswerLost) => {
                put.to(store).await?;
                Err(broken())
            }
            Some(Fault::Overtaken(others)) => {
                others.await;
                put.to(store).await
            }
        }
    }

    async fn read(&self, location: &Path) -> Result<()> {
        if location.as_ref().ends_with(".parquet") {
            self.files_read.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}
