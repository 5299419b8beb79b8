//! How much room the disk of a lake has.

use std::path::Path;

use indicatif::HumanBytes;

use super::Patient;
use super::check::Check;

const NAME: &str = "disk";
/// Below this share the disk may fill before somebody looks.
const FREE_PERCENT_LOW: u64 = 10;

/// Nothing for a bucket.
pub(super) fn check(patient: &Patient<'_>) -> Option<Check> {
    let directory = patient.location.directory()?;
    let there = existing(&directory);
    let place = there.display();
    let room = match rustix::fs::statvfs(there) {
        Ok(room) => room,
        Err(error) => {
            return Some(Check::skipped(
                NAME,
                format!("how much room {place} has cannot be asked: {error}"),
            ));
        }
    };
    let free = room.f_bavail.saturating_mul(room.f_frsize);
    let all = room.f_blocks.saturating_mul(room.f_frsize);
    let said = format!(
        "{} of {} free at {place}",
        HumanBytes(free),
        HumanBytes(all)
    );
    // Files that wait to be committed are written beside those that are there.
    let needed = 2 * patient.config.commit.bytes_max as u64;
    let inodes_low = room.f_files > 0 && room.f_favail == 0;
    Some(if free < needed || inodes_low {
        Check::unreachable(NAME, said).fix(format!(
            "make room: a commit may need {}; the daemon waits until there is some, and loses nothing",
            HumanBytes(needed)
        ))
    } else if free.saturating_mul(100) < all.saturating_mul(FREE_PERCENT_LOW) {
        Check::warning(NAME, said).fix("make room, or put the lake into a bucket")
    } else {
        Check::ok(NAME, said)
    })
}

/// The directory, or of what leads to it the part that is there.
pub(super) fn existing(directory: &Path) -> &Path {
    let mut ancestors = directory.ancestors();
    ancestors
        .find(|path| path.is_dir())
        .unwrap_or(Path::new("/"))
}
