//! Keys of the network that the call came over.

use std::net::IpAddr;

use trailwright_evaluator::Principal;

use super::{Facts, Known, absent, derived, exact, probably_absent};

/// Where a call came from.
enum Origin<'d> {
    Endpoint {
        id: &'d str,
        address: Option<&'d str>,
    },
    Internet {
        address: &'d str,
    },
    /// A service called for itself: AWS takes the network out of the request.
    Service,
    /// A service's name in place of the address: the caller's own network is
    /// not in the record.
    NotRecorded,
}

fn origin<'d>(facts: &Facts<'d>) -> Origin<'d> {
    let record = facts.record;
    let endpoint = record.vpc_endpoint_id.as_deref();
    let address = record.source_ip_address.as_deref();
    let address = address.filter(|text| text.parse::<IpAddr>().is_ok());
    match (endpoint.filter(|id| id.starts_with("vpce-")), address) {
        (Some(id), address) => Origin::Endpoint { id, address },
        (None, Some(address)) => Origin::Internet { address },
        (None, None) if matches!(facts.derived.principal, Principal::Service { .. }) => {
            Origin::Service
        }
        (None, None) => Origin::NotRecorded,
    }
}

pub(super) fn source_ip<'d>(facts: &Facts<'d>) -> Known<'d> {
    match origin(facts) {
        Origin::Endpoint { .. } => absent(),
        Origin::Internet { address } => exact(address),
        Origin::Service => probably_absent(),
        Origin::NotRecorded => None,
    }
}

pub(super) fn vpc_source_ip<'d>(facts: &Facts<'d>) -> Known<'d> {
    match origin(facts) {
        Origin::Endpoint { address, .. } => address.map_or_else(absent, exact),
        Origin::Internet { .. } | Origin::Service => probably_absent(),
        Origin::NotRecorded => None,
    }
}

pub(super) fn vpc_endpoint<'d>(facts: &Facts<'d>) -> Known<'d> {
    match origin(facts) {
        Origin::Endpoint { id, .. } => exact(id),
        Origin::Internet { .. } | Origin::Service => probably_absent(),
        Origin::NotRecorded => None,
    }
}

/// Not every service carries it.
pub(super) fn vpc_endpoint_account<'d>(facts: &Facts<'d>) -> Known<'d> {
    match origin(facts) {
        Origin::Endpoint { .. } => facts
            .record
            .vpc_endpoint_account_id
            .as_deref()
            .and_then(exact),
        Origin::Internet { .. } | Origin::Service => probably_absent(),
        Origin::NotRecorded => None,
    }
}

/// Only an inventory of endpoints tells these.
pub(super) fn only_with_endpoint<'d>(facts: &Facts<'d>) -> Known<'d> {
    match origin(facts) {
        Origin::Internet { .. } | Origin::Service => probably_absent(),
        Origin::Endpoint { .. } | Origin::NotRecorded => None,
    }
}

pub(super) fn secure_transport<'d>(facts: &Facts<'d>) -> Known<'d> {
    facts.record.tls.as_ref().and_then(|_| derived("true"))
}

/// CloudTrail cuts it at a kilobyte.
pub(super) fn user_agent<'d>(facts: &Facts<'d>) -> Known<'d> {
    const CUT_AT_BYTES: usize = 1_000;
    let agent = facts.record.user_agent.as_deref()?;
    if agent.len() < CUT_AT_BYTES {
        exact(agent)
    } else {
        derived(agent)
    }
}
