//! One store that all instances see, and the connection of each to it.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, PutPayload, PutResult, Result};
use tokio::sync::oneshot;
use trailwright_faulty_store::{Faults, Put, broken};

/// One of so many reads is refused.
const READS_PER_REFUSAL: u64 = 150;
/// One of so many listings is old.
const LISTS_PER_OLD_ONE: u64 = 8;
/// By as many objects at most.
const AGE_MAX: u64 = 3;

#[derive(Default)]
pub(super) struct Objects {
    pub(super) store: Arc<InMemory>,
    /// When each object was written last: the how manieth write it was.
    written: Mutex<HashMap<Path, u64>>,
    writes: AtomicU64,
    pub(super) calm: AtomicBool,
}

/// What becomes of an object on its way.
#[derive(Clone, Copy, Debug, Hash)]
pub(super) enum Outcome {
    Arrives,
    /// And its writer does not learn of it.
    AnswerLost,
    Lost,
    /// Half of it arrives, if it is a new file: a commit is one request, which
    /// a store takes or does not.
    Torn,
}

impl Objects {
    pub(super) async fn receive(&self, put: Put, outcome: Outcome) -> Result<PutResult> {
        match outcome {
            Outcome::Arrives => self.write(put).await,
            Outcome::AnswerLost => {
                // The writer does not learn of a refusal either.
                let _ = self.write(put).await;
                Err(broken())
            }
            Outcome::Lost => Err(broken()),
            Outcome::Torn => {
                let is_file = put.location.as_ref().ends_with(".parquet");
                let is_new = !self.written.lock().unwrap().contains_key(&put.location);
                if is_file && is_new {
                    let half = put.payload.content_length() / 2;
                    let bytes: Vec<u8> = put.payload.into_iter().flatten().take(half).collect();
                    let payload = PutPayload::from(bytes);
                    self.write(Put { payload, ..put }).await?;
                }
                Err(broken())
            }
        }
    }

    async fn write(&self, put: Put) -> Result<PutResult> {
        let location = put.location.clone();
        let written = put.to(&*self.store).await?;
        let number = self.writes.fetch_add(1, Ordering::Relaxed) + 1;
        self.written.lock().unwrap().insert(location, number);
        Ok(written)
    }
}

/// An object that an instance has sent, and waits for the answer.
pub(super) struct Request {
    pub(super) put: Put,
    pub(super) answer: oneshot::Sender<Result<PutResult>>,
}

pub(super) type Requests = Arc<Mutex<Vec<Request>>>;

/// The way of one instance to the store.
pub(super) struct Connection {
    pub(super) objects: Arc<Objects>,
    pub(super) requests: Requests,
    /// Decides which reads fail, together with how often each was asked for.
    pub(super) seed: u64,
    pub(super) asked: Mutex<HashMap<String, u64>>,
}

impl Connection {
    pub(super) fn new(objects: Arc<Objects>, seed: u64) -> Self {
        Self {
            objects,
            requests: Requests::default(),
            seed,
            asked: Mutex::default(),
        }
    }

    /// A number that only the seed, the question and its count decide: reads may
    /// come in any order, and from other threads.
    fn chance(&self, question: &str) -> u64 {
        let mut asked = self.asked.lock().unwrap();
        let count = asked.entry(question.to_owned()).or_default();
        *count += 1;
        let mut hasher = DefaultHasher::new();
        (self.seed, question, *count).hash(&mut hasher);
        hasher.finish()
    }

    fn is_calm(&self) -> bool {
        self.objects.calm.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Faults for Connection {
    async fn put(&self, put: Put, _: &dyn ObjectStore) -> Result<PutResult> {
        let (answer, answered) = oneshot::channel();
        self.requests.lock().unwrap().push(Request { put, answer });
        answered.await.unwrap_or_else(|_| Err(broken()))
    }

    async fn read(&self, location: &Path) -> Result<()> {
        let refused = self
            .chance(location.as_ref())
            .is_multiple_of(READS_PER_REFUSAL);
        if refused && !self.is_calm() {
            return Err(broken());
        }
        Ok(())
    }

    fn listed(
        &self,
        objects: BoxStream<'static, Result<ObjectMeta>>,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        let chance = self.chance("list");
        if self.is_calm() || !chance.is_multiple_of(LISTS_PER_OLD_ONE) {
            return objects;
        }
        let age = 1 + chance / LISTS_PER_OLD_ONE % AGE_MAX;
        let shown = self
            .objects
            .writes
            .load(Ordering::Relaxed)
            .saturating_sub(age);
        let written = self.objects.written.lock().unwrap().clone();
        let is_shown = move |object: &Result<ObjectMeta>| match object {
            Ok(object) => written.get(&object.location).is_none_or(|at| *at <= shown),
            Err(_) => true,
        };
        let seen = objects.filter(move |object| std::future::ready(is_shown(object)));
        seen.boxed()
    }
}
