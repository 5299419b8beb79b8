//! The ZIP around a pack: written so that equal contents are equal bytes, read
//! so that it can hold nothing beside the files that its directory names.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::bufread::DeflateDecoder;
use flate2::write::DeflateEncoder;
use rawzip::time::UtcDateTime;
use rawzip::{
    CompressionMethod, ZipArchive, ZipArchiveEntryWayfinder, ZipArchiveWriter, ZipSliceArchive,
};
use sha2::{Digest as _, Sha256};

/// The time of every file: the first that a ZIP can tell, 1980-01-01.
const TIME: i64 = 315_532_800;

/// Bytes behind each file and of each entry of the directory without its texts
/// (APPNOTE 4.3.9 and 4.3.12).
const DESCRIPTOR_BYTES: u64 = 16;
const ENTRY_BYTES: usize = 46;

/// What was written of a file, or read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

/// An archive that is being written.
pub(super) struct Writer {
    zip: ZipArchiveWriter<Vec<u8>>,
}

impl Writer {
    pub(super) fn new() -> Self {
        Self {
            zip: ZipArchiveWriter::new(Vec::new()),
        }
    }

    /// Adds a file with what `write` writes.
    pub(super) fn add<E: From<io::Error>>(
        &mut self,
        path: &str,
        write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    ) -> Result<Content, E> {
        let file = self
            .zip
            .new_file(path)
            .compression_method(CompressionMethod::DEFLATE)
            .last_modified(UtcDateTime::from_unix(TIME))
            .unix_permissions(0o644);
        let (mut entry, config) = file.start().map_err(io::Error::other)?;
        let deflate = DeflateEncoder::new(&mut entry, Compression::default());
        let mut hashing = Hashing::new(config.wrap(deflate));
        write(&mut hashing)?;
        let (written, content) = hashing.finish();
        let (deflate, descriptor) = written.finish().map_err(io::Error::other)?;
        deflate.finish()?;
        entry.finish(descriptor).map_err(io::Error::other)?;
        Ok(content)
    }

    pub(super) fn finish(self) -> io::Result<Vec<u8>> {
        self.zip.finish().map_err(io::Error::other)
    }
}

/// Passes on what it hashes.
struct Hashing<W> {
    inner: W,
    hash: Sha256,
    bytes: u64,
}

impl<W> Hashing<W> {
    fn new(inner: W) -> Self {
        Self {
            inner,
            hash: Sha256::new(),
            bytes: 0,
        }
    }

    fn finish(self) -> (W, Content) {
        let content = Content {
            bytes: self.bytes,
            sha256: hex::encode(self.hash.finalize()),
        };
        (self.inner, content)
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.hash.update(&buffer[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// An archive that somebody handed over, open.
pub(super) struct Archive<'b> {
    zip: ZipSliceArchive<&'b [u8]>,
    files: BTreeMap<String, ZipArchiveEntryWayfinder>,
}

impl<'b> Archive<'b> {
    /// Refuses what readers of ZIP files could see in different ways. The errors
    /// are for people.
    pub(super) fn open(bytes: &'b [u8]) -> Result<Self, Vec<String>> {
        let one = |why: String| vec![format!("it is no ZIP archive as it was made: {why}")];
        let broken = |error: rawzip::Error| one(error.to_string());
        let zip = ZipArchive::from_slice(bytes).map_err(broken)?;
        let mut files = BTreeMap::new();
        let (mut twice, mut places) = (BTreeSet::new(), Vec::new());
        let mut directory = zip.directory_offset();
        let mut entries = zip.entries();
        while let Some(entry) = entries.next_entry().map_err(broken)? {
            let file = zip.get_entry(entry.wayfinder()).map_err(broken)?;
            let path = entry.file_path();
            let name = String::from_utf8_lossy(path.as_bytes()).into_owned();
            if file.local_header().file_path().as_bytes() != path.as_bytes()
                || entry.compression_method() != CompressionMethod::DEFLATE
                || file.data_descriptor().map_err(broken)?.is_none()
            {
                return Err(one(format!("{name:?} is not stored as packs store files")));
            }
            let (_, end) = file.compressed_data_range();
            places.push((entry.local_header_offset(), end + DESCRIPTOR_BYTES));
            let texts = [
                path.as_bytes(),
                entry.extra_fields().remaining_bytes(),
                entry.comment().as_bytes(),
            ];
            directory += (ENTRY_BYTES + texts.map(<[u8]>::len).iter().sum::<usize>()) as u64;
            if files.insert(name.clone(), entry.wayfinder()).is_some() {
                twice.insert(name);
            }
        }
        if !twice.is_empty() {
            let line = |name| format!("{name:?} is there more than once");
            return Err(twice.into_iter().map(line).collect());
        }
        let whole = follow_each_other(places, zip.directory_offset())
            && directory == zip.eocd_offset()
            && zip.comment().as_bytes().is_empty()
            && zip.end_offset() == bytes.len() as u64;
        if !whole {
            return Err(one("it holds bytes that belong to no file".to_owned()));
        }
        Ok(Self { zip, files })
    }

    /// The names of its files.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The bytes of a file, which may be `bytes_max` at most.
    pub(super) fn read(&self, path: &str, bytes_max: u64) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        self.copy(path, bytes_max + 1, &mut bytes)?;
        match bytes.len() as u64 > bytes_max {
            true => Err(format!("it has more than {bytes_max} bytes")),
            false => Ok(bytes),
        }
    }

    /// What a file holds, as far as its first `bytes_max` bytes tell.
    pub(super) fn content(&self, path: &str, bytes_max: u64) -> Result<Content, String> {
        let mut hashing = Hashing::new(io::sink());
        self.copy(path, bytes_max, &mut hashing)?;
        Ok(hashing.finish().1)
    }

    fn copy(&self, path: &str, bytes_max: u64, out: &mut impl Write) -> Result<(), String> {
        let wayfinder = self.files.get(path).ok_or("it is not there")?;
        let file = self.zip.get_entry(*wayfinder);
        let file = file.map_err(|error| error.to_string())?;
        let inflated = file.verifying_reader(DeflateDecoder::new(file.data()));
        let copied = io::copy(&mut inflated.take(bytes_max), out);
        copied
            .map(|_| ())
            .map_err(|error| format!("it was changed: {error}"))
    }
}

/// From the first byte on, without a gap and without a byte that is of two.
fn follow_each_other(mut places: Vec<(u64, u64)>, end: u64) -> bool {
    places.sort_unstable();
    let mut at = 0;
    for (begin, end) in places {
        if begin != at {
            return false;
        }
        at = end;
    }
    at == end
}
