//! Points on which AWS's text is silent or contradicts itself, as named choices.

/// How contested points are decided. The defaults follow the reading stated in
/// `docs/reference/evaluation.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// A KMS key whose key policy is not given: `false` (default) means that nothing allows, since
    /// every key has a policy and IAM policies count only if it says so; `true` assumes the default
    /// key policy, which enables IAM policies.
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>
    pub assume_default_key_policy: bool,
    /// Whether a `*` at the end of an ARN segment in `Resource` may run across `:` (default `true`).
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>
    pub trailing_wildcard_crosses_segments: bool,
    /// Whether a session from GetFederationToken without a session policy has no permissions but
    /// those a resource-based policy gives it (default `true`).
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getfederationtoken.html>
    pub federation_needs_session_policy: bool,
    /// Whether a bucket restricts public policies (S3 Block Public Access, `RestrictPublicBuckets`):
    /// a bucket policy that is public then gives nothing to other accounts and to anonymous callers
    /// (default `false`).
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>
    pub s3_block_public_access: bool,
    /// Whether the VPC endpoint is a gateway endpoint: in its policy, an account as Principal means
    /// that account's root user only (default `false`: an interface endpoint).
    /// <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html>
    pub vpc_endpoint_is_gateway: bool,
    /// How many completions of the unknown keys may be tried to find out whether they matter. When
    /// more would be needed, the answer is Indeterminate with every key that may matter.
    pub completions_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            assume_default_key_policy: false,
            trailing_wildcard_crosses_segments: true,
            federation_needs_session_policy: true,
            s3_block_public_access: false,
            vpc_endpoint_is_gateway: false,
            completions_max: 2_048,
        }
    }
}
