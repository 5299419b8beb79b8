//! Packs that somebody changed.

use std::io;

use proptest::prelude::*;

use super::{checked, files, key, packed};
use crate::evidence::archive::Writer;

/// A pack of these files.
fn archive<'f>(files: impl IntoIterator<Item = (&'f String, &'f Vec<u8>)>) -> Vec<u8> {
    let mut writer = Writer::new();
    for (name, bytes) in files {
        let write = |out: &mut dyn io::Write| out.write_all(bytes);
        writer.add::<io::Error>(name, write).unwrap();
    }
    writer.finish().unwrap()
}

#[tokio::test]
async fn one_changed_byte_in_any_file_is_found_and_the_file_is_named() {
    let files = files(&packed(Some(&key(7))).await);
    for name in files.keys() {
        let mut changed = files.clone();
        let bytes = changed.get_mut(name).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        let findings = checked(&archive(&changed), Some(&key(7).public())).findings;
        let names_it = findings.iter().any(|finding| finding.contains(name));
        assert!(names_it, "{name}: {findings:#?}");
        let content = !name.starts_with("manifest.json");
        assert!(!content || findings.len() == 1, "{findings:#?}");
    }
}

#[tokio::test]
async fn a_file_that_is_missing_or_more_is_named() {
    let files = files(&packed(Some(&key(7))).await);
    for name in files.keys() {
        let mut fewer = files.clone();
        fewer.remove(name);
        let findings = checked(&archive(&fewer), None).findings;
        assert_eq!(findings, [format!("{name}: it is not there")]);
    }
    let mut more = files.clone();
    more.insert("notes\nfine.txt".to_owned(), b"trust me".to_vec());
    let findings = checked(&archive(&more), None).findings;
    assert_eq!(
        findings,
        ["notes\\nfine.txt: it is in the pack and not in its manifest"]
    );
}

#[tokio::test]
async fn a_signature_of_other_content_or_by_another_key_does_not_count() {
    let signature = "manifest.json.sig";
    let signed = files(&packed(Some(&key(7))).await);
    let mut unsigned = files(&packed(None).await);
    unsigned.insert(signature.to_owned(), signed[signature].clone());
    let findings = checked(&archive(&unsigned), None).findings;
    assert_eq!(
        findings,
        ["manifest.json.sig: it is in the pack and not in its manifest"]
    );
    let mut resigned = signed.clone();
    let other = key(8).sign(&signed["manifest.json"]);
    resigned.insert(signature.to_owned(), other);
    let findings = checked(&archive(&resigned), None).findings;
    assert_eq!(
        findings,
        ["manifest.json: it or manifest.json.sig was changed: the signature does not fit"]
    );
}

#[tokio::test]
async fn a_name_that_is_there_twice_is_named() {
    let mut twice = files(&packed(None).await);
    twice.insert("report.htmx".to_owned(), b"another".to_vec());
    let mut bytes = archive(&twice);
    let [from, to] = [b"report.htmx", b"report.html"];
    for at in 0..bytes.len() - from.len() {
        if bytes[at..].starts_with(from) {
            bytes[at..at + to.len()].copy_from_slice(to);
        }
    }
    let findings = checked(&bytes, None).findings;
    assert_eq!(findings, ["\"report.html\" is there more than once"]);
}

#[tokio::test]
async fn a_file_whose_directory_says_another_name_is_refused() {
    let mut bytes = packed(None).await;
    let name = b"report.json";
    let at = bytes
        .windows(name.len())
        .position(|text| text == name)
        .unwrap();
    bytes[at] = b'R';
    let findings = checked(&bytes, None).findings;
    let expected = "\"report.json\" is not stored as packs store files";
    assert!(findings[0].contains(expected), "{findings:#?}");
}

#[tokio::test]
async fn what_is_beside_the_files_of_an_archive_is_found() {
    let pack = packed(None).await;
    let mut before = b"#!/bin/sh\n".to_vec();
    before.extend(&pack);
    let mut after = pack.clone();
    after.extend(b"more");
    for changed in [before, after, pack[..pack.len() - 1].to_vec(), Vec::new()] {
        assert_ne!(checked(&changed, None).findings, [""; 0]);
    }
}

#[tokio::test]
async fn a_file_that_inflates_to_more_than_the_manifest_says_is_not_read_to_its_end() {
    let mut files = files(&packed(None).await);
    files.get_mut("report.html").unwrap().resize(8 << 20, b' ');
    let findings = checked(&archive(&files), None).findings;
    assert_eq!(findings, ["report.html: it was changed"]);
}

#[test]
fn whatever_is_handed_over_is_answered_without_a_panic() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let pack = runtime.block_on(packed(Some(&key(7))));
    let original = files(&pack);
    let changes = prop::collection::vec((0..pack.len(), any::<u8>()), 1..8);
    let trusted = key(7).public();
    let mut runner = proptest::test_runner::TestRunner::default();
    let outcome = runner.run(&(changes, 0..=pack.len()), |(changes, end)| {
        let mut bytes = pack.clone();
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        // Half of them whole, half of them cut.
        bytes.truncate(if end % 2 == 0 { bytes.len() } else { end });
        let verification = checked(&bytes, Some(&trusted));
        if verification.findings.is_empty() {
            // Only what is no content was changed, such as the time of a file.
            prop_assert_eq!(&files(&bytes), &original);
        }
        Ok(())
    });
    outcome.unwrap();
}
