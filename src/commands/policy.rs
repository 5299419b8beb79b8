//! `trailwright policy check`: what is wrong with policy documents, and where.

use std::process::ExitCode;

use trailwright_evaluator::{Diagnostic, Policy, PolicyId, ServiceData, Severity, lint};

use crate::args::PolicyCheck;
use crate::failure::Failure;

/// Errors were found.
const FOUND: u8 = 1;

pub(crate) fn check(args: &PolicyCheck) -> Result<ExitCode, Failure> {
    let services = ServiceData::embedded();
    let (mut errors, mut warnings) = (0, 0);
    for file in &args.files {
        let text = std::fs::read_to_string(file)
            .map_err(|error| Failure::usage(format!("cannot read {}: {error}", file.display())))?;
        for diagnostic in diagnostics(&text, &services) {
            match diagnostic.severity {
                Severity::Error => errors += 1,
                Severity::Warning => warnings += 1,
            }
            let shown = shown(&file.display().to_string(), &text, &diagnostic);
            notice!("{}", shown.trim_end());
        }
    }
    notice!(
        "{} files: {errors} errors, {warnings} warnings",
        args.files.len()
    );
    Ok(ExitCode::from(if errors > 0 { FOUND } else { 0 }))
}

/// What AWS would refuse, and what it accepts but the author can hardly mean.
fn diagnostics(text: &str, services: &ServiceData) -> Vec<Diagnostic> {
    match Policy::compile(PolicyId::named("policy"), text) {
        Ok(policy) => [policy.diagnostics(), &lint(&policy, services)].concat(),
        Err(unreadable) => vec![unreadable.diagnostic],
    }
}

/// The finding, its line, and a caret under its column.
fn shown(file: &str, text: &str, diagnostic: &Diagnostic) -> String {
    let position = diagnostic.position;
    let line = text
        .lines()
        .nth(position.line.saturating_sub(1) as usize)
        .unwrap_or_default();
    let before = position.column.saturating_sub(1) as usize;
    let indent: String = line
        .chars()
        .take(before)
        .map(|c| if c == '\t' { '\t' } else { ' ' })
        .collect();
    format!("{file}:{diagnostic}\n    {line}\n    {indent}^\n")
}
