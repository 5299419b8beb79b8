//! What bytes that are not JSON may be, in words for a person.

/// What the beginning of some formats looks like, and what to do about it.
const KNOWN: [(&[u8], &str); 9] = [
    (
        b"<",
        "HTML or XML, perhaps an error page that was saved instead of the file",
    ),
    (b"PAR1", "a Parquet file, not CloudTrail's JSON"),
    (b"PK\x03\x04", "a ZIP archive; unpack it first"),
    (b"BZh", "bzip2 data; unpack it first"),
    (b"\xfd7zXZ", "xz data; unpack it first"),
    (b"Obj\x01", "an Avro file, not CloudTrail's JSON"),
    (b"\xff\xfe", "UTF-16 text; convert it to UTF-8 first"),
    (b"\xfe\xff", "UTF-16 text; convert it to UTF-8 first"),
    (
        b"\x1f\x9d",
        "data of the old compress program; unpack it first",
    ),
];

/// Says what was found instead of JSON.
pub(super) fn found(bytes: &[u8]) -> String {
    let known = KNOWN.iter().find(|(start, _)| bytes.starts_with(start));
    if let Some((_, what)) = known {
        return format!("not JSON but {what}");
    }
    let start = &bytes[..bytes.len().min(24)];
    format!(
        "not JSON; begins with {:?}",
        String::from_utf8_lossy(start).into_owned()
    )
}
