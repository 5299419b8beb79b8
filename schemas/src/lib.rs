//! The record as received, the event as stored, the label, and the table of stored columns.
