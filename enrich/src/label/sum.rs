//! From the judgements on single actions and resources to one outcome.

use std::mem::take;

use trailwright_schemas::{CauseType, Decision, Stage};

use super::convert::Judgement;
use super::{Outcome, distinct};
use crate::agreement::Denier;

/// The judgements on all pairs of actions and resources, taken together: any
/// deny denies, an explicit one before an implicit one; what is open keeps the
/// whole open; otherwise all allow.
#[derive(Default)]
pub(super) struct Sum {
    deciding: Option<Judgement>,
    unknown_keys: Vec<String>,
    assumptions: Vec<String>,
    denies: Vec<Denier>,
    missing: Vec<CauseType>,
}

impl Sum {
    pub(super) fn add(&mut self, mut judgement: Judgement, assumptions: Vec<String>) {
        add(&mut self.unknown_keys, take(&mut judgement.unknown_keys));
        add(&mut self.denies, take(&mut judgement.denies));
        add(&mut self.missing, take(&mut judgement.missing));
        add(&mut self.assumptions, assumptions);
        self.assumptions.extend(judgement.assumption.take());
        let outweighs = |kept: &Judgement| weight(judgement.decision) > weight(kept.decision);
        if self.deciding.as_ref().is_none_or(outweighs) {
            self.deciding = Some(judgement);
        }
    }

    pub(super) fn outcome(self) -> Outcome {
        let deciding = self.deciding.unwrap_or_else(|| {
            let text = "the call passes no role and needs no other action".to_owned();
            Judgement::open(CauseType::UnmappedRequest, text)
        });
        let open = deciding.decision == Decision::Indeterminate;
        Outcome {
            decision: deciding.decision,
            stage: Stage::Authorization,
            cause: deciding.cause,
            unknown_keys: if open {
                distinct(self.unknown_keys)
            } else {
                Vec::new()
            },
            assumptions: distinct(self.assumptions),
            denies: self.denies,
            missing: self.missing,
        }
    }
}

/// Most calls are one action on one resource: nothing is copied for them.
fn add<T>(all: &mut Vec<T>, more: Vec<T>) {
    if all.is_empty() {
        *all = more;
    } else {
        all.extend(more);
    }
}

fn weight(decision: Decision) -> u8 {
    match decision {
        Decision::ExplicitDeny => 3,
        Decision::ImplicitDeny => 2,
        Decision::Indeterminate => 1,
        Decision::Allow | Decision::NotEvaluated => 0,
    }
}
