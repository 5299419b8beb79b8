//! A store in memory that counts reads, refuses some, and stops the process at
//! a write.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{Error, ObjectStore, PutResult, Result};
use tokio::sync::Notify;
use trailwright_faulty_store::{Faults, FaultyStore, Put};

/// The daemon is killed before or after a write to the lake, counted from 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Crash {
    pub(super) write: usize,
    pub(super) after: bool,
}

#[derive(Debug, Default)]
pub(super) struct Watched {
    crash: Option<Crash>,
    /// Told when the process is to be killed.
    pub(super) crashed: Notify,
    writes: AtomicUsize,
    reads: AtomicUsize,
    refusals: Mutex<HashMap<Path, usize>>,
}

impl Watched {
    /// What it makes of a store.
    pub(super) fn over(store: Arc<InMemory>, crash: Option<Crash>) -> Arc<FaultyStore<Self>> {
        let watched = Self {
            crash,
            ..Self::default()
        };
        Arc::new(FaultyStore::new(store, watched))
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

#[async_trait]
impl Faults for Watched {
    async fn put(&self, put: Put, store: &dyn ObjectStore) -> Result<PutResult> {
        let number = self.writes.fetch_add(1, Ordering::Relaxed);
        let crash = self.crash.filter(|crash| crash.write == number);
        if crash.is_some_and(|crash| !crash.after) {
            self.crash_here().await;
        }
        let answer = put.to(store).await?;
        if crash.is_some() {
            self.crash_here().await;
        }
        Ok(answer)
    }

    async fn read(&self, location: &Path) -> Result<()> {
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
        Ok(())
    }
}
