-- title: Timeline of a resource
-- question: What was done to this resource, and by whom?
-- catalogue: Q26
-- idea: AWS and community incident-response playbooks
-- parameter: arn text required; The resource's ARN; what lies below it (objects of a bucket) counts too.
-- note: A resource counts when the call was evaluated on it (iam_resources). Calls that only list things, and so name
--   no resource, are not here.
SELECT
  event_time, principal,
  event_source, event_name, read_only, recipient_account_id, iam_resources, recorded_outcome, error_code, decision, cause,
  user_identity_access_key_id, source_ip_address, event_id
FROM named_events
WHERE (array_has(iam_resources, $arn)
    OR strpos(' ' || array_to_string(iam_resources, ' '), ' ' || $arn || '/') > 0)
  AND ($since IS NULL OR event_time >= $since)
  AND ($until IS NULL OR event_time < $until)
ORDER BY event_time, event_id
