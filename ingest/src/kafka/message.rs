//! One message becomes one batch, whatever it holds.

use std::io::Read as _;

use flate2::read::ZlibDecoder;
use rdkafka::Message;
use rdkafka::message::Headers as _;
use trailwright_schemas::Reason;

use super::{KafkaSettings, TopicPartition};
use crate::decode::{Found, Piece, decode};
use crate::parse::{Batch, Context};

impl KafkaSettings {
    /// The records of a message. Offsets in it count from its first byte.
    pub(super) fn batch(&self, from: &TopicPartition, message: &impl Message) -> Batch {
        let source = self.message_source(from, message.offset());
        let encoding = content_encoding(message);
        let payload = message.payload().unwrap_or_default();
        read(payload, encoding.as_deref(), &self.context(&source))
    }
}

/// The header that producers set when the value is compressed by itself (not
/// by the client, whose compression the client takes off again).
fn content_encoding(message: &impl Message) -> Option<String> {
    let headers = message.headers()?;
    let header = headers
        .iter()
        .find(|header| header.key.eq_ignore_ascii_case("content-encoding"))?;
    let value = String::from_utf8_lossy(header.value?).trim().to_lowercase();
    Some(value)
}

fn read(payload: &[u8], encoding: Option<&str>, context: &Context<'_>) -> Batch {
    let mut batch = Batch {
        bytes_read: payload.len() as u64,
        sources_done: 1,
        ..Batch::default()
    };
    if payload.trim_ascii().is_empty() {
        let detail = "a message without a value".to_owned();
        batch.add(refused(payload, Reason::NotARecord, detail), context);
        return batch;
    }
    match encoding {
        Some("deflate") => inflate(payload, &mut batch, context),
        // gzip and zstd show in the bytes themselves.
        None | Some("" | "identity" | "gzip" | "x-gzip" | "zstd") => {
            find(payload, &mut batch, context);
        }
        Some(other) => {
            find(payload, &mut batch, context);
            for row in &mut batch.rejected {
                row.detail +=
                    &format!("; its content-encoding is {other}: gzip, zstd and deflate are read");
            }
        }
    }
    batch
}

fn find(bytes: &[u8], batch: &mut Batch, context: &Context<'_>) {
    decode(bytes, context.limits, &mut |found| {
        batch.add(found, context)
    });
}

/// `deflate` is zlib's format (RFC 9110, 8.4.1.2), which its bytes do not tell.
fn inflate(payload: &[u8], batch: &mut Batch, context: &Context<'_>) {
    let most = context.limits.inflated_bytes_max;
    let mut inflated = Vec::new();
    let read = ZlibDecoder::new(payload)
        .take(most + 1)
        .read_to_end(&mut inflated);
    let problem = match read {
        Err(error) => Some((
            Reason::CorruptGzip,
            format!("its content-encoding is deflate, but it cannot be inflated: {error}"),
        )),
        Ok(count) if count as u64 > most => Some((
            Reason::InflatedTooLarge,
            format!("inflates to more than {most} bytes"),
        )),
        Ok(_) => None,
    };
    match problem {
        None => find(&inflated, batch, context),
        Some((reason, detail)) => batch.add(refused(payload, reason, detail), context),
    }
}

fn refused(bytes: &[u8], reason: Reason, detail: String) -> Found<'_> {
    Found::Refused {
        piece: Piece { offset: 0, bytes },
        reason,
        detail,
    }
}

#[cfg(test)]
mod tests;
