//! What somebody may have meant who wrote a name that there is not.

/// How alike names are that one can be taken for, from 0 to 1.
const ALIKE: f64 = 0.75;

/// `did you mean a or b? `, with the nearest of `known` first; nothing when none
/// is near.
pub(crate) fn did_you_mean<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> String {
    let likeness = |known: &'n str| (strsim::jaro_winkler(known, name), known);
    let mut near: Vec<(f64, &str)> = known.map(likeness).filter(|near| near.0 > ALIKE).collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    let near: Vec<&str> = near.into_iter().take(3).map(|(_, name)| name).collect();
    if near.is_empty() {
        return String::new();
    }
    format!("did you mean {}? ", near.join(" or "))
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn only_names_that_are_near_are_named() {
        let known = ["role-chain", "root-use", "ransom"];
        assert_eq!(
            did_you_mean("role-chian", known.into_iter()),
            "did you mean role-chain? "
        );
        assert_eq!(did_you_mean("xyz", known.into_iter()), "");
    }
}
