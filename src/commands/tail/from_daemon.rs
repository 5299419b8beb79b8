//! The tail of a daemon, over its port. When the connection breaks it is made
//! again, with what came since.

use std::io::Write;
use std::time::Duration;

use reqwest::{Client, Response, StatusCode};
use url::Url;

use super::backoff::Backoff;
use super::cursor::Cursor;
use super::printer::Printer;
use crate::failure::Failure;
use crate::live::{Begin, Notice, Request};

/// A daemon says something every ten seconds.
const SILENCE_MAX: Duration = Duration::from_secs(30);
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// How a connection came to its end.
enum Over {
    /// What was asked for is shown.
    Done,
    /// It broke, and why.
    Broken(String),
}

pub(super) async fn tail<W: Write>(
    daemon: &str,
    mut request: Request,
    follow: bool,
    printer: &mut Printer<W>,
    cursor: &mut Cursor,
) -> Result<(), Failure> {
    let url = url(daemon)?;
    let client = Client::builder()
        .connect_timeout(CONNECT_WITHIN)
        .read_timeout(SILENCE_MAX)
        .build();
    let client = client.map_err(|error| Failure::internal(words(error)))?;
    let mut backoff = Backoff::new();
    let mut was_there = false;
    loop {
        let over = match ask(&client, &url, &request).await? {
            Ok(response) => {
                if std::mem::replace(&mut was_there, true) {
                    tracing::warn!(target: "trailwright", "{daemon} answers again");
                }
                backoff.end();
                read(response, follow, printer, cursor).await?
            }
            Err(why) if was_there => Over::Broken(why),
            Err(why) => {
                return Err(Failure::unreachable(format!(
                    "{why}: is it running, with --listen? Without --from the lake is read"
                )));
            }
        };
        match over {
            Over::Done => return Ok(()),
            Over::Broken(why) => backoff.wait(&why).await,
        }
        if let Some(version) = cursor.version() {
            request.begin = Begin::After(version);
        }
    }
}

/// `http://host:port/tail`; the scheme may be left out.
fn url(daemon: &str) -> Result<Url, Failure> {
    let whole = match daemon.contains("://") {
        true => daemon.to_owned(),
        false => format!("http://{daemon}"),
    };
    let url = Url::parse(&whole).and_then(|url| url.join("tail"));
    url.map_err(|error| {
        Failure::usage(format!(
            "--from {daemon} is no address: {error}; give http://HOST:PORT"
        ))
    })
}

/// The answer, or why there is none for now.
async fn ask(
    client: &Client,
    url: &Url,
    request: &Request,
) -> Result<Result<Response, String>, Failure> {
    let mut url = url.clone();
    url.set_query(Some(&request.query()));
    let place = url.authority().to_owned();
    let response = match client.get(url).send().await {
        Ok(response) => response,
        Err(error) => return Ok(Err(format!("{place}: {}", words(error)))),
    };
    let status = response.status();
    if status == StatusCode::OK {
        return Ok(Ok(response));
    }
    let why = response.text().await.unwrap_or_default();
    let why = why.trim();
    match status {
        StatusCode::BAD_REQUEST => Err(Failure::usage(why)),
        StatusCode::NOT_FOUND => Err(Failure::usage(format!(
            "{place} has no /tail: give --from the address of `trailwright run --listen`"
        ))),
        _ => Ok(Err(format!("{place} says {status}: {why}"))),
    }
}

async fn read<W: Write>(
    mut response: Response,
    follow: bool,
    printer: &mut Printer<W>,
    cursor: &mut Cursor,
) -> Result<Over, Failure> {
    let mut lines = Lines::default();
    loop {
        let bytes = match response.chunk().await {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(Over::Broken("the daemon ended the connection".to_owned())),
            Err(error) => return Ok(Over::Broken(words(error))),
        };
        lines.add(&bytes);
        while let Some(line) = lines.next() {
            let Some(notice) = Notice::read(line) else {
                printer.line(line)?;
                continue;
            };
            let notice = notice.map_err(|error| {
                Failure::internal(format!(
                    "the daemon says something that is not known here: {error}"
                ))
            })?;
            printer.flush()?;
            match notice {
                Notice::Committed { version } => {
                    cursor.move_to(version)?;
                    if !follow {
                        return Ok(Over::Done);
                    }
                }
                Notice::Missed { events, after } => tracing::warn!(
                    target: "trailwright",
                    events,
                    "{events} events came faster than they are read here and are left out; \
                     the lake has them: trailwright tail --after {after}"
                ),
                Notice::Failed { why } => return Ok(Over::Broken(why)),
            }
        }
        printer.flush()?;
    }
}

/// Lines of what comes in pieces.
#[derive(Default)]
struct Lines {
    bytes: Vec<u8>,
    read: usize,
}

impl Lines {
    fn add(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.read);
        self.read = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole line, with its end.
    fn next(&mut self) -> Option<&[u8]> {
        let rest = &self.bytes[self.read..];
        let end = rest.iter().position(|byte| *byte == b'\n')? + 1;
        let line = self.read..self.read + end;
        self.read = line.end;
        Some(&self.bytes[line])
    }
}

/// An error with its causes, without the address that is asked.
fn words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let first: &(dyn std::error::Error + 'static) = &error;
    let causes = std::iter::successors(Some(first), |error| (*error).source());
    let causes: Vec<String> = causes.map(ToString::to_string).collect();
    causes.join(": ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Lines, url};

    #[test]
    fn lines_come_whole_however_they_are_cut() {
        let text = b"one\ntwo\n\nthree\n";
        for size in 1..text.len() {
            let mut lines = Lines::default();
            let mut found = Vec::new();
            for piece in text.chunks(size) {
                lines.add(piece);
                while let Some(line) = lines.next() {
                    found.extend_from_slice(line);
                    found.push(b'|');
                }
            }
            assert_eq!(found, b"one\n|two\n|\n|three\n|", "{size}");
        }
    }

    #[test]
    fn a_daemon_may_be_named_with_and_without_scheme() {
        for daemon in [
            "127.0.0.1:9464",
            "http://127.0.0.1:9464",
            "http://127.0.0.1:9464/",
        ] {
            assert_eq!(url(daemon).unwrap().as_str(), "http://127.0.0.1:9464/tail");
        }
        assert!(url("http://:9464").is_err());
    }
}
