-- Access keys: whose they are, when they were made, first and last used, and
-- from where. A key that was made and never used has calls = 0; one that was
-- made before the lake begins has no created_at. long_term is true for keys
-- of IAM users and of root (AKIA…), false for temporary ones (ASIA…).
WITH
used AS (
  SELECT
    user_identity_access_key_id AS key,
    max(user_identity_arn) AS owner,
    min(user_identity_type) AS owner_type,
    max(user_identity_account_id) AS account_id,
    min(event_time) AS first_used,
    max(event_time) AS last_used,
    count(*) AS calls,
    count(*) FILTER (WHERE recorded_outcome = 'denied') AS recorded_denied,
    count(DISTINCT user_agent) AS user_agents,
    array_sort(array_agg(DISTINCT source_ip_address)) AS source_ip_addresses,
    array_sort(array_agg(DISTINCT aws_region)) AS regions
  FROM named_events
  WHERE user_identity_access_key_id IS NOT NULL
  GROUP BY 1
),
made AS (
  SELECT
    coalesce(json_get(response_elements, 'accessKey', 'accessKeyId'), json_get(response_elements, 'credentials', 'accessKeyId')) AS key,
    min(event_time) AS created_at,
    min(event_name) AS created_by_call,
    max(principal) FILTER (WHERE user_identity_type <> 'AWSAccount') AS created_by,
    max(coalesce(
      json_get(response_elements, 'assumedRoleUser', 'arn'),
      json_get(response_elements, 'federatedUser', 'arn'),
      'arn:' || arn_part(user_identity_arn, 'partition') || ':iam::' || recipient_account_id || ':user/' || json_get(response_elements, 'accessKey', 'userName')
    )) AS owner
  FROM named_events
  WHERE error_code IS NULL
    AND (event_source = 'iam.amazonaws.com' AND event_name = 'CreateAccessKey'
      OR event_source = 'sts.amazonaws.com' AND event_name IN
           ('AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity', 'AssumeRoot', 'GetFederationToken', 'GetSessionToken'))
  GROUP BY 1
)
SELECT
  coalesce(used.key, made.key) AS access_key_id,
  CASE WHEN coalesce(used.key, made.key) LIKE 'AKIA%' THEN true WHEN coalesce(used.key, made.key) LIKE 'ASIA%' THEN false END AS long_term,
  coalesce(used.owner, made.owner) AS owner,
  used.owner_type,
  coalesce(used.account_id, arn_part(made.owner, 'account')) AS account_id,
  made.created_at,
  made.created_by,
  made.created_by_call,
  used.first_used,
  used.last_used,
  coalesce(used.calls, 0) AS calls,
  coalesce(used.recorded_denied, 0) AS recorded_denied,
  used.source_ip_addresses,
  coalesce(used.user_agents, 0) AS user_agents,
  used.regions
FROM used
FULL JOIN made ON used.key = made.key
WHERE coalesce(used.key, made.key) IS NOT NULL
