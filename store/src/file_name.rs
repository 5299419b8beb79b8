//! Names of the files of a table: the hash of their bytes, and whose place they
//! took.

use sha2::{Digest as _, Sha256};

/// Hexadecimal digits of a hash in a name.
const HASH_DIGITS: usize = 32;

/// The path within the table of a file with these bytes, under `partition`
/// (column, value in path order).
///
/// Writing the same bytes again after a failed commit replaces the file by
/// itself instead of leaving an orphan. A file that takes the place of another
/// one, with rows of that one alone, has its `origin` before its own hash.
pub(crate) fn path_of(partition: &[(&str, String)], origin: Option<&str>, bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let hash = hex::encode(&digest[..HASH_DIGITS / 2]);
    let directories: String = partition
        .iter()
        .map(|(column, value)| format!("{column}={value}/"))
        .collect();
    let origin = origin.map_or(String::new(), |origin| format!("{origin}-"));
    format!("{directories}part-{origin}{hash}.zstd.parquet")
}

/// The hash under which the rows of a file were first stored. `None` for a file
/// that another program wrote.
pub(crate) fn origin(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next()?;
    let hashes = name.strip_prefix("part-")?.strip_suffix(".zstd.parquet")?;
    let is_hash =
        |text: &str| text.len() == HASH_DIGITS && text.bytes().all(|b| b.is_ascii_hexdigit());
    let (origin, own) = hashes.split_once('-').unwrap_or((hashes, hashes));
    (is_hash(origin) && is_hash(own)).then_some(origin)
}

/// What stands for the rows of a file, also of one that another program wrote.
pub(crate) fn origin_or_path(path: &str) -> &str {
    origin(path).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{origin, path_of};

    #[test]
    fn a_name_tells_under_which_hash_its_rows_were_first_stored() {
        let partition = [("event_date", "2026-01-01".to_owned())];
        let first = path_of(&partition, None, b"rows");
        let hash = origin(&first).unwrap();
        assert_eq!(
            first,
            format!("event_date=2026-01-01/part-{hash}.zstd.parquet")
        );
        let second = path_of(&partition, Some(hash), b"relabelled");
        let third = path_of(&partition, origin(&second), b"relabelled again");
        assert_ne!(second, third);
        assert_eq!((origin(&second), origin(&third)), (Some(hash), Some(hash)));
    }

    #[test]
    fn names_of_other_programs_tell_nothing() {
        for name in [
            "part-00001-9a1c0a52-6b7d-4c0e-8f5e-0a52c6b7d4c0-c000.zstd.parquet",
            "part-00000-9a1c0a526b7d4c0e8f5e0a52c6b7d4c0.zstd.parquet",
            "part-9a1c0a526b7d4c0e8f5e0a52c6b7d4c0.snappy.parquet",
            "9a1c0a526b7d4c0e8f5e0a52c6b7d4c0.zstd.parquet",
        ] {
            assert_eq!(origin(name), None, "{name}");
        }
    }
}
