//! Writing a pack.

use std::io::Write;

use serde_json::json;
use trailwright_query::ReportScope;

use super::archive::{Content, Writer};
use super::html::page;
use super::key::SigningKey;
use super::manifest::{FileEntry, MANIFEST, Manifest, SIGNATURE, csv, queries};
use super::{Evidence, manifest};
use crate::failure::Failure;

/// The bytes of the pack of `evidence`, signed if there is a key.
pub(crate) fn pack(evidence: &Evidence, key: Option<&SigningKey>) -> Result<Vec<u8>, Failure> {
    let signer = key.map(SigningKey::public);
    let mut pack = Pack {
        archive: Writer::new(),
        files: Vec::new(),
    };
    let page = page(evidence, signer.as_ref())?;
    pack.add("report.html", |out| Ok(out.write_all(page.as_bytes())?))?;
    pack.add("report.json", |out| write_json(evidence, out))?;
    let sections = evidence.report.sections.iter().zip(&evidence.answers);
    for (index, (section, table)) in sections.enumerate() {
        let path = csv(index, &section.name);
        pack.add(&path, |out| Ok(table.write_csv(out)?))?;
    }
    let report = &evidence.report;
    let sql = report.sql.as_bytes();
    pack.add(&queries(&report.name), |out| Ok(out.write_all(sql)?))?;

    let Pack {
        mut archive,
        mut files,
    } = pack;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let manifest = Manifest::of(evidence, signer.as_ref(), files);
    let manifest = serde_json::to_string_pretty(&manifest)
        .map_err(|error| Failure::internal(error.to_string()))?
        + "\n";
    let manifest = manifest.as_bytes();
    archive.add(MANIFEST, |out| out.write_all(manifest))?;
    if let Some(key) = key {
        archive.add(SIGNATURE, |out| out.write_all(&key.sign(manifest)))?;
    }
    Ok(archive.finish()?)
}

/// What a pack is called: the report and its period.
pub(crate) fn file_name(report: &str, scope: &ReportScope) -> String {
    let [since, until] = [scope.since, scope.until].map(|time| {
        let midnight = time.time() == chrono::NaiveTime::MIN;
        let format = if midnight {
            "%Y-%m-%d"
        } else {
            "%Y-%m-%dT%H%M%SZ"
        };
        time.format(format).to_string()
    });
    format!("{report}_{since}_{until}.zip")
}

struct Pack {
    archive: Writer,
    files: Vec<FileEntry>,
}

impl Pack {
    fn add(
        &mut self,
        path: &str,
        write: impl FnOnce(&mut dyn Write) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let Content { bytes, sha256 } = self.archive.add(path, write)?;
        self.files.push(FileEntry {
            path: path.to_owned(),
            bytes,
            sha256,
        });
        Ok(())
    }
}

/// All rows of all sections, for programs.
fn write_json(evidence: &Evidence, out: &mut dyn Write) -> Result<(), Failure> {
    let report = &evidence.report;
    let period = manifest::Period::of(&evidence.scope);
    let head = json!({
        "name": report.name, "title": report.title, "question": report.question,
        "since": period.since, "until": period.until,
        "accounts": evidence.scope.accounts, "framework": evidence.framework,
        "parameters": evidence.parameters,
    });
    write!(out, "{{\"report\":{head},\n\"sections\":[")?;
    let sections = report.sections.iter().zip(&evidence.answers);
    for (index, (section, table)) in sections.enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let (name, title) = (json!(section.name), json!(section.title));
        let columns = json!(table.columns());
        write!(out, "{comma}\n{{\"name\":{name},\"title\":{title},")?;
        write!(out, "\"columns\":{columns},\n\"rows\":")?;
        table.write_json(&mut *out)?;
        write!(out, "}}")?;
    }
    writeln!(out, "\n]}}")?;
    Ok(())
}
