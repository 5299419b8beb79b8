//! Random policies and requests, small enough that they often meet.

use proptest::prelude::*;
use serde_json::{Value, json};
use trailwright_evaluator::{
    Context, ContextValue, IdentitySource, Layers, Level, Policy, PolicyId, PolicySet, Principal,
    Request,
};

/// A request and all its policies, as documents.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub(crate) identity: Vec<Value>,
    pub(crate) resource: Option<Value>,
    pub(crate) scp: Option<Value>,
    pub(crate) boundary: Option<Value>,
    pub(crate) same_account: bool,
    pub(crate) session: bool,
    pub(crate) action: String,
    pub(crate) resource_arn: String,
    pub(crate) context: Vec<(String, ContextValue)>,
}

impl Setting {
    pub(crate) fn layers(&self) -> Layers {
        let set = |documents: &[Value]| {
            documents
                .iter()
                .enumerate()
                .map(|(n, d)| compile(&format!("p{n}"), d))
                .collect()
        };
        let one = |document: &Value| PolicySet::from(compile("one", document));
        let layers = Layers {
            resource: self.resource.as_ref().map(|d| compile("resource", d)),
            boundary: self.boundary.as_ref().map(one),
            scp: self.scp.as_ref().map(|d| {
                let root = Level {
                    name: "r-root".into(),
                    policies: one(d),
                };
                [root].into()
            }),
            ..Layers::default()
        };
        layers.with_identity(IdentitySource::Unspecified, set(&self.identity))
    }

    pub(crate) fn request(&self) -> Request<'_> {
        let mut context = Context::new();
        for (key, value) in &self.context {
            context.set(key, value.clone());
        }
        self.request_in(context)
    }

    pub(crate) fn request_in<'a>(&'a self, context: Context<'a>) -> Request<'a> {
        let principal = if self.session {
            Principal::from_arn("arn:aws:sts::111122223333:assumed-role/r/s")
        } else {
            Principal::from_arn("arn:aws:iam::111122223333:user/u")
        };
        let account = if self.same_account {
            "111122223333"
        } else {
            "444455556666"
        };
        Request::new(principal, &self.action, &self.resource_arn, context).in_account(account)
    }

    fn documents(&mut self) -> Vec<&mut Value> {
        let others = [&mut self.resource, &mut self.scp, &mut self.boundary];
        self.identity
            .iter_mut()
            .chain(others.into_iter().flatten())
            .collect()
    }

    /// Adds a statement to one of the layers there are.
    pub(crate) fn add(&mut self, layer: usize, mut statement: Value) {
        let mut documents = self.documents();
        let at = layer % documents.len();
        if documents[at].get("Id").is_some() {
            statement["Principal"] = json!("*");
        }
        documents[at]["Statement"]
            .as_array_mut()
            .unwrap()
            .push(statement);
    }

    /// Removes one Allow statement; `false` if there is none.
    pub(crate) fn remove_allow(&mut self, which: prop::sample::Index) -> bool {
        let mut places = Vec::new();
        for (d, document) in self.documents().iter().enumerate() {
            let statements = document["Statement"].as_array().unwrap().iter().enumerate();
            places.extend(
                statements
                    .filter(|(_, s)| s["Effect"] == "Allow")
                    .map(|(s, _)| (d, s)),
            );
        }
        if places.is_empty() {
            return false;
        }
        let (d, s) = places[which.index(places.len())];
        self.documents()[d]["Statement"]
            .as_array_mut()
            .unwrap()
            .remove(s);
        true
    }

    /// The same setting with policies and statements in another order.
    pub(crate) fn shuffled(&self, seed: u64) -> Setting {
        let mut shuffled = self.clone();
        let by = |n: usize| {
            (0..n).map(move |i| {
                (
                    seed.rotate_left(u32::try_from(i * 7 % 64).unwrap()) ^ i as u64,
                    i,
                )
            })
        };
        let permute = |values: &mut Vec<Value>| {
            let mut order: Vec<_> = by(values.len()).collect();
            order.sort_unstable();
            *values = order.into_iter().map(|(_, i)| values[i].clone()).collect();
        };
        permute(&mut shuffled.identity);
        for document in shuffled.documents() {
            permute(document["Statement"].as_array_mut().unwrap());
        }
        shuffled
    }
}

fn compile(name: &str, document: &Value) -> Policy {
    let policy = Policy::compile(PolicyId::named(name), &document.to_string()).unwrap();
    assert!(
        policy.is_valid(),
        "{:?} in {document}",
        policy.diagnostics()
    );
    policy
}

/// A setting. `unknown`: some context keys are unknown.
pub(crate) fn setting(unknown: bool) -> impl Strategy<Value = Setting> {
    let document = || prop::collection::vec(statement(true), 1..4).prop_map(document);
    let with_principal =
        prop::collection::vec((statement(true), principal()), 1..3).prop_map(|statements| {
            let statements = statements.into_iter().map(|(mut statement, principal)| {
                statement["Principal"] = principal;
                statement
            });
            let mut document = document_of(statements.collect());
            document["Id"] = json!("resource-based");
            document
        });
    (
        prop::collection::vec(document(), 1..3),
        prop::option::weighted(0.3, with_principal),
        prop::option::weighted(0.3, document()),
        prop::option::weighted(0.3, document()),
        prop::bool::weighted(0.8),
        any::<bool>(),
        prop::sample::select(vec!["s3:GetObject", "s3:PutObject", "S3:getobject"]),
        prop::sample::select(vec![
            "arn:aws:s3:::bucket/a/x",
            "arn:aws:s3:::bucket/b",
            "arn:aws:s3:::other/xy",
        ]),
        context(unknown),
    )
        .prop_map(
            |(identity, resource, scp, boundary, same_account, session, action, arn, context)| {
                Setting {
                    identity,
                    resource,
                    scp,
                    boundary,
                    same_account,
                    session,
                    action: action.to_owned(),
                    resource_arn: arn.to_owned(),
                    context,
                }
            },
        )
}

fn document(statements: Vec<Value>) -> Value {
    document_of(statements)
}

fn document_of(statements: Vec<Value>) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn principal() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!("*"),
        json!({"AWS": "111122223333"}),
        json!({"AWS": "arn:aws:iam::111122223333:role/r"}),
        json!({"AWS": ["arn:aws:iam::111122223333:user/u", "arn:aws:iam::111122223333:user/v"]}),
        json!({"Service": "ec2.amazonaws.com"}),
    ])
}

/// A statement; `conditions`: it may have conditions.
pub(crate) fn statement(conditions: bool) -> impl Strategy<Value = Value> {
    let conditions = prop::collection::vec(condition(), 0..if conditions { 4 } else { 1 });
    (
        prop::bool::weighted(0.65),
        prop::sample::select(vec![
            json!({"Action": "*"}),
            json!({"Action": "s3:*"}),
            json!({"Action": "s3:Get*"}),
            json!({"Action": ["s3:GetObject", "s3:ListBucket"]}),
            json!({"Action": "s3:P?tObject"}),
            json!({"NotAction": "s3:GetObject"}),
        ]),
        prop::sample::select(vec![
            json!({"Resource": "*"}),
            json!({"Resource": "arn:aws:s3:::bucket/*"}),
            json!({"Resource": ["arn:aws:s3:::bucket/a/*", "arn:aws:s3:::other/*"]}),
            json!({"Resource": "arn:aws:s3:::*/x"}),
            json!({"Resource": "arn:aws:s3:::bucket/${k:a}"}),
            json!({"Resource": "arn:*:s3:*:*:bucket/?"}),
            json!({"NotResource": "arn:aws:s3:::bucket/b"}),
        ]),
        conditions,
    )
        .prop_map(|(allow, action, resource, conditions)| {
            let mut statement = json!({"Effect": if allow { "Allow" } else { "Deny" }});
            for part in [action, resource] {
                for (key, value) in part.as_object().unwrap() {
                    statement[key] = value.clone();
                }
            }
            for (operator, key, value) in conditions {
                statement["Condition"][operator][key] = value;
            }
            statement
        })
}

/// Text conditions on `k:a`, typed ones on `k:b` and `k:n`, set operators on `k:m`.
fn condition() -> impl Strategy<Value = (String, String, Value)> {
    let text = (
        prop::sample::select(vec![
            "StringEquals",
            "StringNotEquals",
            "StringLike",
            "StringNotLike",
            "StringEqualsIgnoreCase",
            "StringLikeIfExists",
            "StringNotEqualsIfExists",
        ]),
        prop::sample::select(vec![
            json!("x"),
            json!("y"),
            json!("x*"),
            json!(["*y", "x"]),
            json!("?"),
            json!("X"),
        ]),
    )
        .prop_map(|(operator, value)| (operator.to_owned(), "k:a".to_owned(), value));
    let boolean = (
        prop::sample::select(vec!["Bool", "BoolIfExists"]),
        any::<bool>(),
    )
        .prop_map(|(operator, value)| {
            (
                operator.to_owned(),
                "k:b".to_owned(),
                json!(value.to_string()),
            )
        });
    let number = (
        prop::sample::select(vec![
            "NumericLessThan",
            "NumericEquals",
            "NumericNotEquals",
            "NumericGreaterThanEquals",
        ]),
        prop::sample::select(vec![3, 5]),
    )
        .prop_map(|(operator, value)| (operator.to_owned(), "K:N".to_owned(), json!(value)));
    let set = (
        prop::sample::select(vec![
            "ForAllValues:StringEquals",
            "ForAnyValue:StringEquals",
            "ForAllValues:StringNotEquals",
            "ForAnyValue:StringNotLike",
            "ForAnyValue:StringLike",
        ]),
        prop::sample::select(vec![json!("x"), json!(["x", "y"]), json!("x*")]),
    )
        .prop_map(|(operator, value)| (operator.to_owned(), "k:m".to_owned(), value));
    let null = (
        prop::sample::select(vec!["k:a", "k:b", "k:n", "k:m"]),
        any::<bool>(),
    )
        .prop_map(|(key, value)| ("Null".to_owned(), key.to_owned(), json!(value.to_string())));
    prop_oneof![4 => text, 2 => boolean, 2 => number, 3 => set, 1 => null]
}

fn context(unknown: bool) -> impl Strategy<Value = Vec<(String, ContextValue)>> {
    let weight = if unknown { 4 } else { 1 };
    let state = move |known: Vec<ContextValue>| {
        let unlisted = if unknown {
            ContextValue::Unknown
        } else {
            ContextValue::Absent
        };
        prop_oneof![weight => Just(unlisted), 1 => Just(ContextValue::Absent), 2 => prop::sample::select(known)]
    };
    let one = |texts: &[&str]| {
        texts
            .iter()
            .map(|t| ContextValue::One((*t).to_owned()))
            .collect::<Vec<_>>()
    };
    let many = vec![
        ContextValue::Many(vec!["x".into()]),
        ContextValue::Many(vec!["x".into(), "q".into()]),
    ];
    let keys = (
        state(one(&["x", "y", "xy"])),
        state(one(&["true", "false"])),
        state(one(&["3", "4", "9"])),
        state(many),
    );
    keys.prop_map(|(a, b, n, m)| {
        [("k:a", a), ("k:b", b), ("k:n", n), ("k:m", m)]
            .into_iter()
            .map(|(k, v)| (k.to_owned(), v))
            .collect()
    })
}
