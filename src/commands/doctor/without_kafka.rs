//! The brokers, in a build that cannot ask them.

use trailwright_store::Lake;

use super::Patient;
use super::check::Check;

pub(super) async fn check(_: &Patient<'_>, _: Option<&mut Lake>) -> Vec<Check> {
    let said = "this build cannot ask them: build with cargo install --path . --features kafka";
    vec![Check::skipped("brokers", said)]
}
