-- Completed sign-ins, successful or not, one row each.
SELECT
  event_time,
  sign_in_class,
  sign_in_outcome,
  coalesce(user_identity_user_name, session_issuer_user_name, user_identity_arn, user_identity_on_behalf_of_user_id, user_identity_principal_id) AS user_name,
  user_identity_arn,
  recipient_account_id,
  source_ip_address,
  sign_in_mfa_used,
  scope,
  route_reason,
  possible_alias_cookie,
  aws_region,
  tls_client_provided_host_header,
  sign_in_login_to,
  error_message,
  decision,
  cause,
  agreement,
  user_agent,
  event_name,
  event_id,
  trails,
  trail_region,
  event_date
FROM events
WHERE sign_in_class IS NOT NULL
