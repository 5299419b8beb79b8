//! What somebody may have meant.

/// How many letters a name may differ in from what was meant.
const DISTANCE_MAX: usize = 2;

/// The nearest of the names, if one is near: a slip or two in a word of some length.
pub(super) fn closest<'n>(text: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let text = text.to_lowercase();
    let allowed = DISTANCE_MAX.min(text.len() / 3);
    let distances = names.map(|name| (distance(&text, &name.to_lowercase()), name));
    let near = distances.filter(|(distance, _)| *distance <= allowed);
    near.min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// How many letters to insert, delete or replace (Levenshtein). Names whose lengths differ too
/// much are not compared.
fn distance(left: &str, right: &str) -> usize {
    if left.len().abs_diff(right.len()) > DISTANCE_MAX {
        return usize::MAX;
    }
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (l, letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = l + 1;
        for (r, other) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[r + 1];
            row[r + 1] = replaced.min(row[r] + 1).min(row[r + 1] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::{closest, distance};

    #[test]
    fn the_distance_counts_inserted_deleted_and_replaced_letters() {
        assert_eq!(distance("getobjct", "getobject"), 1);
        assert_eq!(distance("putitem", "getitem"), 2);
        assert_eq!(distance("", "ab"), 2);
        assert_eq!(distance("same", "same"), 0);
    }

    #[test]
    fn only_near_names_are_suggested() {
        let names = ["GetObject", "PutObject", "ListBucket"];
        assert_eq!(closest("getobjct", names.into_iter()), Some("GetObject"));
        assert_eq!(
            closest("ListBuckets", names.into_iter()),
            Some("ListBucket")
        );
        assert_eq!(closest("Describe", names.into_iter()), None);
        // Every short word is near to every other.
        assert_eq!(closest("a4", ["s3"].into_iter()), None);
    }
}
