//! The port of the daemon: `/metrics`, `/healthz`, `/readyz` and `/tail`.

mod chunks;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub(crate) use self::chunks::Chunks;
use crate::failure::Failure;
use crate::live::{self, Live};
use crate::telemetry::{METRICS_CONTENT_TYPE, Telemetry};

/// So long a client may take to ask, and so long to listen.
const WITHIN: Duration = Duration::from_secs(10);
/// Clients that are answered at the same time; others wait. Tails are not counted,
/// which have places of their own.
const CLIENTS_MAX: usize = 16;
/// Bytes of the head of a request.
const HEAD_BYTES_MAX: usize = 8 * 1024;
const HEADERS_MAX: usize = 64;
const TEXT: &str = "text/plain; charset=utf-8";

/// Why something that has no page is not answered.
pub(crate) struct Refusal(Answer);

impl Refusal {
    /// What was asked is wrong.
    pub(crate) fn usage(why: impl Into<String>) -> Self {
        Self(Answer::text("400 Bad Request", why.into() + "\n"))
    }

    /// It may work later.
    pub(crate) fn later(why: impl Into<String>) -> Self {
        Self(Answer::text("503 Service Unavailable", why.into() + "\n"))
    }
}

struct Answer {
    status: &'static str,
    content_type: &'static str,
    body: String,
}

/// Begins to answer on `address`, such as `127.0.0.1:9464`, until the runtime
/// ends. In a task of its own: the one that labels is busy for seconds at times.
pub(crate) async fn serve(address: &str, live: Arc<Live>) -> Result<SocketAddr, Failure> {
    let failed = |error: io::Error| {
        Failure::usage(format!(
            "cannot listen on {address:?} (--listen, [service] listen): {error}; give an address and a free port, \
             such as 127.0.0.1:9464"
        ))
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let local = listener.local_addr().map_err(failed)?;
    tokio::spawn(accept(listener, live));
    tracing::info!(
        target: "service",
        address = %local,
        "listening on http://{local} (/metrics, /healthz, /readyz, /tail)"
    );
    Ok(local)
}

async fn accept(listener: TcpListener, live: Arc<Live>) {
    let places = Arc::new(Semaphore::new(CLIENTS_MAX));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let client = match listener.accept().await {
            Ok((client, _)) => client,
            Err(error) => {
                // Such as too many open files, which passes.
                tracing::warn!(target: "service", "cannot take a connection: {error}");
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
        };
        let live = Arc::clone(&live);
        tokio::spawn(async move {
            if let Err(error) = answer(client, &live, place).await {
                tracing::debug!(target: "service", "a client went away: {error}");
            }
        });
    }
}

async fn answer(mut client: TcpStream, live: &Live, place: OwnedSemaphorePermit) -> io::Result<()> {
    let head = tokio::time::timeout(WITHIN, read_head(&mut client)).await??;
    let (method, answer) = match parse(&head) {
        Some((Method::Get, "/tail", query)) => {
            drop(place);
            match live::answer(&mut client, query, live).await? {
                Ok(()) => return Ok(()),
                Err(Refusal(answer)) => (Method::Get, answer),
            }
        }
        Some((method, path, _)) => (method, page(method, path, &live.telemetry)),
        None => (
            Method::Get,
            Answer::text("400 Bad Request", "not a request\n"),
        ),
    };
    tell(client, method, answer).await
}

async fn tell(mut client: TcpStream, method: Method, answer: Answer) -> io::Result<()> {
    let Answer {
        status,
        content_type,
        body,
    } = answer;
    let length = body.len();
    let mut response = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\
         Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    );
    if method != Method::Head {
        response += &body;
    }
    let told = async {
        client.write_all(response.as_bytes()).await?;
        client.shutdown().await
    };
    tokio::time::timeout(WITHIN, told).await?
}

/// Reads up to the empty line, or to what may be read.
async fn read_head(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut client = client.take(HEAD_BYTES_MAX as u64);
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if client.read_buf(&mut head).await? == 0 {
            break;
        }
    }
    Ok(head)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Get,
    Head,
    Other,
}

/// Method, path and query of a request.
fn parse(head: &[u8]) -> Option<(Method, &str, &str)> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut request = httparse::Request::new(&mut headers);
    if !request.parse(head).ok()?.is_complete() {
        return None;
    }
    let method = match request.method? {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        _ => Method::Other,
    };
    let path = request.path?;
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    Some((method, path, query))
}

fn page(method: Method, path: &str, telemetry: &Telemetry) -> Answer {
    if method == Method::Other {
        return Answer::text("405 Method Not Allowed", "GET or HEAD\n");
    }
    match path {
        "/healthz" => Answer::text("200 OK", "ok\n"),
        "/readyz" => match &telemetry.health.not_ready()[..] {
            [] => Answer::text("200 OK", "ready\n"),
            reasons => Answer::text(
                "503 Service Unavailable",
                format!("not ready\n{}\n", reasons.join("\n")),
            ),
        },
        "/metrics" => match telemetry.page() {
            Ok(body) => Answer {
                status: "200 OK",
                content_type: METRICS_CONTENT_TYPE,
                body,
            },
            Err(error) => Answer::text("500 Internal Server Error", format!("{error}\n")),
        },
        "/tail" => Answer::text("405 Method Not Allowed", "GET\n"),
        _ => Answer::text("404 Not Found", "/metrics, /healthz, /readyz or /tail\n"),
    }
}

impl Answer {
    fn text(status: &'static str, body: impl Into<String>) -> Self {
        Self {
            status,
            content_type: TEXT,
            body: body.into(),
        }
    }
}

#[cfg(test)]
mod tests;
