//! One tail that the daemon serves: what is stored already, then what comes.

use std::io;
use std::time::Duration;

use tokio::net::TcpStream;
use trailwright_query::{Answer, QueryError, Selection, Session, Tables, json_lines};
use trailwright_store::{Lake, LakeError};

use super::feed::{Heard, Reader};
use super::{Begin, Live, Notice, Request, TAILS_MAX};
use crate::http::{Chunks, Refusal};
use crate::telemetry::Telemetry;

/// After so long without anything the cursor is said again.
const SILENCE_MAX: Duration = Duration::from_secs(10);
/// Events that are chosen and written at a time.
const EVENTS_AT_A_TIME: usize = 1024;
const JSON_LINES: &str = "application/x-ndjson; charset=utf-8";

/// Why a tail ends.
enum End {
    /// The client is gone, or takes nothing any more.
    Gone(io::Error),
    /// Something does not work here.
    Failed(String),
}

/// Answers `GET /tail?query` until the client goes away.
pub(crate) async fn answer(
    client: &mut TcpStream,
    query: &str,
    live: &Live,
) -> io::Result<Result<(), Refusal>> {
    let Ok(_place) = live.places.try_acquire() else {
        return Ok(Err(Refusal::later(format!(
            "{TAILS_MAX} tails are being served, which is the most"
        ))));
    };
    let prepared = match prepare(query, live).await {
        Ok(prepared) => prepared,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let (request, selection, lake) = prepared;
    let mut tail = Tail {
        cursor: lake.version(),
        selection,
        lake,
        out: Chunks::begin(client, JSON_LINES).await?,
        lines: Vec::new(),
        telemetry: &live.telemetry,
    };
    live.telemetry.tail_began();
    let end = tail.run(request.begin, live).await;
    live.telemetry.tail_ended();
    match end {
        Err(End::Gone(error)) => Err(error),
        Err(End::Failed(why)) => {
            tracing::warn!(target: "service", "a tail ended: {why}");
            tail.say(Notice::Failed { why }).await.or_else(End::gone)?;
            tail.out.end().await.map(Ok)
        }
        Ok(()) => tail.out.end().await.map(Ok),
    }
}

async fn prepare(query: &str, live: &Live) -> Result<(Request, Selection, Lake), Refusal> {
    let request = Request::parse(query).map_err(Refusal::usage)?;
    let selection = request.selection();
    let selection = selection.map_err(|error| Refusal::usage(error.to_string()))?;
    let Some(lake) = live.lake.get() else {
        return Err(Refusal::later("the lake is not open yet"));
    };
    let lake = lake.reopen().await;
    let lake = lake.map_err(|error| Refusal::later(error.to_string()))?;
    if let Begin::After(version) = request.begin
        && let Err(error @ LakeError::NoSuchVersion { .. }) = lake.events_after(version).await
    {
        return Err(Refusal::usage(error.to_string()));
    }
    Ok((request, selection, lake))
}

struct Tail<'c> {
    selection: Selection,
    /// Of its own, so that no commit waits for it.
    lake: Lake,
    /// Everything up to this version of the table of events was sent.
    cursor: u64,
    out: Chunks<'c>,
    /// What is to be sent next.
    lines: Vec<u8>,
    telemetry: &'c Telemetry,
}

impl Tail<'_> {
    async fn run(&mut self, begin: Begin, live: &Live) -> Result<(), End> {
        match begin {
            Begin::Newest(0) => {}
            Begin::Newest(rows) => {
                let session = Session::begin(&self.lake, Tables::Whole).await?;
                let newest = session.select(&self.selection, Some(rows)).await?;
                self.send_all(newest).await?;
            }
            Begin::After(version) => self.cursor = version,
        }
        // What is published while the lake is read is kept; if that takes so long
        // that some is lost, the lake has more to read by then.
        let mut reader = live.feed.read();
        self.catch_up().await?;
        while reader.is_behind() {
            reader = live.feed.read();
            self.catch_up().await?;
        }
        self.say_cursor().await?;
        self.follow(reader).await
    }

    async fn follow(&mut self, mut reader: Reader) -> Result<(), End> {
        loop {
            match tokio::time::timeout(SILENCE_MAX, reader.next()).await {
                Err(_) => self.say_cursor().await?,
                Ok(Heard::Events(events)) => {
                    for events in events.chunks(EVENTS_AT_A_TIME) {
                        let sent = self.selection.write(events, &mut self.lines)?;
                        self.send(sent).await?;
                    }
                }
                Ok(Heard::Committed { version, whole }) => {
                    match whole {
                        true => self.cursor = self.cursor.max(version),
                        false => self.catch_up().await?,
                    }
                    self.say_cursor().await?;
                }
                Ok(Heard::Missed(events)) => {
                    self.telemetry.tail_missed(events);
                    let after = self.cursor;
                    self.say(Notice::Missed { events, after }).await?;
                }
            }
        }
    }

    /// Sends what was stored since the cursor.
    async fn catch_up(&mut self) -> Result<(), End> {
        self.lake.refresh().await?;
        for later in self.lake.events_after(self.cursor).await? {
            let session = Session::begin(&self.lake, Tables::Later(later)).await?;
            let stored = session.select(&self.selection, None).await?;
            self.send_all(stored).await?;
        }
        self.cursor = self.lake.version();
        Ok(())
    }

    async fn send_all(&mut self, mut answer: Answer) -> Result<(), End> {
        while let Some(batch) = answer.next().await? {
            json_lines(&batch, &mut self.lines)?;
            self.send(batch.num_rows()).await?;
        }
        Ok(())
    }

    /// Sends the lines there are, which hold so many events.
    async fn send(&mut self, events: usize) -> Result<(), End> {
        if !self.lines.is_empty() {
            self.out.send(&self.lines).await?;
            self.lines.clear();
            self.telemetry.tail_sent(events);
        }
        Ok(())
    }

    async fn say_cursor(&mut self) -> Result<(), End> {
        let version = self.cursor;
        self.say(Notice::Committed { version }).await
    }

    async fn say(&mut self, notice: Notice) -> Result<(), End> {
        let line = notice.line().map_err(io::Error::from)?;
        Ok(self.out.send(&line).await?)
    }
}

impl End {
    fn gone(self) -> io::Result<()> {
        match self {
            Self::Gone(error) => Err(error),
            Self::Failed(why) => Err(io::Error::other(why)),
        }
    }
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        Self::Gone(error)
    }
}

impl From<LakeError> for End {
    fn from(error: LakeError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<QueryError> for End {
    fn from(error: QueryError) -> Self {
        Self::Failed(error.to_string())
    }
}
