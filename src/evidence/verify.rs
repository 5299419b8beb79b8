//! Checking a pack: every file against the manifest, the manifest against its
//! signature, and nothing beside them.

use std::collections::BTreeSet;

use super::archive::{Archive, Content};
use super::key::PublicKey;
use super::manifest::{FORMAT, FileEntry, MANIFEST, Manifest, SIGNATURE};

/// A manifest is read into memory.
const MANIFEST_BYTES_MAX: u64 = 64 << 20;
/// What the files of a pack may hold together, so that a small hostile archive
/// cannot keep anybody busy for long.
const BYTES_MAX: u64 = 16 << 30;

/// What a pack turned out to be.
#[derive(Debug)]
pub(crate) struct Verification {
    /// What is wrong with it; nothing when it is as it was made.
    pub(crate) findings: Vec<String>,
    /// What it says it is, if that can be read.
    pub(crate) manifest: Option<Manifest>,
    pub(crate) signature: Signature,
}

/// What is known of who made a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Signature {
    /// Nobody signed it.
    Absent,
    /// This key did not sign it as it is now, or it is another than the one that
    /// is trusted.
    Wrong,
    /// The key signed it that the pack itself names; whose that is, nobody said.
    OfUnknown(PublicKey),
    /// The key signed it that is trusted.
    Trusted(PublicKey),
}

/// Checks a pack. `trusted` is the key that should have signed it.
pub(crate) fn verify(pack: &[u8], trusted: Option<&PublicKey>) -> Verification {
    let mut verification = Verification {
        findings: Vec::new(),
        manifest: None,
        signature: Signature::Absent,
    };
    match Archive::open(pack) {
        Err(findings) => verification.findings = findings,
        Ok(archive) => verification.look(&archive, trusted),
    }
    verification
}

impl Verification {
    fn look(&mut self, archive: &Archive<'_>, trusted: Option<&PublicKey>) {
        let bytes = match archive.read(MANIFEST, MANIFEST_BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(why) => return self.found(MANIFEST, &why),
        };
        let manifest: Manifest = match serde_json::from_slice(&bytes) {
            Ok(manifest) => manifest,
            Err(error) => return self.found(MANIFEST, &format!("it cannot be read: {error}")),
        };
        if manifest.format != FORMAT {
            let why = format!("its format is {:?}, and this is {FORMAT}", manifest.format);
            return self.found(MANIFEST, &why);
        }
        self.check_signature(&manifest, &bytes, archive, trusted);
        self.check_files(&manifest, archive);
        self.check_names(&manifest, archive);
        self.manifest = Some(manifest);
    }

    fn check_signature(
        &mut self,
        manifest: &Manifest,
        bytes: &[u8],
        archive: &Archive<'_>,
        trusted: Option<&PublicKey>,
    ) {
        let Some(signer) = &manifest.signed_by else {
            if trusted.is_some() {
                self.found(MANIFEST, "it is not signed");
            }
            return;
        };
        self.signature = Signature::Wrong;
        let claimed = match PublicKey::from_pem(signer.public_key.as_bytes()) {
            Ok(key) => key,
            Err(why) => return self.found(MANIFEST, &format!("signed_by: {why}")),
        };
        let signature = match archive.read(SIGNATURE, 64) {
            Ok(signature) => signature,
            Err(why) => return self.found(SIGNATURE, &why),
        };
        if let Some(trusted) = trusted.filter(|trusted| **trusted != claimed) {
            let why = format!("it is signed by {claimed}, and not by {trusted}");
            return self.found(MANIFEST, &why);
        }
        if !claimed.verifies(bytes, &signature) {
            let why = format!("it or {SIGNATURE} was changed: the signature does not fit");
            return self.found(MANIFEST, &why);
        }
        self.signature = match trusted {
            Some(_) => Signature::Trusted(claimed),
            None => Signature::OfUnknown(claimed),
        };
    }

    fn check_files(&mut self, manifest: &Manifest, archive: &Archive<'_>) {
        let sizes = manifest.files.iter().map(|file| file.bytes);
        let all = sizes.fold(0, u64::saturating_add);
        if all > BYTES_MAX {
            let why = format!("its files have {all} bytes together, more than a pack may have");
            return self.found(MANIFEST, &why);
        }
        for FileEntry {
            path,
            bytes,
            sha256,
        } in &manifest.files
        {
            // A byte more than it should have is enough to know.
            match archive.content(path, bytes.saturating_add(1)) {
                Err(why) => self.found(path, &why),
                Ok(content) => {
                    let expected = Content {
                        bytes: *bytes,
                        sha256: sha256.clone(),
                    };
                    if content != expected {
                        self.found(path, "it was changed");
                    }
                }
            }
        }
    }

    /// Every file is in the manifest, once.
    fn check_names(&mut self, manifest: &Manifest, archive: &Archive<'_>) {
        let mut known = BTreeSet::from([MANIFEST]);
        if manifest.signed_by.is_some() {
            known.insert(SIGNATURE);
        }
        for file in &manifest.files {
            if !known.insert(&file.path) {
                self.found(MANIFEST, &format!("it names {:?} twice", file.path));
            }
        }
        for name in archive.names().filter(|name| !known.contains(name)) {
            self.found(name, "it is in the pack and not in its manifest");
        }
    }

    /// Names are the choice of whoever made the pack: they begin no line.
    fn found(&mut self, file: &str, why: &str) {
        let file = file.escape_debug();
        self.findings.push(format!("{file}: {why}"));
    }
}
