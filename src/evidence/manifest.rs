//! `manifest.json`: what a pack is about, and the hash of each of its files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use trailwright_query::ReportScope;

use super::key::PublicKey;
use super::{Coverage, Evidence};
use crate::origin::second;

/// The format of packs. What reads an older one must know it.
pub(super) const FORMAT: &str = "trailwright-evidence-pack/1";
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const SIGNATURE: &str = "manifest.json.sig";
const ALGORITHM: &str = "Ed25519";

/// What a pack is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(super) format: String,
    /// The program that made it.
    pub(crate) tool: String,
    pub(crate) report: About,
    pub(crate) period: Period,
    /// Only these accounts; all when empty.
    pub(crate) accounts: Vec<String>,
    pub(crate) framework: Option<String>,
    pub(super) parameters: BTreeMap<String, String>,
    /// The file with the statements.
    pub(super) queries: String,
    /// The version of each table of the lake; null of one that there was not.
    pub(super) tables: BTreeMap<String, Option<u64>>,
    pub(super) sections: Vec<SectionEntry>,
    pub(crate) coverage: Coverage,
    /// Who signed it, as it claims; null when nobody did.
    pub(super) signed_by: Option<Signer>,
    /// Every file but the manifest and its signature, by path.
    pub(crate) files: Vec<FileEntry>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct About {
    pub(crate) name: String,
    pub(super) title: String,
    pub(super) catalogue: String,
    pub(super) question: String,
}

/// From `since` on, up to and without `until`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Period {
    pub(crate) since: String,
    pub(crate) until: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SectionEntry {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) csv: String,
    pub(super) rows: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Signer {
    algorithm: String,
    /// PEM.
    pub(super) public_key: String,
    fingerprint: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileEntry {
    pub(super) path: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

impl Manifest {
    pub(super) fn of(
        evidence: &Evidence,
        signer: Option<&PublicKey>,
        files: Vec<FileEntry>,
    ) -> Self {
        let Evidence { report, scope, .. } = evidence;
        let sections = report.sections.iter().zip(&evidence.answers).enumerate();
        Self {
            format: FORMAT.to_owned(),
            tool: concat!("trailwright ", env!("CARGO_PKG_VERSION")).to_owned(),
            report: About {
                name: report.name.clone(),
                title: report.title.clone(),
                catalogue: report.catalogue.clone(),
                question: report.question.clone(),
            },
            period: Period::of(scope),
            accounts: scope.accounts.clone(),
            framework: evidence.framework.clone(),
            parameters: evidence.parameters.clone(),
            queries: queries(&report.name),
            tables: evidence.tables.clone(),
            sections: sections
                .map(|(index, (section, table))| SectionEntry {
                    name: section.name.clone(),
                    title: section.title.clone(),
                    csv: csv(index, &section.name),
                    rows: table.row_count(),
                })
                .collect(),
            coverage: evidence.coverage.clone(),
            signed_by: signer.map(|key| Signer {
                algorithm: ALGORITHM.to_owned(),
                public_key: key.to_pem(),
                fingerprint: key.to_string(),
            }),
            files,
        }
    }
}

impl Period {
    pub(super) fn of(scope: &ReportScope) -> Self {
        Self {
            since: second(scope.since),
            until: second(scope.until),
        }
    }
}

/// The path of the rows of a section.
pub(super) fn csv(index: usize, section: &str) -> String {
    format!("csv/{:02}-{section}.csv", index + 1)
}

/// The path of the statements.
pub(super) fn queries(report: &str) -> String {
    format!("queries/{report}.sql")
}
