//! From bytes to routed records: sources, decompression, parsing and routing.
