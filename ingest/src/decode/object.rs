//! One object: a record, an envelope, or something else that CloudTrail and
//! its transports write.

use trailwright_schemas::Reason;

use super::classify::{self, Carrier};
use super::region::{Region, check};
use super::scan::{self, Broken, Outline};
use super::{Decoder, Text};

impl Decoder<'_> {
    /// Handles the object that begins at `start`; says where to go on.
    pub(super) fn object(
        &mut self,
        text: Text<'_>,
        start: usize,
        depth: u32,
        region: Region,
    ) -> usize {
        let outline = scan::outline(text.bytes, start);
        let depth_of_content = depth + u32::from(region == Region::Top);
        if classify::has_list(text.bytes, &outline) {
            return self.lists(text, start, &outline, depth);
        }
        let end = match outline.end {
            Ok(end) => end,
            Err(broken) => return self.broken_object(text, start, broken),
        };
        match check(&text.bytes[start..end]) {
            Ok(()) if goes_on(text.bytes, end, &outline) => {
                let all = text.bytes.len();
                let detail = "closed by a brace before its last member";
                self.malformed(text, start, all, Reason::InvalidJson, |_| detail.to_owned())
            }
            Ok(()) => {
                self.whole_object(text, start, end, &outline, depth_of_content);
                end
            }
            Err(error) => self.malformed(text, start, end, Reason::InvalidJson, |_| error),
        }
    }

    fn broken_object(&mut self, text: Text<'_>, start: usize, broken: Broken) -> usize {
        let end = text.bytes.len();
        let reason = match broken {
            Broken::Ends => Reason::Truncated,
            Broken::At(_) => Reason::InvalidJson,
        };
        self.malformed(text, start, end, reason, |refused| {
            check(refused)
                .err()
                .unwrap_or_else(|| "not followed by a comma or an end".to_owned())
        })
    }

    /// Handles the lists of an envelope. They are read even if the envelope
    /// around them is broken.
    fn lists(&mut self, text: Text<'_>, start: usize, outline: &Outline<'_>, depth: u32) -> usize {
        let bytes = text.bytes;
        let end = outline.end.unwrap_or(bytes.len());
        if classify::is_control_message(bytes, outline) {
            return end;
        }
        if self.is_too_deep(text.part(start, end), depth + 1) {
            return end;
        }
        let mut lists = classify::lists(bytes, outline).peekable();
        while let Some(list) = lists.next() {
            match outline.end {
                Err(broken) if lists.peek().is_none() => {
                    self.open_list(text, list.start + 1, depth, broken);
                }
                _ => {
                    let elements = text.part(list.start + 1, list.end - 1);
                    self.region(elements, depth + 1, Region::List);
                }
            }
        }
        end
    }

    fn whole_object(
        &mut self,
        text: Text<'_>,
        start: usize,
        end: usize,
        outline: &Outline<'_>,
        depth: u32,
    ) {
        let whole = text.part(start, end);
        if let Some((reason, detail)) = classify::not_an_event(text.bytes, outline) {
            self.refuse(whole, reason, detail);
        } else if classify::is_record(outline) {
            self.record(whole);
        } else if let Some(carrier) = classify::carrier(text.bytes, outline) {
            self.carried(text, whole, carrier, depth);
        } else if classify::resembles_record(outline) {
            // Reading it will say which element is missing.
            self.record(whole);
        } else {
            let detail = classify::describe(outline);
            self.refuse(whole, Reason::NotARecord, detail);
        }
    }

    fn carried(&mut self, text: Text<'_>, whole: Text<'_>, carrier: Carrier, depth: u32) {
        let content = match carrier {
            Carrier::Object { start, end } | Carrier::String { start, end } => {
                text.part(start, end)
            }
        };
        if self.is_too_deep(whole, depth) {
            return;
        }
        match carrier {
            Carrier::Object { .. } => {
                self.region(content, depth, Region::Top);
            }
            Carrier::String { .. } => {
                if !self.unpack(content, depth) {
                    let detail = "an envelope whose content is not JSON";
                    self.refuse(whole, Reason::InvalidJson, detail);
                }
            }
        }
    }
}

/// True when more members follow behind an object: what stands in front is then
/// only the beginning of a record, closed too early. A member that it has
/// already belongs to a next record, which lost its opening brace.
fn goes_on(bytes: &[u8], end: usize, outline: &Outline<'_>) -> bool {
    let comma = scan::skip_space(bytes, end);
    let name = scan::skip_space(bytes, comma + 1);
    if bytes.get(comma) != Some(&b',') || bytes.get(name) != Some(&b'"') {
        return false;
    }
    scan::name_end(bytes, name).is_some_and(|name_end| {
        let name = &bytes[name + 1..name_end - 1];
        outline.members.iter().all(|member| member.name != name)
    })
}
