//! The generated day as files.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use trailwright_ingest::generator::Generated;

use crate::failure::Failure;

/// Where the parts of the demo lie.
pub(super) struct Written {
    pub(super) configuration: PathBuf,
    pub(super) logs: String,
    pub(super) policies: String,
    pub(super) lake: String,
}

/// Writes log files, policies and configuration under `directory`. Writing
/// them again gives the same bytes.
pub(super) fn write(generated: &Generated, directory: &Path) -> Result<Written, Failure> {
    let logs = directory.join("logs");
    for file in &generated.log_files {
        file_at(
            &logs.join(&file.path),
            &gzip(file.document.to_string().as_bytes())?,
        )?;
    }
    let policies = directory.join("policies");
    for file in &generated.policy_files {
        file_at(
            &policies.join(&file.path),
            format!("{:#}\n", file.document).as_bytes(),
        )?;
    }
    let configuration = directory.join("trailwright.toml");
    file_at(&configuration, generated.trailwright_toml.as_bytes())?;
    let text = |path: &Path| path.display().to_string();
    Ok(Written {
        configuration,
        logs: text(&logs),
        policies: text(&policies),
        lake: text(&directory.join("lake")),
    })
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn file_at(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let write = || {
        path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        std::fs::write(path, bytes)
    };
    write().map_err(|error| Failure::usage(format!("cannot write {}: {error}", path.display())))
}
