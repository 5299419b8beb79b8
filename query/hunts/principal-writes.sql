-- title: What a principal changed
-- question: What did this principal do, apart from calls that only read?
-- catalogue: Q5
-- idea: AWS and community incident-response playbooks
-- parameter: principal text required; ARN of a user, a role or a role session.
-- note: Calls of which the record does not say whether they only read are shown. AssumeRole counts as
--   reading for CloudTrail; it is shown nevertheless, because it changes who acts.
SELECT
  event_time, event_source, event_name, aws_region, recipient_account_id, iam_resources,
  recorded_outcome, error_code, decision, cause, user_identity_arn, user_identity_access_key_id,
  source_ip_address, event_id
FROM named_events
WHERE (principal = $principal OR user_identity_arn = $principal)
  AND (coalesce(read_only, false) = false OR event_source = 'sts.amazonaws.com' AND event_name LIKE 'AssumeRole%')
  AND ($since IS NULL OR event_time >= $since)
  AND ($until IS NULL OR event_time < $until)
ORDER BY event_time, event_id
