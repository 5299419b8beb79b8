//! The generated cases whose lists contradict the documentation.
//!
//! In these the evaluator that wrote the lists leaves out a statement that matches by AWS's text. The
//! decision is the same either way, so the corrected cases, which give decisions only, do not hold
//! them; but they decide the very same question the other way. No one reading satisfies both.

use serde_json::{Value, json};

/// A case id, and the statement its lists leave out: policy type, policy name, number from 1.
type Disputed = (&'static str, &'static str, &'static str, usize);

/// Why a statement is left out, and where.
pub(crate) const DISPUTED: [(&str, &[Disputed]); 3] = [
    (
        "a negated operator matches a variable without a value; the lists say that it never does. \
         The 23 corrected cases with the tag dev:var-null-negated need it to match",
        &[
            ("g1-142", "identity", "inline1", 2),
            ("g1-307", "identity", "inline0", 2),
            ("g1-655", "identity", "inline2", 1),
            ("g1-894", "identity", "inline0", 1),
            ("g1-1312", "identity", "inline2", 1),
            ("g1-1313", "resource", "resource", 1),
            ("g1-1804", "scp", "scp0", 1),
            ("g1-1836", "resource", "resource", 1),
            ("g1-1970", "resource", "resource", 1),
            ("g1-2289", "identity", "inline0", 1),
            ("g1-2654", "scp", "scp0", 2),
            ("g1-2664", "identity", "inline0", 3),
            ("g1-2776", "identity", "Managed0", 2),
            ("g1-3034", "identity", "inline1", 2),
            ("g1-3208", "identity", "inline0", 4),
            ("g2-185", "boundary", "Boundary", 1),
            ("g2-319", "identity", "Managed1", 1),
            ("g2-401", "identity", "Managed2", 1),
            ("g2-971", "identity", "Managed0", 2),
            ("g2-1647", "identity", "Managed0", 1),
            ("g2-2516", "identity", "inline2", 2),
            ("g2-2805", "identity", "Managed2", 1),
            ("g2-2922", "identity", "Managed0", 4),
            ("g2-3037", "session", "session", 1),
        ],
    ),
    (
        "NotResource with a variable without a value excludes nothing; the lists say that the \
         statement never matches. The 2 corrected cases with the tag dev:notresource-null-variable \
         need it to match",
        &[
            ("g1-3015", "identity", "Managed2", 1),
            ("g2-2002", "scp", "scp2", 2),
        ],
    ),
    (
        "in a document of 2008-10-17 a variable is literal text, which a negated operator does not \
         find; the lists replace it. The documented case doc-102 needs it to be literal",
        &[
            ("g1-358", "identity", "inline1", 1),
            ("g1-2175", "identity", "inline0", 2),
            ("g1-3042", "resource", "resource", 1),
            ("g2-2560", "identity", "Managed0", 1),
        ],
    ),
];

/// The statement of a case that is disputed.
pub(crate) fn disputed(id: &str) -> Option<&'static Disputed> {
    DISPUTED
        .iter()
        .flat_map(|(_, cases)| *cases)
        .find(|(case, ..)| *case == id)
}

/// The case with the disputed statement under a condition that never holds.
pub(crate) fn without_statement(line: &str, (_, layer, name, number): &Disputed) -> String {
    let mut case: Value = serde_json::from_str(line).unwrap();
    let policies = &mut case["pol"][layer];
    let statement = statements(policies, name).nth(number - 1).unwrap();
    statement["Condition"] = json!({"Bool": {"nobody:SetsThisKey": "true"}});
    case.to_string()
}

/// The statements of a policy, wherever it is in a layer: alone, in a list, or in a level.
fn statements<'v>(
    layer: &'v mut Value,
    name: &str,
) -> Box<dyn Iterator<Item = &'v mut Value> + 'v> {
    let name = name.to_owned();
    match layer {
        Value::Array(items) => Box::new(items.iter_mut().flat_map(move |i| statements(i, &name))),
        level if level.get("policies").is_some() => statements(&mut level["policies"], &name),
        policy if policy["name"] == *name => match &mut policy["doc"]["Statement"] {
            Value::Array(several) => Box::new(several.iter_mut()),
            one => Box::new(std::iter::once(one)),
        },
        _ => Box::new(std::iter::empty()),
    }
}
