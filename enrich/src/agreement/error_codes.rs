//! Families of error codes: what they say of authorization.
//!
//! Sources: the services' lists of common errors. CloudTrail writes EC2's codes
//! with `Client.` in front; here they come without.

use trailwright_schemas::RecordedOutcome;

/// Error codes of a denial.
const DENIED: [&str; 14] = [
    "AccessDenied",
    "AccessDeniedException",
    "AccessDeniedFault",
    "UnauthorizedOperation",
    "VpceAccessDenied",
    "AuthorizationError",
    "AuthorizationErrorException",
    "NotAuthorized",
    "NotAuthorizedException",
    "UnauthorizedException",
    "ForbiddenException",
    "KMS.AccessDeniedException",
    "KMSAccessDenied",
    "KMSAccessDeniedException",
];

/// Error codes of credentials that were not accepted.
const NOT_AUTHENTICATED: [&str; 17] = [
    // IAM and EC2 API References, "Common errors".
    "AuthFailure",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
    "ExpiredToken",
    "ExpiredTokenException",
    // S3 API Reference, "Error responses".
    "InvalidAccessKeyId",
    "InvalidToken",
    "RequestTimeTooSkewed",
    // STS API Reference, AssumeRoleWithWebIdentity and AssumeRoleWithSAML.
    "InvalidIdentityToken",
    "IDPRejectedClaim",
];

/// Codes of a denial that mean something else where they come from.
const EXCEPTIONS: [(&str, &str, RecordedOutcome); 2] = [
    // A user pool's own users: "Incorrect username or password." Source: Amazon
    // Cognito API Reference, InitiateAuth.
    (
        "cognito-idp.amazonaws.com",
        "NotAuthorizedException",
        RecordedOutcome::OtherError,
    ),
    // The portal's access token. Source: IAM Identity Center Portal API
    // Reference, GetRoleCredentials.
    (
        "sso.amazonaws.com",
        "UnauthorizedException",
        RecordedOutcome::AuthenticationFailed,
    ),
];

/// Whether the code is one of a denial, wherever it comes from.
pub(super) fn is_denial_code(code: &str) -> bool {
    is_one_of(code, &DENIED)
}

/// What a service's error code says happened. Codes of no family prove nothing:
/// validation and throttling may come before authorization.
pub(super) fn outcome_of_code(source: &str, code: &str) -> RecordedOutcome {
    let exception = EXCEPTIONS
        .iter()
        .find(|(service, known, _)| source == *service && known.eq_ignore_ascii_case(code));
    if let Some((_, _, outcome)) = exception {
        return *outcome;
    }
    if is_denial_code(code) {
        return RecordedOutcome::Denied;
    }
    if is_one_of(code, &NOT_AUTHENTICATED) {
        return RecordedOutcome::AuthenticationFailed;
    }
    // "The user has the required permissions, so the request would have
    // succeeded, but the DryRun parameter was used." EC2 API Reference.
    if code.eq_ignore_ascii_case("DryRunOperation") {
        return RecordedOutcome::Allowed;
    }
    RecordedOutcome::OtherError
}

fn is_one_of(code: &str, codes: &[&str]) -> bool {
    codes.iter().any(|known| known.eq_ignore_ascii_case(code))
}
