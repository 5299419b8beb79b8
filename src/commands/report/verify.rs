//! `trailwright report verify`: whether a pack is as it was made, and by whom.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use trailwright_query::harmless;

use crate::Host;
use crate::args::ReportVerify;
use crate::commands::questions::print;
use crate::evidence::{PublicKey, Signature, Verification, verify};
use crate::failure::Failure;

/// A finding: the pack is not as it was made.
const FOUND: u8 = 1;

/// Bytes of a ZIP without the extensions for large ones.
const PACK_BYTES_MAX: u64 = (4 << 30) - 1;

pub(super) fn run(args: &ReportVerify, host: &Host) -> Result<ExitCode, Failure> {
    let key = args.key.as_deref().map(PublicKey::read).transpose()?;
    let pack = read(&args.pack)
        .map_err(|why| Failure::usage(format!("cannot read {}: {why}", args.pack.display())))?;
    let verification = verify(&pack, key.as_ref());
    match args.output.is_json(host.stdout_is_terminal) {
        true => print(&format!("{}\n", as_json(&verification)))?,
        false => print(&harmless(&as_text(&verification)))?,
    }
    Ok(match verification.findings.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(FOUND),
    })
}

/// A pack is made in memory, and checked there.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    file.take(PACK_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > PACK_BYTES_MAX {
        return Err(io::Error::other("it is larger than a pack can be"));
    }
    Ok(bytes)
}

fn as_text(verification: &Verification) -> String {
    let mut text = String::new();
    if let Some(manifest) = &verification.manifest {
        let (since, until) = (&manifest.period.since, &manifest.period.until);
        let says = format!(
            "{} from {since} up to {until}, {} files, made by {}",
            manifest.report.name,
            manifest.files.len(),
            manifest.tool
        );
        // Whoever made the pack chose the words: they begin no line.
        text += &format!("{}\n", says.escape_debug());
    }
    if !verification.findings.is_empty() {
        text += "NOT as it was made:\n";
        for finding in &verification.findings {
            text += &format!("  {finding}\n");
        }
        return text;
    }
    text += "every file is as the manifest says, and there is no other\n";
    text + &match &verification.signature {
        Signature::Trusted(key) => format!("signed by {key}, the key given\n"),
        Signature::OfUnknown(key) => format!(
            "it says that it is signed by {key}; whose key that is was not checked: get it from its owner and give \
             --key public.pem\n"
        ),
        Signature::Absent => {
            "not signed: whoever made it could have changed it as a whole\n".to_owned()
        }
        Signature::Wrong => String::new(),
    }
}

fn as_json(verification: &Verification) -> serde_json::Value {
    let (signature, key) = match &verification.signature {
        Signature::Absent => ("absent", None),
        Signature::Wrong => ("wrong", None),
        Signature::OfUnknown(key) => ("of_unknown_key", Some(key.to_string())),
        Signature::Trusted(key) => ("trusted", Some(key.to_string())),
    };
    json!({
        "ok": verification.findings.is_empty(),
        "findings": verification.findings,
        "signature": signature,
        "key": key,
        "manifest": verification.manifest,
    })
}
