//! What must hold for any bytes. The fuzz targets run these, and so does `tests/fuzz.rs` for a bounded
//! number of inputs on a stable toolchain.

use trailwright_evaluator::{
    Context, ContextValue, IdentitySource, Layers, Level, Options, Policy, PolicyId, PolicySet,
    Principal, Request, Unlisted, decide, evaluate, explain,
};

/// Separates the parts of a request's input; the byte does not occur in UTF-8.
pub const SEPARATOR: u8 = 0xff;

/// A document compiles or is refused; what compiles prints as a document that compiles to the same.
///
/// # Panics
/// If that does not hold.
pub fn document(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(policy) = Policy::compile(PolicyId::named("p"), &text) else {
        return;
    };
    let printed = policy.to_json();
    match Policy::compile(PolicyId::named("p"), &printed) {
        Ok(again) => {
            assert_eq!(again.to_json(), printed);
            assert_eq!(findings(&again), findings(&policy), "{printed}");
            let statements = |policy: &Policy| format!("{}", policy.statements().len());
            assert_eq!(statements(&again), statements(&policy));
        }
        Err(why) => panic!("{printed} compiles no more: {why}"),
    }
}

/// Findings without their places, which printing changes.
fn findings(policy: &Policy) -> Vec<(String, String)> {
    let findings = policy.diagnostics().iter();
    let mut findings: Vec<_> = findings
        .map(|d| (format!("{:?} {:?}", d.severity, d.code), d.message.clone()))
        .collect();
    findings.sort();
    findings
}

/// Any request is answered, and all three ways of asking answer alike. The input is a byte of flags
/// and parts: principal, action, resource, a key, its value, and policies.
///
/// # Panics
/// If that does not hold.
pub fn request(bytes: &[u8]) {
    let Some((flags, rest)) = bytes.split_first() else {
        return;
    };
    let parts: Vec<_> = rest
        .split(|byte| *byte == SEPARATOR)
        .map(String::from_utf8_lossy)
        .collect();
    let part = |n: usize| parts.get(n).map_or("", |part| part.as_ref());
    let mut context = Context::with_unlisted(match flags & 1 {
        0 => Unlisted::Absent,
        _ => Unlisted::Unknown,
    });
    context.set(part(3), value(part(4), flags >> 1 & 3));
    let principal = Principal::from_arn(part(0));
    let request = Request::new(principal, part(1), part(2), context);
    let layers = layers(parts.get(5..).unwrap_or_default().iter().map(|p| policy(p)));
    // Fewer completions than usual: an input may take a bounded time only.
    let options = Options {
        completions_max: 64,
        ..Options::default()
    };
    let verdict = evaluate(&request, &layers, &options);
    assert_eq!(
        decide(&request, &layers, &options).decision,
        verdict.decision
    );
    let explanation = explain(&request, &layers, &options);
    assert_eq!(explanation.verdict.decision, verdict.decision);
    assert!(explanation.steps.len() >= 2);
}

fn value(text: &str, kind: u8) -> ContextValue {
    match kind {
        0 => ContextValue::One(text.to_owned()),
        1 => ContextValue::Many(text.split(',').map(str::to_owned).collect()),
        2 => ContextValue::Absent,
        _ => ContextValue::Unknown,
    }
}

fn policy(text: &str) -> Policy {
    Policy::compile(PolicyId::named("p"), text)
        .unwrap_or_else(|why| Policy::denying_all(PolicyId::named("p"), &why))
}

/// Deals policies out to the layers.
fn layers(policies: impl Iterator<Item = Policy>) -> Layers {
    let mut layers = Layers::default();
    let (mut scp, mut rcp) = (Vec::new(), Vec::new());
    for (n, policy) in policies.enumerate() {
        let set = PolicySet::from(policy.clone());
        let level = Level {
            name: format!("level-{n}").into(),
            policies: set.clone(),
        };
        match n % 7 {
            0 => layers = layers.with_identity(IdentitySource::Unspecified, set),
            1 => layers.resource = Some(policy),
            2 => layers.boundary = Some(set),
            3 => scp.push(level),
            4 => layers.session = Some(set),
            5 => rcp.push(level),
            _ => layers.vpc_endpoint = Some(set),
        }
    }
    let some = |levels: Vec<Level>| (!levels.is_empty()).then(|| levels.into());
    layers.scp = some(scp);
    layers.rcp = some(rcp);
    layers
}
