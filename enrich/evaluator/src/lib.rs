//! The IAM policy evaluator: pure, without IO, clock or async, and without knowledge of CloudTrail.
