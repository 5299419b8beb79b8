//! The package is its benchmark.
