//! A response whose length nobody knows when it begins.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncWriteExt as _, BufWriter};
use tokio::net::TcpStream;

/// A client that takes nothing for so long is gone.
const STALLED_MAX: Duration = Duration::from_secs(600);

/// The body, in chunks (RFC 9112, 7.1).
pub(crate) struct Chunks<'c> {
    client: BufWriter<&'c mut TcpStream>,
}

impl<'c> Chunks<'c> {
    pub(crate) async fn begin(client: &'c mut TcpStream, content_type: &str) -> io::Result<Self> {
        let mut chunks = Self {
            client: BufWriter::new(client),
        };
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n\
             Cache-Control: no-store\r\nConnection: close\r\n\r\n"
        );
        chunks.write(&[head.as_bytes()]).await?;
        Ok(chunks)
    }

    /// Sends a chunk that is not empty, and waits until the client takes it.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let length = format!("{:x}\r\n", bytes.len());
        self.write(&[length.as_bytes(), bytes, b"\r\n"]).await
    }

    /// Ends the body.
    pub(crate) async fn end(mut self) -> io::Result<()> {
        self.write(&[b"0\r\n\r\n"]).await?;
        self.client.shutdown().await
    }

    async fn write(&mut self, parts: &[&[u8]]) -> io::Result<()> {
        let written = async {
            for part in parts {
                self.client.write_all(part).await?;
            }
            self.client.flush().await
        };
        tokio::time::timeout(STALLED_MAX, written).await?
    }
}
