//! What the port says between the events of a tail, one JSON object a line:
//! `{"trailwright":{"committed":{"version":42}}}`. No column of `events` is
//! called so.

use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Notice {
    /// Everything before this line is stored, up to this version of the table of
    /// events: the cursor from which a tail can be resumed. Said again when there
    /// is nothing else to say, so that both sides notice when the other is gone.
    Committed { version: u64 },
    /// This reader is too slow: so many events were not kept for it. They are
    /// among those that commits after this version stored.
    Missed { events: u64, after: u64 },
    /// The daemon cannot go on, and why.
    Failed { why: String },
}

#[derive(Serialize, Deserialize)]
struct Line {
    trailwright: Notice,
}

const BEGIN: &[u8] = b"{\"trailwright\":";

impl Notice {
    /// A line with its end.
    pub(crate) fn line(self) -> Result<Vec<u8>, serde_json::Error> {
        let mut line = serde_json::to_vec(&Line { trailwright: self })?;
        line.push(b'\n');
        Ok(line)
    }

    /// `None` for a line that holds an event.
    pub(crate) fn read(line: &[u8]) -> Option<Result<Self, serde_json::Error>> {
        line.starts_with(BEGIN)
            .then(|| serde_json::from_slice(line).map(|line: Line| line.trailwright))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Notice;

    #[test]
    fn notices_are_told_from_events() {
        let line = Notice::Missed {
            events: 3,
            after: 7,
        }
        .line()
        .unwrap();
        assert_eq!(
            String::from_utf8_lossy(&line),
            "{\"trailwright\":{\"missed\":{\"events\":3,\"after\":7}}}\n"
        );
        let read = Notice::read(&line).unwrap().unwrap();
        assert_eq!(
            read,
            Notice::Missed {
                events: 3,
                after: 7
            }
        );
        assert!(Notice::read(br#"{"event_id":"trailwright"}"#).is_none());
    }
}
