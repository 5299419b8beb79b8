-- title: Instances that look around
-- question: Which EC2 instances called IAM or Organizations, or listed buckets, secrets or keys?
-- catalogue: Q24
-- idea: what stolen instance credentials are used for first, in AWS playbooks and GuardDuty's descriptions
-- note: Agents of AWS and of inventory products do this as well, and do it every day: a first_call that is recent stands out.
SELECT
  split_part(user_identity_principal_id, ':', 2) AS instance_id, principal_arn AS role, recipient_account_id,
  event_source, event_name, recorded_outcome, count(*) AS calls,
  min(event_time) AS first_call, max(event_time) AS last_call,
  array_sort(array_agg(DISTINCT source_ip_address)) AS source_ip_addresses,
  array_sort(array_agg(DISTINCT user_agent)) AS user_agents,
  first_value(event_id ORDER BY event_time, event_id) AS first_event_id
FROM events
WHERE user_identity_type = 'AssumedRole'
  AND regexp_like(user_identity_principal_id, ':i-[0-9a-f]+$')
  AND user_identity_invoked_by IS NULL
  AND (event_source IN ('iam.amazonaws.com', 'organizations.amazonaws.com', 'account.amazonaws.com')
    OR event_source = 'sts.amazonaws.com' AND event_name = 'GetCallerIdentity'
    OR event_name IN ('ListBuckets', 'ListSecrets', 'ListKeys', 'ListAccessPoints'))
  AND ($since IS NULL OR event_time >= $since)
  AND ($until IS NULL OR event_time < $until)
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY first_call, instance_id, event_source, event_name
