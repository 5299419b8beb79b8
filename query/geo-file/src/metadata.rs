//! What a file says of itself, at its end. The type of each number is part of
//! the format.

use serde_json::json;

use crate::data::{map, text, uint16, uint32, uint64, write as value};

const MARKER: &[u8] = b"\xab\xcd\xefMaxMind.com";
/// 1 March 2026.
const BUILD_EPOCH: u64 = 1_772_323_200;

pub(crate) fn write(kind: &str, only_ipv4: bool, nodes: usize, out: &mut Vec<u8>) {
    out.extend(MARKER);
    map(9, out);
    text("binary_format_major_version", out);
    uint16(2, out);
    text("binary_format_minor_version", out);
    uint16(0, out);
    text("build_epoch", out);
    uint64(BUILD_EPOCH, out);
    text("database_type", out);
    text(kind, out);
    text("description", out);
    map(0, out);
    text("ip_version", out);
    uint16(if only_ipv4 { 4 } else { 6 }, out);
    text("languages", out);
    value(&json!(["en"]), out);
    text("node_count", out);
    uint32(u32::try_from(nodes).unwrap_or(u32::MAX), out);
    // Bits of one of the two pointers of a node.
    text("record_size", out);
    uint16(32, out);
}
