-- title: Credentials of an instance used from several addresses
-- question: Of which EC2 instances were the credentials used from more than one address?
-- catalogue: Q23
-- idea: instance-credential exfiltration, as GuardDuty and Stratus Red Team describe it
-- note: One row for each instance, access key and address. CloudTrail does not say which address an instance has:
--   first_address is the one from which credentials of the instance were used first in the window, and a row that is not from there is what to look
--   at. An instance that moves between a private address (through a VPC endpoint) and a public one shows up too.
WITH used AS (
  SELECT
    split_part(user_identity_principal_id, ':', 2) AS instance_id, principal_arn, recipient_account_id,
    user_identity_access_key_id AS access_key, source_ip_address, vpc_endpoint_id, user_agent, event_time, event_id, recorded_outcome,
    event_source || ':' || event_name AS api
  FROM events
  WHERE user_identity_type = 'AssumedRole'
    AND regexp_like(user_identity_principal_id, ':i-[0-9a-f]+$')
    AND user_identity_invoked_by IS NULL
    AND cidr_contains('0.0.0.0/0', source_ip_address) IS NOT NULL
    AND ($since IS NULL OR event_time >= $since)
    AND ($until IS NULL OR event_time < $until)
),
homes AS (
  SELECT instance_id, count(DISTINCT source_ip_address) AS addresses,
    first_value(source_ip_address ORDER BY event_time, event_id) AS first_address
  FROM used GROUP BY 1
)
SELECT
  used.instance_id, used.principal_arn AS role, used.recipient_account_id, used.access_key, homes.first_address,
  used.source_ip_address, used.source_ip_address <> homes.first_address AS elsewhere, max(used.vpc_endpoint_id) AS vpc_endpoint_id,
  min(used.event_time) AS first_seen, max(used.event_time) AS last_seen, count(*) AS calls,
  count(*) FILTER (WHERE used.recorded_outcome = 'denied') AS recorded_denied,
  (array_sort(array_agg(DISTINCT used.api)))[1:20] AS first_apis,
  array_sort(array_agg(DISTINCT used.user_agent)) AS user_agents
FROM used
JOIN homes ON homes.instance_id = used.instance_id AND homes.addresses > 1
GROUP BY used.instance_id, used.principal_arn, used.recipient_account_id, used.access_key, homes.first_address, used.source_ip_address
ORDER BY used.instance_id, first_seen, used.access_key
