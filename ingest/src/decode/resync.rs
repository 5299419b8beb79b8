//! Finding the next record behind something broken.

use super::{Decoder, classify, region, scan};

impl Decoder<'_> {
    /// Index of the next object from `from`, before `before`, that is or holds
    /// a record. Gives up when it has looked at too many bytes.
    pub(super) fn next_record(
        &mut self,
        bytes: &[u8],
        from: usize,
        before: usize,
    ) -> Option<usize> {
        let mut at = from;
        while let Some(brace) = find_brace(bytes, at, before) {
            at = brace + 1;
            let has_name = bytes.get(scan::skip_space(bytes, at)) == Some(&b'"');
            if !has_name || is_member_value(&bytes[from..brace]) {
                continue;
            }
            let outline = scan::outline(bytes, brace);
            let seen = outline.seen(bytes) - brace;
            self.resync_bytes_left = self.resync_bytes_left.checked_sub(seen)?;
            if classify::has_list(bytes, &outline) {
                return Some(brace);
            }
            let Ok(end) = outline.end else { continue };
            if classify::is_or_holds_record(bytes, &outline)
                && region::check(&bytes[brace..end]).is_ok()
            {
                return Some(brace);
            }
        }
        None
    }
}

fn find_brace(bytes: &[u8], from: usize, before: usize) -> Option<usize> {
    let found = bytes
        .get(from..before)?
        .iter()
        .position(|&byte| byte == b'{')?;
    Some(from + found)
}

/// True when `"name":` stands before a value. Such an object is part of the
/// broken record, even if a lost brace made it swallow the record's members.
fn is_member_value(before: &[u8]) -> bool {
    before
        .trim_ascii_end()
        .strip_suffix(b":")
        .is_some_and(|name| name.trim_ascii_end().ends_with(b"\""))
}
