//! The port of a daemon that exists only as far as a tail can tell: it publishes,
//! stores, and says so.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use object_store::local::LocalFileSystem;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use reqwest::Response;
use trailwright_schemas::Event;
use trailwright_store::{Lake, Location};

use super::samples::{events, now};
use super::{Begin, Live, Notice, Request};
use crate::http;
use crate::telemetry::Telemetry;

struct Daemon {
    lake: Lake,
    live: Arc<Live>,
    address: String,
    /// Published, and not stored yet.
    ahead: Vec<Arc<Vec<Arc<Event>>>>,
    /// Events that there were so far.
    count: u64,
    _directory: tempfile::TempDir,
}

impl Daemon {
    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let location = Location::parse(directory.path().to_str().unwrap()).unwrap();
        let store = Arc::new(LocalFileSystem::new());
        let lake = Lake::open_or_create(location, store).await.unwrap();
        let telemetry = Arc::new(Telemetry::new(Duration::MAX, now));
        let live = Arc::new(Live::new(telemetry));
        let address = http::serve("127.0.0.1:0", Arc::clone(&live)).await.unwrap();
        live.open(&lake).await.unwrap();
        Self {
            lake,
            live,
            address: format!("http://{address}/tail"),
            ahead: Vec::new(),
            count: 0,
            _directory: directory,
        }
    }

    fn publish(&mut self, count: u64) {
        let new = events(self.count..self.count + count);
        self.count += count;
        self.live.feed.publish(&new);
        self.ahead.push(new);
    }

    async fn commit(&mut self) {
        let ahead = std::mem::take(&mut self.ahead);
        let rows: Vec<Arc<Event>> = ahead
            .iter()
            .flat_map(|events| events.iter().cloned())
            .collect();
        let append = self.lake.append(&rows, &[], &[], 0, now());
        append.await.unwrap();
        self.live.feed.committed(self.lake.version());
    }

    async fn tail(&self, begin: Begin) -> Client {
        let request = Request {
            condition: "event_name = 'GetObject'".to_owned(),
            columns: vec!["event_id".to_owned()],
            begin,
        };
        Client::ask(&format!("{}?{}", self.address, request.query())).await
    }
}

struct Client {
    response: Response,
    bytes: Vec<u8>,
}

#[derive(Debug, PartialEq)]
enum Line {
    Event(String),
    Notice(Notice),
}

impl Client {
    async fn ask(url: &str) -> Self {
        let response = reqwest::get(url).await.unwrap();
        assert_eq!(response.status(), 200);
        Self {
            response,
            bytes: Vec::new(),
        }
    }

    async fn line(&mut self) -> Line {
        let line = self.text().await;
        match Notice::read(line.as_bytes()) {
            Some(notice) => Line::Notice(notice.unwrap()),
            None => {
                let row: serde_json::Value = serde_json::from_str(&line).unwrap();
                Line::Event(row["event_id"].as_str().unwrap().to_owned())
            }
        }
    }

    async fn text(&mut self) -> String {
        loop {
            if let Some(end) = self.bytes.iter().position(|byte| *byte == b'\n') {
                return String::from_utf8(self.bytes.drain(..=end).collect()).unwrap();
            }
            let more = self.response.chunk().await.unwrap();
            self.bytes.extend(more.unwrap());
        }
    }

    /// Lines up to the one that says that this version is complete.
    async fn up_to(&mut self, version: u64) -> Vec<String> {
        let mut ids = Vec::new();
        loop {
            match self.line().await {
                Line::Event(id) => ids.push(id),
                Line::Notice(Notice::Committed { version: said }) if said >= version => return ids,
                Line::Notice(_) => {}
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_shown_before_it_is_stored_and_the_cursor_moves_when_it_is() {
    let mut daemon = Daemon::start().await;
    daemon.publish(1);
    daemon.commit().await;
    let before = daemon.lake.version();
    let mut client = daemon.tail(Begin::Newest(1)).await;
    assert_eq!(client.line().await, Line::Event("0".to_owned()));
    let cursor = |version| Line::Notice(Notice::Committed { version });
    assert_eq!(client.line().await, cursor(before));
    daemon.publish(1);
    assert_eq!(client.line().await, Line::Event("1".to_owned()));
    daemon.commit().await;
    assert_eq!(client.line().await, cursor(before + 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_between_publishing_and_storing_gets_the_rest_from_the_lake() {
    let mut daemon = Daemon::start().await;
    daemon.publish(1);
    let mut client = daemon.tail(Begin::Newest(0)).await;
    client.up_to(daemon.lake.version()).await;
    daemon.publish(1);
    daemon.commit().await;
    let got: BTreeSet<String> = client
        .up_to(daemon.lake.version())
        .await
        .into_iter()
        .collect();
    assert_eq!(got, ["0", "1"].map(str::to_owned).into());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_the_same_before_it_is_stored_and_after() {
    let mut daemon = Daemon::start().await;
    let start = daemon.lake.version();
    // All columns, and a condition with a function in it.
    let url = format!(
        "{}?where=event_time+%3C+now()&after={start}",
        daemon.address
    );
    let mut live = Client::ask(&url).await;
    live.up_to(start).await;
    daemon.publish(1);
    let shown = live.text().await;
    daemon.commit().await;
    let mut stored = Client::ask(&url).await;
    assert_eq!(stored.text().await, shown);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_answered_is_refused_with_the_reason() {
    let daemon = Daemon::start().await;
    let mut said = Vec::new();
    for query in [
        "where=decisions+%3D+1",
        "where=event_name",
        "where=event_id+IN+(SELECT+1)",
        "columns=nothing",
        "after=99",
        "from=1",
    ] {
        let response = reqwest::get(format!("{}?{query}", daemon.address))
            .await
            .unwrap();
        let status = response.status();
        said.push(format!(
            "{query}: {status}\n{}",
            response.text().await.unwrap()
        ));
    }
    insta::assert_snapshot!(said.join("\n"));
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Publish(u64),
    Commit,
    /// The tail is started again where it knows that everything before is shown.
    Resume,
    /// The tail reads all that is stored.
    Read,
    /// The tail is killed, whatever it had not read.
    Kill,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        2 => (1..4u64).prop_map(Step::Publish),
        2 => Just(Step::Commit),
        2 => Just(Step::Resume),
        1 => Just(Step::Read),
        1 => Just(Step::Kill),
    ];
    proptest::collection::vec(step, 1..12)
}

/// What a tail shows that is killed and resumed by its cursor, and what there was.
async fn shown_and_there(steps: &[Step]) -> (BTreeSet<String>, u64) {
    let mut daemon = Daemon::start().await;
    let mut shown = BTreeSet::new();
    let mut cursor = daemon.lake.version();
    let mut client = None;
    for step in steps {
        match step {
            Step::Publish(count) => daemon.publish(*count),
            Step::Commit => daemon.commit().await,
            Step::Resume => client = Some(daemon.tail(Begin::After(cursor)).await),
            Step::Read => {
                if let Some(client) = &mut client
                    && cursor < daemon.lake.version()
                {
                    cursor = daemon.lake.version();
                    shown.extend(client.up_to(cursor).await);
                }
            }
            Step::Kill => client = None,
        }
    }
    daemon.commit().await;
    let mut client = daemon.tail(Begin::After(cursor)).await;
    shown.extend(client.up_to(daemon.lake.version()).await);
    (shown, daemon.count)
}

#[test]
fn wherever_a_tail_is_killed_and_resumed_nothing_is_missed() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut runner = TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(6)
    });
    let outcome = runner.run(&steps(), |steps| {
        let (shown, count) = runtime.block_on(shown_and_there(&steps));
        let there: BTreeSet<String> = (0..count).map(|number| number.to_string()).collect();
        prop_assert_eq!(shown, there);
        Ok(())
    });
    outcome.unwrap();
}
