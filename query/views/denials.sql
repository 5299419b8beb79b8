-- Calls that were denied, by the record or by the recomputed evaluation.
SELECT
  event_time,
  coalesce(principal_arn, user_identity_arn) AS principal_arn,
  recipient_account_id,
  event_source,
  event_name,
  iam_actions,
  iam_resources,
  recorded_outcome,
  error_code,
  error_message,
  decision,
  cause_type,
  cause_policy,
  cause_statement_id,
  cause,
  agreement,
  agreement_reason,
  unknown_keys,
  source_ip_address,
  user_identity_access_key_id,
  aws_region,
  event_id,
  trail_region,
  event_date
FROM events
WHERE recorded_outcome = 'denied' OR decision IN ('explicit_deny', 'implicit_deny')
