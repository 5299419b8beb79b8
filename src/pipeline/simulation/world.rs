//! What happens next, and to whom.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::future::poll_fn;
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::Duration;

use object_store::ObjectStore;
use tokio::sync::watch;
use tokio::task::JoinSet;
use trailwright_enrich::LabelOptions;
use trailwright_faulty_store::{FaultyStore, Put};
use trailwright_store::{Lake, Location};

use super::chance::Chance;
use super::group::{Group, Member};
use super::load::{Load, now};
use super::store::{Connection, Objects, Outcome, Requests};
use crate::config::Config;
use crate::failure::Failure;
use crate::kafka::{self, Kafka};
use crate::labelling::Labelling;
use crate::live::Feed;
use crate::patient_lake::PatientLake;
use crate::pipeline::follow::follow;
use crate::pipeline::{Stages, Summary};
use crate::sources::Sources;
use crate::telemetry::Telemetry;

const LAKE: &str = "s3://simulated/lake";
const INSTANCES_MAX: usize = 3;
/// Nobody asks whether an instance is ready.
const STUCK_AFTER: Duration = Duration::MAX;
/// Commits of a few messages, and relabelling now and then.
const SETTINGS: &str = "[commit]\nrows_max = 6\nseconds_max = 0.2\nrelabel_seconds = 2\n";
/// Steps of time: less than a commit waits, more, and until labels are settled.
const MOMENTS: [Duration; 3] = [
    Duration::from_millis(50),
    Duration::from_millis(250),
    Duration::from_millis(2_100),
];
/// Rounds in which all must have come to rest.
const ROUNDS_MAX: usize = 2_000;

pub(super) struct World {
    chance: Chance,
    group: Rc<RefCell<Group>>,
    objects: Arc<Objects>,
    instances: BTreeMap<usize, Instance>,
    /// What processes sent before they ended.
    adrift: Vec<Put>,
    started: usize,
    course: Course,
    /// Whether it says what happens.
    talks: bool,
}

/// A hash of everything that happened.
type Course = Rc<RefCell<DefaultHasher>>;

struct Instance {
    life: Pin<Box<dyn Future<Output = Result<Summary, Failure>>>>,
    requests: Requests,
    /// It has opened the lake.
    runs: Rc<Cell<bool>>,
    telemetry: Arc<Telemetry>,
    stop: watch::Sender<bool>,
}

impl Instance {
    fn puts_events(&self) -> bool {
        let requests = self.requests.lock().unwrap();
        let mut places = requests.iter().map(|request| &request.put.location);
        places.any(|place| place.as_ref().contains("events/trail_region="))
    }
}

impl World {
    pub(super) fn new(load: &Load, seed: u64, talks: bool) -> Self {
        let mut world = Self {
            chance: Chance::new(seed),
            group: Rc::new(RefCell::new(Group::new(load.topic.clone()))),
            objects: Arc::new(Objects::default()),
            instances: BTreeMap::new(),
            adrift: Vec::new(),
            started: 0,
            course: Course::default(),
            talks,
        };
        world.start();
        world
    }

    /// Stands for everything that happened.
    pub(super) fn course(&self) -> u64 {
        self.course.borrow().finish()
    }

    fn note(&self, what: impl Hash + Debug) {
        if self.talks {
            println!("{what:?}");
        }
        what.hash(&mut *self.course.borrow_mut());
    }

    /// `count` things happen.
    pub(super) async fn turmoil(&mut self, count: usize) {
        for _ in 0..count {
            match self.chance.below(100) {
                0..45 => self.some_request_is_decided().await,
                45..68 => self.a_message_comes().await,
                68..78 => self.topic_partitions_move().await,
                78..88 => self.time_passes().await,
                88..93 => self.a_process_ends(),
                93..97 => self.start(),
                _ => self.something_adrift_arrives().await,
            }
        }
    }

    /// Nothing goes wrong any more. Everything is read and stored, and then all
    /// are asked to stop.
    pub(super) async fn calm(&mut self) {
        self.objects.calm.store(true, Ordering::Relaxed);
        while !self.adrift.is_empty() {
            self.something_adrift_arrives().await;
        }
        let mut rounds = 0;
        while self.goes_on().await {
            rounds += 1;
            assert!(rounds < ROUNDS_MAX, "it does not come to rest");
        }
        for instance in self.instances.values() {
            instance.stop.send_replace(true);
        }
        for _ in 0..ROUNDS_MAX {
            if self.instances.is_empty() {
                return;
            }
            self.all_go_on().await;
            self.all_requests_are_answered().await;
        }
        panic!("they do not stop");
    }

    /// Messages come until the first instance puts events. True when it takes up
    /// another message before they arrive.
    pub(super) async fn reads_while_it_puts_events(&mut self) -> bool {
        let id = 0;
        self.objects.calm.store(true, Ordering::Relaxed);
        self.group.borrow_mut().assign(&mut self.chance);
        while !self.instances[&id].puts_events() {
            if !self.is_decided(id, Outcome::Arrives).await {
                self.group.borrow_mut().deliver(id, &mut self.chance);
                tokio::time::advance(MOMENTS[1]).await;
                self.goes_on_alone(id).await;
            }
        }
        let comes = self.group.borrow_mut().deliver(id, &mut self.chance);
        self.goes_on_alone(id).await;
        assert!(comes && self.instances[&id].puts_events());
        self.group.borrow().waits(id)
    }

    /// True when something happened besides time.
    async fn goes_on(&mut self) -> bool {
        if self.instances.is_empty() {
            self.start();
        }
        let mut happened = self.group.borrow_mut().tell_losses();
        happened |= self.group.borrow_mut().assign(&mut self.chance);
        for id in self.instances.keys() {
            while self.group.borrow_mut().deliver(*id, &mut self.chance) {
                happened = true;
            }
        }
        tokio::time::advance(MOMENTS[1]).await;
        self.all_go_on().await;
        happened | self.all_requests_are_answered().await
    }

    pub(super) async fn lake(&self) -> Lake {
        let location = Location::parse(LAKE).unwrap();
        Lake::open(location, self.objects.store.clone())
            .await
            .unwrap()
    }

    /// A process starts, unless there are enough.
    fn start(&mut self) {
        if self.instances.len() == INSTANCES_MAX {
            return;
        }
        let id = self.started;
        self.started += 1;
        self.note(("starts", id));
        let connection = Connection::new(self.objects.clone(), self.chance.next());
        let requests = connection.requests.clone();
        let store = Arc::new(FaultyStore::new(self.objects.store.clone(), connection));
        let member = Member::join(&self.group, id);
        let looked_at = self.chance.one_in(2);
        let (stop, stopped) = watch::channel(false);
        let runs = Rc::new(Cell::new(false));
        let telemetry = Arc::new(Telemetry::new(STUCK_AFTER, now));
        let life = life(
            store,
            member,
            stopped,
            runs.clone(),
            telemetry.clone(),
            looked_at,
        );
        let instance = Instance {
            life: Box::pin(life),
            requests,
            runs,
            telemetry,
            stop,
        };
        self.instances.insert(id, instance);
    }

    /// What it sent may still arrive.
    fn a_process_ends(&mut self) {
        let ids: Vec<usize> = self.instances.keys().copied().collect();
        let Some(id) = self.chance.pick(&ids) else {
            return;
        };
        self.note(("ends", id));
        let Some(instance) = self.instances.remove(&id) else {
            return;
        };
        let requests = std::mem::take(&mut *instance.requests.lock().unwrap());
        drop(instance);
        self.adrift
            .extend(requests.into_iter().map(|request| request.put));
        self.group.borrow_mut().remove(id);
    }

    /// Or it is lost.
    async fn something_adrift_arrives(&mut self) {
        if self.adrift.is_empty() {
            return;
        }
        let put = self.adrift.remove(self.chance.below(self.adrift.len()));
        if self.chance.one_in(2) {
            self.note(("adrift", put.location.as_ref()));
            // Nobody waits for the answer.
            drop(self.objects.receive(put, Outcome::Arrives).await);
        }
    }

    async fn topic_partitions_move(&mut self) {
        let kind = self.chance.below(4);
        self.note(("moves", kind));
        {
            let mut group = self.group.borrow_mut();
            match kind {
                0 => group.ask_back(&mut self.chance),
                1 => group.take_away(&mut self.chance),
                2 => drop(group.tell_losses()),
                _ => {}
            }
            group.assign(&mut self.chance);
        }
        self.all_go_on().await;
    }

    async fn time_passes(&mut self) {
        let moment = MOMENTS[self.chance.below(MOMENTS.len())];
        tokio::time::advance(moment).await;
        self.all_go_on().await;
    }

    async fn a_message_comes(&mut self) {
        let ids: Vec<usize> = self.instances.keys().copied().collect();
        if let Some(id) = self.chance.pick(&ids) {
            self.group.borrow_mut().deliver(id, &mut self.chance);
            self.goes_on_alone(id).await;
        }
    }

    async fn some_request_is_decided(&mut self) {
        let asks = |instance: &Instance| !instance.requests.lock().unwrap().is_empty();
        let asking = self.instances.iter().filter(|(_, it)| asks(it));
        let asking: Vec<usize> = asking.map(|(id, _)| *id).collect();
        if let Some(id) = self.chance.pick(&asking) {
            let outcome = match self.chance.below(20) {
                0 => Outcome::Lost,
                1 => Outcome::Torn,
                2 | 3 => Outcome::AnswerLost,
                _ => Outcome::Arrives,
            };
            self.is_decided(id, outcome).await;
        }
    }

    async fn all_requests_are_answered(&mut self) -> bool {
        let mut answered = false;
        for id in self.instances.keys().copied().collect::<Vec<_>>() {
            while self.is_decided(id, Outcome::Arrives).await {
                answered = true;
            }
        }
        answered
    }

    /// False when `id` has sent nothing.
    async fn is_decided(&mut self, id: usize, outcome: Outcome) -> bool {
        let Some(instance) = self.instances.get(&id) else {
            return false;
        };
        let request = instance.requests.lock().unwrap().pop();
        let Some(request) = request else {
            return false;
        };
        self.note((id, request.put.location.as_ref(), outcome));
        let received = self.objects.receive(request.put, outcome).await;
        drop(request.answer.send(received));
        self.goes_on_alone(id).await;
        true
    }

    async fn all_go_on(&mut self) {
        for id in self.instances.keys().copied().collect::<Vec<_>>() {
            self.goes_on_alone(id).await;
        }
    }

    /// One instance runs until it waits for the broker or the store. Waiting for
    /// time, after the store refused something, makes time pass.
    async fn goes_on_alone(&mut self, id: usize) {
        let Some(instance) = self.instances.get_mut(&id) else {
            return;
        };
        let ended = poll_fn(|context| {
            self.group.borrow_mut().goes_on(id);
            let polled = instance.life.as_mut().poll(context);
            let asks = !instance.requests.lock().unwrap().is_empty();
            // While it stores it reads on, too.
            let waits = self.group.borrow().waits(id) && !instance.telemetry.health.is_in_a_step();
            match polled {
                Poll::Ready(result) => Poll::Ready(Some(result)),
                Poll::Pending if asks || waits => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            }
        })
        .await;
        let Some(result) = ended else { return };
        if let Err(failure) = result {
            // A supervisor starts it again.
            assert!(!instance.runs.get(), "it gave up: {failure:?}");
        }
        self.note(("over", id));
        self.instances.remove(&id);
        self.group.borrow_mut().remove(id);
    }
}

/// A process, as `trailwright run` is one.
async fn life(
    store: Arc<dyn ObjectStore>,
    member: Member,
    stopped: watch::Receiver<bool>,
    runs: Rc<Cell<bool>>,
    telemetry: Arc<Telemetry>,
    looked_at: bool,
) -> Result<Summary, Failure> {
    let config = Config::parse(SETTINGS).unwrap();
    let mut lake = Lake::open_or_create(Location::parse(LAKE)?, store).await?;
    let labelling = Labelling::begin(&mut lake, &[], LabelOptions::default(), now());
    let stages = Stages {
        labelling: labelling.await?,
        router: config.router()?,
        commit: config.commit,
    };
    runs.set(true);
    let member = kafka::Member::Simulated(member);
    let sources = Sources {
        kafka: Some(Kafka::new(member, stopped.clone(), telemetry.clone())),
        objects: None,
        stop: stopped.clone(),
        telemetry: telemetry.clone(),
    };
    let lake = PatientLake::new(lake, stopped, telemetry.clone(), now);
    let (_changes, reloads) = watch::channel(None);
    let feed: Arc<Feed> = Arc::default();
    // It never reads, which must not matter.
    let _reader = looked_at.then(|| feed.read());
    let beside = JoinSet::new();
    follow(sources, stages, lake, beside, reloads, telemetry, feed).await
}
