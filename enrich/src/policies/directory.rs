//! Reading a directory of policies. Files are recognised by what is in them,
//! whatever they are called. The formats: `docs/reference/policies.md`.

use std::path::{Path, PathBuf};

use serde_json::Value;

pub use super::document::Problem;

use super::authorization_details::Details;
use super::document::Source;
use super::{Policies, State, organization, resources};

/// What a directory gave.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The policies.
    pub policies: Policies,
    /// What is wrong with the files. What they concern is treated as not
    /// known, so that no decision rests on it; better is to mend them.
    pub problems: Vec<Problem>,
    /// The files read, in order.
    pub files: Vec<PathBuf>,
}

/// Reads every file under `directory`; those whose name begins with a dot are
/// left alone.
///
/// # Errors
/// When the directory itself, or one below it, cannot be listed.
pub fn load(directory: &Path) -> std::io::Result<Loaded> {
    let mut paths = Vec::new();
    list(directory, &mut paths)?;
    paths.sort();
    let mut unread = Vec::new();
    let mut files = Vec::new();
    for path in paths {
        match std::fs::read_to_string(&path) {
            Ok(text) => files.push((path, text)),
            Err(error) => unread.push(Problem {
                file: path,
                position: None,
                message: format!("cannot be read: {error}"),
            }),
        }
    }
    let mut loaded = read(&files);
    loaded.problems.extend(unread);
    Ok(loaded)
}

/// Reads files given as text.
pub fn read(files: &[(PathBuf, String)]) -> Loaded {
    let mut state = State::default();
    let mut details = Details::default();
    let mut problems = Vec::new();
    for (path, text) in files {
        let mut source = Source {
            path,
            text,
            problems: &mut problems,
        };
        read_file(&mut source, &mut state, &mut details);
    }
    details.settle(&mut state);
    Loaded {
        policies: Policies::unchanging(state),
        problems,
        files: files.iter().map(|(path, _)| path.clone()).collect(),
    }
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

fn read_file(source: &mut Source<'_>, state: &mut State, details: &mut Details) {
    let text = source.text;
    let tree: Value = match serde_json::from_str(text) {
        Ok(tree) => tree,
        Err(error) => {
            let at = text
                .lines()
                .nth(error.line().saturating_sub(1))
                .and_then(|line| line.get(error.column().saturating_sub(1)..));
            source.problem(
                at,
                format!("not JSON: {error}; mend it or move it elsewhere"),
            );
            return;
        }
    };
    let result = match kind(&tree) {
        Some(Kind::AuthorizationDetails) => details.read(source),
        Some(Kind::Organization) => organization::read(source, state),
        Some(Kind::Resources) => resources::read_policies(source, state),
        Some(Kind::Sessions) => resources::read_sessions(source, state),
        None => {
            source.problem(Some(text), NOT_RECOGNISED);
            return;
        }
    };
    if let Err(error) = result {
        let at = text
            .lines()
            .nth(error.line().saturating_sub(1))
            .and_then(|line| line.get(error.column().saturating_sub(1)..));
        source.problem(at, format!("{error}; export it again"));
    }
}

const NOT_RECOGNISED: &str = "not recognised; expected the output of `aws iam \
get-account-authorization-details`, an organization's tree with its policies, a list of \
{\"Resource\", \"Policy\"}, or {\"SessionPolicies\": [...]}";

enum Kind {
    AuthorizationDetails,
    Organization,
    Resources,
    Sessions,
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
    one.filter(|one| one.get("Resource").is_some() && one.get("Policy").is_some())
        .map(|_| Kind::Resources)
}

fn is_root(tree: &Value) -> bool {
    let id = tree.get("Id").and_then(Value::as_str);
    id.is_some_and(|id| id.starts_with("r-"))
}
