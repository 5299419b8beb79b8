//! trailwright
fn main() {}
