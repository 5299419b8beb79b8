//! `cidr_contains(cidr, address)`.

use std::net::IpAddr;

use arrow::array::BooleanArray;
use arrow::datatypes::DataType;
use datafusion::error::DataFusionError;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;
use ipnet::IpNet;

use super::texts;

/// True when the address lies in the network. Null when the second argument is
/// no address, as where CloudTrail names a service; a single address is a
/// network of one; a first argument that is no network is an error.
pub(super) fn function() -> ScalarUDF {
    texts::of_two::<bool, BooleanArray>("cidr_contains", DataType::Boolean, contains)
}

fn contains(cidr: &str, address: &str) -> Result<Option<bool>> {
    let network = network(cidr).ok_or_else(|| {
        DataFusionError::Execution(format!(
            "cidr_contains: {cidr:?} is no network: give 203.0.113.0/24, 2001:db8::/32 or one address"
        ))
    })?;
    Ok(address
        .parse::<IpAddr>()
        .ok()
        .map(|address| network.contains(&address.to_canonical())))
}

/// A network, or one address as a network of its own.
pub(crate) fn network(text: &str) -> Option<IpNet> {
    let one = |address: IpAddr| IpNet::from(address.to_canonical());
    text.parse().ok().or_else(|| text.parse().ok().map(one))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::contains;

    #[test]
    fn addresses_of_both_families_are_compared_with_networks() {
        let cases = [
            ("203.0.113.0/24", "203.0.113.255", Some(true)),
            ("203.0.113.0/24", "203.0.114.0", Some(false)),
            ("0.0.0.0/0", "198.51.100.9", Some(true)),
            ("203.0.113.7", "203.0.113.7", Some(true)),
            ("2001:db8::/32", "2001:db8:ffff::1", Some(true)),
            ("2001:db8::/32", "2001:db9::1", Some(false)),
            ("2001:db8::/32", "203.0.113.7", Some(false)),
            ("203.0.113.0/24", "::ffff:203.0.113.7", Some(true)),
            ("203.0.113.0/24", "cloudformation.amazonaws.com", None),
            ("203.0.113.0/24", "AWS Internal", None),
            ("203.0.113.0/24", "", None),
        ];
        for (cidr, address, expected) in cases {
            assert_eq!(
                contains(cidr, address).unwrap(),
                expected,
                "{cidr} {address}"
            );
        }
    }

    #[test]
    fn a_network_that_is_none_is_an_error_that_says_what_is_one() {
        for cidr in ["203.0.113.0/33", "here", "", "203.0.113"] {
            let error = contains(cidr, "203.0.113.7").unwrap_err().to_string();
            assert!(error.contains("203.0.113.0/24"), "{cidr}: {error}");
        }
    }
}
