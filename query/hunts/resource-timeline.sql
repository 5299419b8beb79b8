-- title: Timeline of a resource
-- question: What was done to this resource, and by whom?
-- catalogue: Q26
-- idea: AWS and community incident-response playbooks
-- parameter: arn text required; The resource's ARN; what lies below it (objects of a bucket) counts too.
-- note: A resource counts when the record names it or the call was evaluated on it. Calls that only list things, and so
--   name no resource, are not here.
SELECT
  event_time, coalesce(principal_arn, user_identity_arn, user_identity_principal_id, user_identity_invoked_by) AS principal,
  event_source, event_name, read_only, recipient_account_id, iam_resources, recorded_outcome, error_code, decision, cause,
  user_identity_access_key_id, source_ip_address, event_id
FROM events
WHERE (array_has(iam_resources, $arn)
    OR strpos(' ' || array_to_string(iam_resources, ' '), ' ' || $arn || '/') > 0
    OR array_has(get_field(resources, 'arn'), $arn))
  AND ($since IS NULL OR event_time >= $since)
  AND ($until IS NULL OR event_time < $until)
ORDER BY event_time, event_id
