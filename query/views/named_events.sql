-- events with the column principal: who called, by one name. The principal's
-- ARN (for sessions of a role the role's); for callers of another account,
-- which the record names only by ID, that ID; for calls that a service made
-- for itself the service's name.
--
-- principal_arn alone would be the account for callers of another account,
-- because it is the account's policies that are asked then.
SELECT
  *,
  CASE
    WHEN user_identity_type = 'AWSAccount' THEN user_identity_principal_id
    WHEN user_identity_type = 'AssumedRole' THEN coalesce(principal_arn, session_issuer_arn, user_identity_arn, user_identity_principal_id)
    ELSE coalesce(principal_arn, user_identity_arn, user_identity_principal_id, user_identity_invoked_by)
  END AS principal
FROM events
