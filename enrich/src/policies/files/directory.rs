//! Reading a directory of policies. Files are recognised by what is in them,
//! whatever they are called. The formats: `docs/reference/policies.md`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;

pub use super::document::Problem;

use super::document::Source;
use super::{authorization_details, aws_managed, date, organization, resources, sign_in};
use crate::policies::change::Change;
use crate::policies::moment::{Moment, Origin};

/// A file of policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyFile {
    /// Where it was found, from the directory on.
    pub path: PathBuf,
    /// When what it shows was so, from its path; `None`: it counts for all times.
    pub time: Option<DateTime<Utc>>,
    /// What is in it.
    pub text: String,
}

impl PolicyFile {
    /// A file with the date in its path, if there is one.
    pub fn new(path: PathBuf, text: String) -> Self {
        Self {
            time: date::of_path(&path),
            path,
            text,
        }
    }
}

/// Reads every file under `directory`, in the order of their names; those
/// whose name begins with a dot are left alone. What cannot be read is a
/// problem.
///
/// # Errors
/// When the directory itself, or one below it, cannot be listed.
pub fn list_files(directory: &Path) -> std::io::Result<(Vec<PolicyFile>, Vec<Problem>)> {
    let mut paths = Vec::new();
    list(directory, &mut paths)?;
    paths.sort();
    let mut files = Vec::new();
    let mut unread = Vec::new();
    for path in paths {
        let short = path.strip_prefix(directory).unwrap_or(&path).to_owned();
        match std::fs::read_to_string(&path) {
            Ok(text) => files.push(PolicyFile::new(short, text)),
            Err(error) => unread.push(Problem {
                file: short,
                position: None,
                message: format!("cannot be read: {error}"),
            }),
        }
    }
    Ok((files, unread))
}

/// What a file says, and what is wrong with it.
pub(crate) fn changes(file: &PolicyFile) -> (Vec<Change>, Vec<Problem>) {
    let name = file.path.display().to_string();
    let origin = match file.time {
        Some(time) => Origin::Snapshot { file: name, time },
        None => Origin::Undated { file: name },
    };
    let mut changes = Vec::new();
    let mut problems = Vec::new();
    read_file(&mut Source {
        path: &file.path,
        text: &file.text,
        at: file.time.map(Moment::snapshot),
        origin: Arc::new(origin),
        problems: &mut problems,
        changes: &mut changes,
    });
    (changes, problems)
}

fn list(directory: &Path, paths: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if path.is_dir() {
            list(&path, paths)?;
        } else {
            paths.push(path);
        }
    }
    Ok(())
}

fn read_file(source: &mut Source<'_>) {
    let text = source.text;
    if aws_managed::is_catalogue(text) {
        aws_managed::read(source);
        return;
    }
    let place = |error: &serde_json::Error| {
        let line = text.lines().nth(error.line().saturating_sub(1));
        line.and_then(|line| line.get(error.column().saturating_sub(1)..))
    };
    let tree: Value = match serde_json::from_str(text) {
        Ok(tree) => tree,
        Err(error) => {
            source.problem(
                place(&error),
                format!("not JSON: {error}; mend it or move it elsewhere"),
            );
            return;
        }
    };
    let result = match kind(&tree) {
        Some(Kind::AuthorizationDetails) => authorization_details::read(source),
        Some(Kind::Organization) => organization::read(source),
        Some(Kind::Resources) => resources::read_policies(source),
        Some(Kind::Sessions) => resources::read_sessions(source),
        Some(Kind::SignIn) => sign_in::read(source),
        None => {
            source.problem(Some(text), NOT_RECOGNISED);
            return;
        }
    };
    if let Err(error) = result {
        source.problem(place(&error), format!("{error}; export it again"));
    }
}

const NOT_RECOGNISED: &str = "not recognised; expected the output of `aws iam \
get-account-authorization-details`, an organization's tree with its policies, a list of \
{\"Resource\", \"Policy\"}, {\"SessionPolicies\": [...]}, the console authorization of a \"targetId\", \
or JSON lines with the versions of AWS managed policies";

enum Kind {
    AuthorizationDetails,
    Organization,
    Resources,
    Sessions,
    SignIn,
}

fn kind(tree: &Value) -> Option<Kind> {
    let has = |name: &str| tree.get(name).is_some();
    if has("Organization") || has("Root") || has("Children") || is_root(tree) {
        return Some(Kind::Organization);
    }
    if has("SessionPolicies") {
        return Some(Kind::Sessions);
    }
    if has("UserDetailList") || has("RoleDetailList") || has("GroupDetailList") || has("Policies") {
        return Some(Kind::AuthorizationDetails);
    }
    let one = match tree {
        Value::Array(entries) => entries.first(),
        other => other
            .get("ResourcePolicies")
            .and_then(|list| list.get(0))
            .or(Some(other)),
    };
    let one = one?;
    if sign_in::is_entry(one) {
        return Some(Kind::SignIn);
    }
    (one.get("Resource").is_some() && one.get("Policy").is_some()).then_some(Kind::Resources)
}

fn is_root(tree: &Value) -> bool {
    let id = tree.get("Id").and_then(Value::as_str);
    id.is_some_and(|id| id.starts_with("r-"))
}
