//! What can be wrong with databases of places.

use std::path::PathBuf;

use thiserror::Error;

/// Why a question about the place of an address has no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GeoError {
    /// No file is configured.
    #[error(
        "geo_lookup has no database to look into: name MaxMind DB files (.mmdb, as of GeoLite2, GeoIP2, DB-IP or IPinfo) \
         in trailwright.toml, as [geo] databases = [\"GeoLite2-City.mmdb\", \"GeoLite2-ASN.mmdb\"]"
    )]
    NotConfigured,
    /// A file cannot be read.
    #[error(
        "[geo] databases: cannot read {}: {message}; mend the path (a relative one begins at the configuration file) or let this user read it",
        path.display()
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        message: String,
    },
    /// A file is of another format, or damaged.
    #[error(
        "[geo] databases: {} is no MaxMind DB file, or a damaged one: {message}; \
         name the unpacked .mmdb file, or fetch it again",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// No file tells what is asked for.
    #[error(
        "geo_lookup: none of the files in [geo] databases tells {part} ({known}): add one that does, {example}"
    )]
    NotTold {
        /// What is asked for.
        part: &'static str,
        /// The files and what they tell.
        known: String,
        /// A file that does.
        example: &'static str,
    },
    /// Something is asked for that is no part.
    #[error("geo_lookup: an address has no part {part:?}; its parts are {known}")]
    NoSuchPart {
        /// What is asked for.
        part: String,
        /// What there is.
        known: String,
    },
    /// The address is no text, or the part is not written in the statement, so
    /// that nobody knows its type.
    #[error(
        "geo_lookup takes the text of an address, and a part that is written in the statement: geo_lookup(source_ip_address, 'country')"
    )]
    Arguments,
}
