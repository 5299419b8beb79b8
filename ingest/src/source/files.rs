//! Files and directories of this machine.

use std::path::{Path, PathBuf};

use futures::stream::{self, BoxStream, StreamExt};
use tokio::sync::mpsc;
use trailwright_schemas::Reason;
use walkdir::{DirEntry, WalkDir};

use super::{Body, Discovered, Input, Version, choose};

/// Findings of a walk that wait to be taken.
const QUEUE_MAX: usize = 256;

/// The file at `path`, or the files below it in the order of their names.
/// Walking blocks, so it happens on a thread of its own.
pub(super) fn discover(path: PathBuf) -> BoxStream<'static, Discovered> {
    let (found, queue) = mpsc::channel(QUEUE_MAX);
    let start = move || {
        tokio::task::spawn_blocking(move || {
            for discovered in walk(&path) {
                if found.blocking_send(discovered).is_err() {
                    return;
                }
            }
        });
        queue
    };
    stream::once(async { start() })
        .flat_map(|queue| {
            stream::unfold(queue, |mut queue| async {
                let discovered = queue.recv().await?;
                Some((discovered, queue))
            })
        })
        .boxed()
}

/// Everything at and below `path`. Symbolic links are followed; one that leads
/// back to a directory above it is refused.
pub(super) fn walk(path: &Path) -> impl Iterator<Item = Discovered> {
    WalkDir::new(path)
        .follow_links(true)
        .sort_by_file_name()
        .into_iter()
        .filter_map(|entry| match entry {
            Ok(entry) => of_entry(&entry),
            Err(error) => Some(refused(&error)),
        })
}

fn of_entry(entry: &DirEntry) -> Option<Discovered> {
    if entry.file_type().is_dir() {
        return None;
    }
    let name = entry.path().to_string_lossy().into_owned();
    let is_named = entry.depth() == 0;
    if !is_named {
        // Opening a pipe or a device that nobody named could wait for ever.
        if !entry.file_type().is_file() {
            return Some(Discovered::Skipped { name });
        }
        if choose::passes_over(&name) {
            return Some(Discovered::Skipped { name });
        }
    }
    let metadata = entry.metadata().ok();
    let version = metadata.and_then(|metadata| Version::of_file(entry.path(), &metadata));
    Some(Discovered::Input(Input {
        name,
        size_bytes: version.as_ref().map(|version| version.size_bytes),
        version,
        body: Body::File(entry.path().to_owned()),
    }))
}

fn refused(error: &walkdir::Error) -> Discovered {
    let name = error
        .path()
        .map(|path| path.to_string_lossy().into_owned())
        .unwrap_or_default();
    let detail = match (error.loop_ancestor(), error.io_error()) {
        (Some(above), _) => format!("a symbolic link back to {}", above.display()),
        (None, Some(io)) => format!("cannot be opened: {io}"),
        (None, None) => error.to_string(),
    };
    Discovered::Refused {
        name,
        reason: Reason::Unreadable,
        detail,
    }
}
