//! Lines for people on standard error.

/// Writes a line to standard error. That nobody reads it any more, as in
/// `trailwright … 2>&1 | head`, is no reason to break off; `eprintln!` would.
macro_rules! notice {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($text)*);
    }};
}
