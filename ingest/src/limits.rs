//! What a source may cost.

/// Limits of reading. All of them bound memory; none of them loses a byte
/// without a rejected row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes that compressed data may inflate to, and bytes of a document that
    /// has to be held as a whole (anything but line by line). CloudTrail's own
    /// files stay under 50 MB.
    pub inflated_bytes_max: u64,
    /// Bytes read at once from a file of JSON lines.
    pub block_bytes: usize,
    /// Bytes kept of something rejected.
    pub original_bytes_max: usize,
    /// Limits of one record.
    pub record: trailwright_schemas::Limits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            inflated_bytes_max: 512 * 1024 * 1024,
            block_bytes: 1024 * 1024,
            original_bytes_max: 8 * 1024 * 1024,
            record: trailwright_schemas::Limits::default(),
        }
    }
}
