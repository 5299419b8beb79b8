-- title: Use of the root user
-- question: When did the root user sign in or call an API, and what did it do?
-- catalogue: Q14
-- idea: CIS AWS Foundations, use of the root user
-- note: What a service does on behalf of root, and service events, are left out.
SELECT
  event_time, recipient_account_id, event_source, event_name, coalesce(sign_in_outcome, recorded_outcome) AS outcome,
  coalesce(sign_in_mfa_used, session_mfa_authenticated) AS mfa, user_identity_access_key_id, iam_resources,
  source_ip_address, user_agent, decision, event_id
FROM events
WHERE user_identity_type = 'Root'
  AND user_identity_invoked_by IS NULL
  AND coalesce(event_type, '') <> 'AwsServiceEvent'
  AND ($since IS NULL OR event_time >= $since)
  AND ($until IS NULL OR event_time < $until)
ORDER BY event_time, event_id
