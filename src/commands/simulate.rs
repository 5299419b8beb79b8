//! `trailwright simulate`: what the policies decide on a request, and why.

mod cases;

use std::io::Write;
use std::process::ExitCode;

use serde_json::json;
use trailwright_enrich::{Labeller, Simulated, Simulation};
use trailwright_evaluator::cases::render;
use trailwright_evaluator::{Cause, Decision, Unlisted, explain};

use super::moved_left;
use crate::Host;
use crate::args::{Common, Simulate, SimulateOutput};
use crate::config::Config;
use crate::failure::Failure;
use crate::policies::labeller;

pub(crate) fn run(
    args: &Simulate,
    config: &Config,
    common: &Common,
    host: &Host,
) -> Result<ExitCode, Failure> {
    if let Some(file) = &args.cases {
        return cases::run(file);
    }
    let labeller = labeller(config, args.policies.as_deref(), common)?;
    let context = context(&args.context)?;
    let principal = args.principal.clone().unwrap_or_default();
    let mut out = std::io::stdout().lock();
    for action in &args.action {
        for resource in &args.resource {
            let simulated = Simulated {
                principal: principal.clone(),
                action: action.clone(),
                resource: resource.clone(),
                context: context.clone(),
                unlisted: if args.complete {
                    Unlisted::Absent
                } else {
                    Unlisted::Unknown
                },
                time: (host.now)(),
            };
            answer(&labeller, &simulated, args, &mut out)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// `key=value`, a key given again for its further values.
fn context(given: &[String]) -> Result<Vec<(String, Vec<String>)>, Failure> {
    let mut context: Vec<(String, Vec<String>)> = Vec::new();
    for pair in given {
        let (key, value) = pair.split_once('=').ok_or_else(|| {
            Failure::usage(format!(
                "{pair:?} is not KEY=VALUE, as in aws:SourceIp=203.0.113.7"
            ))
        })?;
        match context
            .iter_mut()
            .find(|(known, _)| known.eq_ignore_ascii_case(key))
        {
            Some((_, values)) => values.push(value.to_owned()),
            None => context.push((key.to_owned(), vec![value.to_owned()])),
        }
    }
    Ok(context)
}

fn answer(
    labeller: &Labeller,
    simulated: &Simulated,
    args: &Simulate,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let simulation = labeller.simulate(simulated);
    let Simulation {
        request,
        layers,
        options,
        assumptions,
        gaps,
        no_such_role,
    } = &simulation;
    if let Some(why) = no_such_role {
        let text = format!("{} was not there: {why}", simulated.resource);
        return refuse(&text, simulated, args.output, out);
    }
    let services = labeller.catalogue().services();
    if let Some(unsupported) = services.unsupported_resource(request) {
        return refuse(&unsupported.to_string(), simulated, args.output, out);
    }
    let explanation = explain(request, layers, options);
    // What is not known could turn any decision but an explicit deny.
    let decided = explanation.verdict.decision;
    let open = !gaps.is_empty() && decided != Decision::ExplicitDeny;
    if args.output == SimulateOutput::Json {
        let mut verdict = render(&explanation.verdict);
        if open {
            verdict["d"] = json!("Indeterminate");
        }
        verdict["action"] = json!(simulated.action);
        verdict["resource"] = json!(simulated.resource);
        verdict["assumptions"] = json!(assumptions);
        verdict["not_known"] = json!(gaps);
        if args.explain {
            let steps: Vec<&str> = explanation
                .steps
                .iter()
                .map(|step| step.text.as_str())
                .collect();
            verdict["steps"] = json!(steps);
        }
        writeln!(out, "{verdict}")?;
        return Ok(());
    }
    let word = match decided {
        _ if open => "INDETERMINATE",
        Decision::Allow => "ALLOW",
        Decision::ExplicitDeny => "EXPLICIT DENY",
        Decision::ImplicitDeny => "IMPLICIT DENY",
        Decision::Indeterminate => "INDETERMINATE",
    };
    writeln!(
        out,
        "{word}  {} on {}",
        simulated.action, simulated.resource
    )?;
    if args.explain {
        for step in &explanation.steps {
            writeln!(out, "  {}. {}", step.number, step.text)?;
        }
        if let Cause::Statement(deciding) = &explanation.verdict.cause {
            let text = deciding.policy.statement_text(deciding.index);
            for line in moved_left(text.unwrap_or_default()) {
                writeln!(out, "     | {line}")?;
            }
        }
    } else if let Some(last) = explanation.steps.last() {
        writeln!(out, "  {}", last.text)?;
    }
    if decided == Decision::Indeterminate {
        writeln!(
            out,
            "  would be settled by --context of: {}",
            explanation.verdict.unknown_keys.join(", ")
        )?;
    }
    for gap in gaps {
        writeln!(out, "  not known: {gap}")?;
    }
    for assumption in assumptions {
        writeln!(out, "  assumed: {assumption}")?;
    }
    Ok(())
}

/// The action does not work on this type of resource: no policy is asked.
fn refuse(
    why: &str,
    simulated: &Simulated,
    output: SimulateOutput,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let Simulated {
        action, resource, ..
    } = simulated;
    match output {
        SimulateOutput::Json => {
            let verdict = json!({
                "d": "ImplicitDeny", "deny": [], "allow": [], "layers": {}, "missing": [],
                "action": action, "resource": resource, "unsupported": why,
            });
            writeln!(out, "{verdict}")?;
        }
        SimulateOutput::Text => writeln!(out, "IMPLICIT DENY  {action} on {resource}\n  {why}")?,
    }
    Ok(())
}
