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

/// The sign-in endpoint that a host header names; `None` for other hosts.
/// `<account or alias>.signin.aws.amazon.com` is the global endpoint.
pub(super) fn sign_in(host: &str) -> Option<Endpoint> {
    let host = host.to_ascii_lowercase();
    if let Some(region) = host.strip_suffix(".oauth.signin.aws") {
        return Some(Endpoint::Regional(region.to_owned()));
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
/// global endpoint, served by a Region.
pub(super) fn sts(host: &str) -> Option<Endpoint> {
    let host = host.to_ascii_lowercase();
    let name = host
        .strip_suffix(".cn")
        .unwrap_or(&host)
        .strip_suffix(".amazonaws.com")?;
    if name == "sts" || name.starts_with("sts-global.") {
        return Some(Endpoint::Global);
    }
    let region = name
        .strip_prefix("sts.")
        .or_else(|| name.strip_prefix("sts-fips."))?;
    is_region(region).then(|| Endpoint::Regional(region.to_owned()))
}

/// True for a Region code: two or more words with a number at the end.
pub(super) fn is_region(label: &str) -> bool {
    let Some((words, number)) = label.rsplit_once('-') else {
        return false;
    };
    !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && words.split('-').count() >= 2
        && words
            .split('-')
            .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()))
}
