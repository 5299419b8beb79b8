//! A store that stops the process, or fails, at a named step of a commit.
//!
//! Every step of a commit is one object written: a file of rejected rows, its
//! log entry, the files of events, their log entry with the positions.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use object_store::path::Path;
use object_store::{Error, ObjectStore, PutResult, Result};
use trailwright_faulty_store::{Faults, FaultyStore, Put, broken};

/// `before PATH`: stands still before an object whose path has PATH in it is
/// written; `after PATH`: once it is; `fail PATH`: the first two do not arrive;
/// `full PATH`: nothing does as long as the working directory has a file `full`.
pub(super) const FAULT: &str = "TRAILWRIGHT_TEST_FAULT";
/// What is said when the process stands still, ready to be killed.
pub(super) const STANDING: &str = "standing still";
/// Objects that do not arrive.
const FAILING: usize = 2;

pub(super) fn of_environment(store: Arc<dyn ObjectStore>) -> Arc<dyn ObjectStore> {
    let fault = std::env::var(FAULT).unwrap();
    let (when, path) = fault.split_once(' ').unwrap();
    let fault = Fault {
        when: when.to_owned(),
        path: path.to_owned(),
        met: AtomicUsize::new(0),
    };
    Arc::new(FaultyStore::new(store, fault))
}

struct Fault {
    when: String,
    path: String,
    met: AtomicUsize,
}

impl Fault {
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

#[async_trait]
impl Faults for Fault {
    async fn put(&self, put: Put, store: &dyn ObjectStore) -> Result<PutResult> {
        let location = put.location.clone();
        if self.meets("before", &location) {
            self.stand_still().await;
        }
        if self.meets("fail", &location) && self.met.fetch_add(1, Ordering::SeqCst) < FAILING {
            return Err(broken());
        }
        if self.meets("full", &location) && std::path::Path::new("full").exists() {
            return Err(Error::Generic {
                store: "Faulty",
                source: Box::new(std::io::Error::from(std::io::ErrorKind::StorageFull)),
            });
        }
        let put = put.to(store).await?;
        if self.meets("after", &location) {
            self.stand_still().await;
        }
        Ok(put)
    }
}
