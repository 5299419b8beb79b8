#![allow(clippy::unwrap_used)]
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{HEAD_BYTES_MAX, serve};
use crate::live::Live;
use crate::telemetry::Telemetry;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_773_043_200, 0).unwrap()
}

fn telemetry() -> Arc<Telemetry> {
    Arc::new(Telemetry::new(Duration::from_secs(300), now))
}

/// What the service answers to these bytes. A client that sends more than is
/// read may find the connection closed before it has read the answer.
async fn answer(telemetry: &Arc<Telemetry>, request: &[u8]) -> String {
    let live = Arc::new(Live::new(Arc::clone(telemetry)));
    let address = serve("127.0.0.1:0", live);
    let mut client = TcpStream::connect(address.await.unwrap()).await.unwrap();
    let _ = client.write_all(request).await;
    let _ = client.shutdown().await;
    let mut answer = Vec::new();
    let _ = client.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

async fn get(telemetry: &Arc<Telemetry>, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    answer(telemetry, request.as_bytes()).await
}

#[tokio::test]
async fn the_process_is_alive_whatever_it_waits_for_and_ready_only_when_it_can_work() {
    let telemetry = telemetry();
    let health = &telemetry.health;
    let mut said = Vec::new();
    said.push(get(&telemetry, "/healthz").await);
    said.push(get(&telemetry, "/readyz").await);
    health.lake_is_open();
    health.assigned(0);
    said.push(get(&telemetry, "/readyz?verbose").await);
    health.stopping();
    said.push(get(&telemetry, "/readyz").await);
    insta::assert_snapshot!(said.join("\n").replace('\r', ""), @r"
    HTTP/1.1 200 OK
    Content-Type: text/plain; charset=utf-8
    Content-Length: 3
    Cache-Control: no-store
    Connection: close

    ok

    HTTP/1.1 503 Service Unavailable
    Content-Type: text/plain; charset=utf-8
    Content-Length: 45
    Cache-Control: no-store
    Connection: close

    not ready
    starting: the lake is not open yet

    HTTP/1.1 200 OK
    Content-Type: text/plain; charset=utf-8
    Content-Length: 6
    Cache-Control: no-store
    Connection: close

    ready

    HTTP/1.1 503 Service Unavailable
    Content-Type: text/plain; charset=utf-8
    Content-Length: 19
    Cache-Control: no-store
    Connection: close

    not ready
    stopping
    ");
}

#[tokio::test]
async fn metrics_are_openmetrics_to_their_end() {
    let page = get(&telemetry(), "/metrics").await;
    let (head, body) = page.split_once("\r\n\r\n").unwrap();
    assert!(
        head.contains("Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8"),
        "{head}"
    );
    assert!(head.contains(&format!("Content-Length: {}", body.len())));
    assert!(body.ends_with("# EOF\n"), "{body}");
    assert!(body.contains("process_start_time_seconds 1773043200"));
}

#[tokio::test]
async fn what_is_no_question_gets_an_answer_too() {
    let telemetry = telemetry();
    let head = answer(&telemetry, b"HEAD /healthz HTTP/1.1\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 200 OK") && head.ends_with("\r\n\r\n"));
    let endless = vec![b'a'; HEAD_BYTES_MAX + 1];
    let statuses = [
        (&b"POST /metrics HTTP/1.1\r\n\r\n"[..], "405"),
        (b"GET /console HTTP/1.1\r\n\r\n", "404"),
        (b"GET /metrics HTTP/1.1\r\n", "400"),
        (b"\x16\x03\x01\x02\x00\x01\xfc\x03\x03", "400"),
        (b"", "400"),
    ];
    for (request, status) in statuses {
        let said = answer(&telemetry, request).await;
        assert!(said.contains(status), "{request:?}: {said}");
    }
    let said = answer(&telemetry, &endless).await;
    assert!(said.is_empty() || said.contains("400"), "{said}");
}

#[tokio::test]
async fn a_port_that_is_taken_is_wrong_usage_and_says_which() {
    let live = Arc::new(Live::new(telemetry()));
    let first = serve("127.0.0.1:0", Arc::clone(&live)).await.unwrap();
    let address = first.to_string();
    let second = serve(&address, live).await;
    let said = second.err().unwrap().to_string();
    assert!(
        said.contains(&address) && said.contains("--listen"),
        "{said}"
    );
}
