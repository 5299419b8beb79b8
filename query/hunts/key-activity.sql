-- title: Calls of an access key
-- question: What did this access key do, in order of time?
-- catalogue: Q1
-- idea: the first query of most incident-response playbooks for AWS
-- parameter: access_key text required; The access key ID.
-- note: For the sessions that were made with the key, see role-chain.
SELECT
  event_time, event_source, event_name, aws_region, recipient_account_id,
  iam_resources, recorded_outcome, error_code, decision, cause,
  source_ip_address, user_agent, event_id
FROM events
WHERE user_identity_access_key_id = $access_key
  AND ($since IS NULL OR event_time >= $since)
  AND ($until IS NULL OR event_time < $until)
ORDER BY event_time, event_id
