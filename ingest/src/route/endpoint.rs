//! What the name of an endpoint says: global or a Region's.
//!
//! Source: AWS General Reference, "AWS Sign-In endpoints and quotas" and "AWS
//! STS endpoints and quotas"; AWS Sign-In User Guide, OAuth endpoints.

use super::partition::Partition;

/// An endpoint of a service that has both a global and Regional endpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// The endpoint without a Region in its name.
    Global,
    /// The endpoint of a Region.
    Regional(String),
}

/// How the hosts of OAuth endpoints end; the Region stands before it.
pub(super) const OAUTH_DOMAIN: &str = ".oauth.signin.aws";

/// The sign-in endpoint that a host header names; `None` for other hosts.
/// `<account or alias>.signin.aws.amazon.com` is the global endpoint.
pub(super) fn sign_in(host: &str) -> Option<Endpoint> {
    let host = host.to_ascii_lowercase();
    if let Some(region) = host.strip_suffix(OAUTH_DOMAIN) {
        return is_region(region).then(|| Endpoint::Regional(region.to_owned()));
    }
    Partition::ALL.iter().find_map(|partition| {
        let before = host.strip_suffix(partition.sign_in_host())?;
        match before.strip_suffix('.') {
            _ if before.is_empty() => Some(Endpoint::Global),
            Some(label) if is_region(label) => Some(Endpoint::Regional(label.to_owned())),
            Some(_) => Some(Endpoint::Global),
            None => None,
        }
    })
}

/// The STS endpoint that a host header names. `sts-global.<region>` is the
/// global endpoint, served by a Region; `<ID>.sts.<region>.vpce` is a Region's,
/// reached through a VPC endpoint.
pub(super) fn sts(host: &str) -> Option<Endpoint> {
    let host = host.to_ascii_lowercase();
    let name = Partition::ALL.iter().find_map(|partition| {
        let before = host.strip_suffix(partition.service_domain())?;
        before.strip_suffix('.')
    })?;
    if name == "sts" || name.starts_with("sts-global.") {
        return Some(Endpoint::Global);
    }
    let region = match name.strip_suffix(".vpce") {
        Some(private) => private.split_once(".sts.")?.1,
        None => name
            .strip_prefix("sts.")
            .or_else(|| name.strip_prefix("sts-fips."))?,
    };
    is_region(region).then(|| Endpoint::Regional(region.to_owned()))
}

/// The word before the number of a Region.
const COMPASS: [&str; 9] = [
    "central",
    "north",
    "northeast",
    "east",
    "southeast",
    "south",
    "southwest",
    "west",
    "northwest",
];

/// True for text of the shape of a Region code: `ap-southeast-2`,
/// `us-gov-west-1`, `eusc-de-east-1`. The shape, not a list, so that Regions to
/// come are known; account aliases such as `acme-prod-1` do not have it.
pub(super) fn is_region(text: &str) -> bool {
    let words: Vec<&str> = text.split('-').collect();
    let (is_area, compass, number) = match *words.as_slice() {
        [area, compass, number] => (is_letters(area, 2), compass, number),
        ["eusc", country, compass, number] => (is_letters(country, 2), compass, number),
        [area, kind, compass, number] => {
            let is_kind = kind == "gov" || (kind.starts_with("iso") && kind.len() <= 4);
            (is_kind && is_letters(area, 2), compass, number)
        }
        _ => return false,
    };
    is_area
        && COMPASS.contains(&compass)
        && matches!(number.len(), 1 | 2)
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_letters(word: &str, count: usize) -> bool {
    word.len() == count && word.bytes().all(|byte| byte.is_ascii_lowercase())
}

#[cfg(test)]
mod tests;
