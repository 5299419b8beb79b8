//! The history of a control policy, and of an account, unit or root.

use std::sync::Arc;

use super::Change;
use super::steps::{Value, Verb, Whole, steps};
use crate::policies::change::Control;
use crate::policies::moment::When;
use crate::policies::organization::Tree;
use crate::policies::series::{Fact, Series};

/// What changed about the policy or level with this id; `None` when nothing
/// tells of it.
pub(super) fn changes(tree: &Tree, id: &str) -> Option<Vec<Change>> {
    let mut changes = Vec::new();
    let mut known = false;
    if let Some((control, series)) = tree.contents.get(id) {
        known = true;
        let found = steps(series, &[], |when: When<'_>| {
            Value::of(series.at(when, tree.content_start(series, when)))
        });
        let name = words(*control);
        changes.extend(found.into_iter().map(|step| step.of_document(name)));
    }
    for ((target, policy), series) in &tree.attached {
        let text = match (&**target == id, &**policy == id) {
            (true, _) => format!("policy {policy}"),
            (_, true) => format!("at {target}:"),
            _ => continue,
        };
        known = true;
        let of_tree = of_tree(tree, series).into_iter();
        changes.extend(
            of_tree.map(|step| step.change(format!("{text} {}", step.verb.of_attachment()))),
        );
    }
    if let Some(series) = tree.parents.get(id) {
        known = true;
        changes.extend(of_tree(tree, series).iter().map(|step| {
            step.change(match (&step.after, step.verb) {
                (Value::Known(Some(parent)), _) if parent.is_empty() => "it is the root".to_owned(),
                (Value::Known(Some(parent)), Verb::Shown) => format!("it lies below {parent}"),
                (Value::Known(Some(parent)), _) => match &step.before {
                    Value::Known(Some(before)) => format!("moved from {before} to {parent}"),
                    _ => format!("moved to {parent}"),
                },
                _ => "it is no longer in the organization".to_owned(),
            })
        }));
    }
    if tree.parents.get(id).is_some_and(is_root) {
        for (control, series) in &tree.in_use {
            changes.extend(of_tree(tree, series).iter().map(|step| {
                let what = match &step.after {
                    Value::Known(true) => "are in use",
                    _ => "are not in use",
                };
                step.change(format!("{} {what}", plural(*control)))
            }));
        }
    }
    known.then_some(changes)
}

/// The changes of a fact of the tree, which snapshots show as a whole.
fn of_tree<'a, T: Fact>(tree: &'a Tree, series: &'a Series<T>) -> Vec<super::steps::Step<'a, T>> {
    let whole = |moment: &'a _| -> Option<Whole<'a>> {
        let (_, origin) = tree.changes().find(|(at, _)| *at == moment)?;
        Some((moment, origin))
    };
    let wholes: Vec<Whole<'a>> = tree.whole.iter().filter_map(whole).collect();
    steps(series, &wholes, |when| {
        Value::of(series.at(when, tree.start(when)))
    })
}

fn is_root(parents: &Series<Option<Arc<str>>>) -> bool {
    let undated = parents.undated.iter().map(|(value, _)| value);
    let dated = parents.dated.iter().map(|entry| &entry.value);
    undated
        .chain(dated)
        .flatten()
        .any(|parent| parent.is_empty())
}

fn words(control: Control) -> &'static str {
    match control {
        Control::Service => "service control policy",
        Control::Resource => "resource control policy",
    }
}

fn plural(control: Control) -> &'static str {
    match control {
        Control::Service => "service control policies",
        Control::Resource => "resource control policies",
    }
}
