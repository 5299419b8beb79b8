//! Where bytes come from: the inputs a person names, and the files in them.

mod choose;
mod delivery;
mod files;
mod objects;
mod place;
mod version;

pub use delivery::Delivery;
pub use objects::ObjectPrefix;
pub use place::Place;
pub(crate) use version::Version;

use std::ffi::OsStr;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use futures::stream::{self, BoxStream, StreamExt};
use object_store::ObjectStore;

/// One input as named on the command line.
pub enum Source {
    /// A file, or a directory with everything below it.
    Path(PathBuf),
    /// An object, or all objects below a prefix.
    Objects(ObjectPrefix),
    /// Standard input, or what stands for it.
    StandardInput(Box<dyn Read + Send>),
}

/// Why an argument does not name a source.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Not of the form `s3://bucket/prefix`.
    #[error("{url:?} does not name a bucket; write s3://bucket or s3://bucket/prefix")]
    Url {
        /// What was given.
        url: String,
    },
    /// The bucket cannot be opened with the settings there are.
    #[error("{url}: {reason}; look at the endpoint, the Region and the credentials for S3")]
    Bucket {
        /// What was given.
        url: String,
        /// What the S3 client says.
        reason: object_store::Error,
    },
}

impl Source {
    /// Reads one argument: `-`, `s3://bucket/prefix`, or a path. `open_bucket`
    /// is only called for a bucket, `stdin` only for `-`.
    pub fn from_argument(
        argument: &OsStr,
        open_bucket: impl FnOnce(&str) -> object_store::Result<Arc<dyn ObjectStore>>,
        stdin: impl FnOnce() -> Box<dyn Read + Send>,
    ) -> Result<Self, SourceError> {
        match argument.to_str() {
            Some("-") => Ok(Self::StandardInput(stdin())),
            Some(url) if url.starts_with("s3://") => {
                ObjectPrefix::open(url, open_bucket).map(Self::Objects)
            }
            _ => Ok(Self::Path(argument.into())),
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(f, "{}", path.display()),
            Self::Objects(prefix) => write!(f, "{prefix}"),
            Self::StandardInput(_) => f.write_str("-"),
        }
    }
}

/// What looking through a source brings up.
#[derive(Debug)]
pub enum Discovered {
    /// Something to read.
    Input(Input),
    /// A file that is passed over because of its name.
    Skipped {
        /// Path or URL.
        name: String,
    },
    /// Something that should be there and cannot be read.
    Refused {
        /// Path or URL.
        name: String,
        /// Why.
        reason: trailwright_schemas::Reason,
        /// Why, in words.
        detail: String,
    },
}

/// One file, object or stream of bytes.
#[derive(Debug)]
pub struct Input {
    /// Path or URL as it will be stored, `-` for standard input. Bytes of a
    /// path that are not Unicode are replaced.
    pub name: String,
    /// Size in bytes, compressed as it is, where that is known before reading.
    pub size_bytes: Option<u64>,
    /// Which content it had when it was found; `None` for what is no file.
    pub(crate) version: Option<Version>,
    body: Body,
}

/// An input about to be read.
pub(crate) struct Opened {
    pub(crate) reader: Box<dyn Read + Send>,
    /// Which content is read: it may have changed since the input was found.
    pub(crate) version: Option<Version>,
}

enum Body {
    File(PathBuf),
    Object {
        store: Arc<dyn ObjectStore>,
        path: object_store::path::Path,
    },
    Reader(Box<dyn Read + Send>),
}

impl Input {
    /// The ID of the file as it was found; `None` for what is no file.
    pub fn file_id(&self) -> Option<String> {
        self.version.as_ref().map(Version::id)
    }

    /// Opens the input. Objects are fetched as they are read, which works only
    /// on a thread of a Tokio runtime on which blocking is allowed.
    pub(crate) fn open(self) -> io::Result<Opened> {
        match self.body {
            Body::File(path) => {
                let file = File::open(&path)?;
                Ok(Opened {
                    version: Version::of_file(&path, &file.metadata()?),
                    reader: Box::new(file),
                })
            }
            Body::Object { store, path } => objects::open(store, path, self.name),
            Body::Reader(reader) => Ok(Opened {
                reader,
                version: None,
            }),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Object { path, .. } => write!(f, "{path}"),
            Self::Reader(_) => f.write_str("reader"),
        }
    }
}

/// Looks through a source, in the order of names. Never fails: what cannot be
/// read is among what is found.
pub fn discover(source: Source) -> BoxStream<'static, Discovered> {
    match source {
        Source::Path(path) => files::discover(path),
        Source::Objects(prefix) => objects::discover(prefix),
        Source::StandardInput(reader) => stream::iter([Discovered::Input(Input {
            name: "-".to_owned(),
            size_bytes: None,
            version: None,
            body: Body::Reader(reader),
        })])
        .boxed(),
    }
}
