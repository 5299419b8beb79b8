//! The lake: a Delta table of labelled events and a table of what was rejected.
