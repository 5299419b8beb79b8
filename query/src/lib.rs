//! Questions to the lake: a DataFusion session with views and functions.
