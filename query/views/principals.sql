-- Principals: first and last seen, what they did and how it was decided. For
-- sessions of a role the role is the principal; callers of another account,
-- which the record names only by ID, are there under that ID.
SELECT
  principal,
  min(user_identity_type) AS type,
  coalesce(arn_part(principal, 'account'), min(user_identity_account_id)) AS account_id,
  min(event_time) AS first_seen,
  max(event_time) AS last_seen,
  count(*) AS calls,
  count(*) FILTER (WHERE read_only = false) AS writes,
  count(*) FILTER (WHERE decision = 'allow') AS decided_allow,
  count(*) FILTER (WHERE decision = 'explicit_deny') AS decided_explicit_deny,
  count(*) FILTER (WHERE decision = 'implicit_deny') AS decided_implicit_deny,
  count(*) FILTER (WHERE decision = 'indeterminate') AS decided_indeterminate,
  count(*) FILTER (WHERE recorded_outcome = 'denied') AS recorded_denied,
  count(*) FILTER (WHERE agreement = 'disagrees') AS disagreements,
  count(*) FILTER (WHERE sign_in_outcome = 'success') AS sign_ins,
  count(*) FILTER (WHERE sign_in_outcome = 'failure') AS failed_sign_ins,
  count(*) FILTER (WHERE session_mfa_authenticated OR sign_in_mfa_used) AS calls_with_mfa,
  count(DISTINCT user_identity_access_key_id) AS access_keys,
  count(DISTINCT source_ip_address) AS source_ip_addresses,
  count(DISTINCT event_source) AS services,
  array_sort(array_agg(DISTINCT aws_region)) AS regions
FROM named_events
WHERE principal IS NOT NULL
GROUP BY 1
