-- title: Dormant access
-- question: Which users, access keys, roles and permissions have not been used for 45, 90 or 180 days?
-- catalogue: R5
-- note: Evidence for PCI DSS 8.2.6, NIST 800-53 AC-2(3) and AC-6(7), CIS AWS Foundations (credentials unused for 45 days,
--   keys older than 90 days), SOC 2 CC6.2, ISO 27001 A.5.18.
-- note: Days are counted back from the end of the period over all events before it, not only those of the period; one that
--   was never used is idle since it was made. Only what the lake has seen being made or used is here: compare with IAM's
--   credential report for what is older than the lake. A lake that reaches back less than 45 days finds nobody dormant.
-- note: An action that a policy grants and nobody ever used leaves no event; the section statements shows which statements
--   decided something and when they last did. What else a statement grants is in its document.

WITH
history AS (
  SELECT *, recipient_account_id AS account
  FROM named_events
  WHERE event_time < $until
    AND ($accounts IS NULL OR array_has(string_to_array($accounts, ','), recipient_account_id))
),
iam_calls AS (
  SELECT
    event_time, event_id, event_name, account, principal,
    coalesce(json_get(request_parameters, 'userName'), CASE WHEN user_identity_type = 'IAMUser' THEN user_identity_user_name END) AS user_name,
    json_get(request_parameters, 'roleName') AS role_name,
    coalesce(json_get(response_elements, 'accessKey', 'accessKeyId'), json_get(request_parameters, 'accessKeyId')) AS access_key,
    coalesce(json_get(request_parameters, 'status'), json_get(response_elements, 'accessKey', 'status')) AS status,
    coalesce(json_get(response_elements, 'user', 'arn'), json_get(response_elements, 'role', 'arn')) AS arn
  FROM history
  WHERE event_source = 'iam.amazonaws.com' AND error_code IS NULL
    AND event_name IN ('CreateUser', 'DeleteUser', 'CreateRole', 'DeleteRole', 'CreateAccessKey', 'UpdateAccessKey', 'DeleteAccessKey')
),
user_traces AS (
  SELECT
    account, user_identity_user_name AS name, user_identity_arn AS arn, event_time AS used_at,
    CASE WHEN sign_in_outcome = 'success' THEN event_time END AS signed_in_at,
    CAST(NULL AS TIMESTAMP) AS created_at, CAST(NULL AS TIMESTAMP) AS deleted_at
  FROM history
  WHERE user_identity_type = 'IAMUser' AND user_identity_user_name IS NOT NULL
    AND user_identity_account_id = account AND recorded_outcome <> 'authentication_failed'
  UNION ALL
  SELECT account, user_name, arn, NULL, NULL, event_time, NULL FROM iam_calls WHERE event_name = 'CreateUser'
  UNION ALL
  SELECT account, user_name, NULL, NULL, NULL, NULL, event_time FROM iam_calls WHERE event_name = 'DeleteUser'
),
users AS (
  SELECT
    account, name, max(arn) AS arn, max(created_at) AS created_at, max(used_at) AS last_used, max(signed_in_at) AS last_sign_in,
    max(deleted_at) AS deleted_at, coalesce(max(used_at), max(created_at)) AS idle_since
  FROM user_traces
  GROUP BY account, name
),
role_traces AS (
  SELECT
    arn_part(principal, 'account') AS account, arn_part(principal, 'name') AS name, principal AS arn, event_time AS used_at,
    CAST(NULL AS TIMESTAMP) AS created_at, CAST(NULL AS TIMESTAMP) AS deleted_at
  FROM history
  WHERE user_identity_type = 'AssumedRole' AND arn_part(principal, 'resource_type') = 'role'
  UNION ALL
  SELECT
    arn_part(json_get(request_parameters, 'roleArn'), 'account'), arn_part(json_get(request_parameters, 'roleArn'), 'name'),
    json_get(request_parameters, 'roleArn'), event_time, NULL, NULL
  FROM history
  WHERE event_source = 'sts.amazonaws.com' AND event_name LIKE 'AssumeRole%' AND error_code IS NULL
  UNION ALL
  SELECT account, role_name, arn, NULL, event_time, NULL FROM iam_calls WHERE event_name = 'CreateRole'
  UNION ALL
  SELECT account, role_name, NULL, NULL, NULL, event_time FROM iam_calls WHERE event_name = 'DeleteRole'
),
roles AS (
  SELECT
    account, name, max(arn) AS arn, max(created_at) AS created_at, max(used_at) AS last_used,
    max(deleted_at) AS deleted_at, coalesce(max(used_at), max(created_at)) AS idle_since
  FROM role_traces
  WHERE name IS NOT NULL
  GROUP BY account, name
),
key_traces AS (
  SELECT
    user_identity_access_key_id AS access_key, user_identity_account_id AS account, user_identity_arn AS owner, event_time AS used_at,
    CAST(NULL AS TIMESTAMP) AS created_at, CAST(NULL AS TIMESTAMP) AS deleted_at, CAST(NULL AS TIMESTAMP) AS switched_at, CAST(NULL AS VARCHAR) AS status
  FROM history
  WHERE user_identity_access_key_id LIKE 'AKIA%' AND recorded_outcome <> 'authentication_failed'
  UNION ALL
  SELECT access_key, account, 'user/' || user_name, NULL, event_time AS created_at, NULL, event_time AS switched_at, status FROM iam_calls WHERE event_name = 'CreateAccessKey'
  UNION ALL
  SELECT access_key, account, NULL, NULL, NULL, NULL, event_time, status FROM iam_calls WHERE event_name = 'UpdateAccessKey'
  UNION ALL
  SELECT access_key, account, NULL, NULL, NULL, event_time, NULL, NULL FROM iam_calls WHERE event_name = 'DeleteAccessKey'
),
access_keys_seen AS (
  SELECT
    access_key, max(account) AS account, coalesce(max(owner) FILTER (WHERE used_at IS NOT NULL), max(owner)) AS owner,
    max(created_at) AS created_at, max(used_at) AS last_used, max(deleted_at) AS deleted_at,
    last_value(status ORDER BY switched_at) FILTER (WHERE switched_at IS NOT NULL) AS status,
    coalesce(max(used_at), max(created_at)) AS idle_since
  FROM key_traces
  WHERE access_key IS NOT NULL
  GROUP BY access_key
),
idle AS (
  SELECT 'user' AS kind, account, name, arn, created_at, last_used, last_sign_in, idle_since FROM users
  WHERE deleted_at IS NULL OR coalesce(created_at > deleted_at, false) OR coalesce(last_used > deleted_at, false)
  UNION ALL
  SELECT 'role', account, name, arn, created_at, last_used, NULL, idle_since FROM roles
  WHERE deleted_at IS NULL OR coalesce(created_at > deleted_at, false) OR coalesce(last_used > deleted_at, false)
  UNION ALL
  SELECT 'access key', account, access_key, owner, created_at, last_used, NULL, idle_since FROM access_keys_seen
  WHERE deleted_at IS NULL AND coalesce(status, 'Active') = 'Active'
),
dormant AS (
  SELECT *,
    (to_unixtime($until) - to_unixtime(idle_since)) / 86400 AS idle_days,
    (to_unixtime($until) - to_unixtime(created_at)) / 86400 AS age_days,
    coalesce(last_used >= $since, false) AS used_in_period
  FROM idle
  WHERE idle_since IS NOT NULL
)

-- section: summary
-- title: How many, and for how long
-- chart: bar kind dormant_45_days
SELECT
  kind, count(*) AS known, count(*) FILTER (WHERE used_in_period) AS used_in_period,
  count(*) FILTER (WHERE last_used IS NULL) AS never_used,
  count(*) FILTER (WHERE idle_days >= 45) AS dormant_45_days,
  count(*) FILTER (WHERE idle_days >= 90) AS dormant_90_days,
  count(*) FILTER (WHERE idle_days >= 180) AS dormant_180_days
FROM dormant
GROUP BY kind
ORDER BY kind;

-- section: users
-- title: IAM users idle for 45 days or more
-- empty: No IAM user that the lake knows was idle that long.
SELECT
  account, name AS user_name, arn, idle_days,
  CASE WHEN idle_days >= 180 THEN '180 days' WHEN idle_days >= 90 THEN '90 days' ELSE '45 days' END AS idle_for_at_least,
  created_at, last_used, last_sign_in
FROM dormant
WHERE kind = 'user' AND idle_days >= 45
ORDER BY idle_days DESC, account, user_name;

-- section: access-keys
-- title: Access keys idle for 45 days or more, or older than 90 days
-- empty: No active access key that the lake knows was idle or old that long.
-- note: Long-term keys that are active as far as the lake tells. age_days is empty where the lake did not see the key made.
SELECT
  account, name AS access_key_id, arn AS owner, idle_days, age_days,
  CASE WHEN idle_days >= 180 THEN '180 days' WHEN idle_days >= 90 THEN '90 days' WHEN idle_days >= 45 THEN '45 days' END AS idle_for_at_least,
  created_at, last_used
FROM dormant
WHERE kind = 'access key' AND (idle_days >= 45 OR age_days > 90)
ORDER BY idle_days DESC, account, access_key_id;

-- section: roles
-- title: Roles idle for 45 days or more
-- empty: No role that the lake knows was idle that long.
-- note: A role is used when it is assumed or when a session of it calls. Service-linked roles cannot be deleted while
--   their service needs them.
SELECT
  account, name AS role_name, arn, idle_days,
  CASE WHEN idle_days >= 180 THEN '180 days' WHEN idle_days >= 90 THEN '90 days' ELSE '45 days' END AS idle_for_at_least,
  coalesce(arn LIKE '%:role/aws-service-role/%', false) AS service_linked, created_at, last_used
FROM dormant
WHERE kind = 'role' AND idle_days >= 45
ORDER BY idle_days DESC, account, role_name;

-- section: statements
-- title: What each policy statement let through
-- empty: No statement of a known policy decided a call.
-- note: Only calls that the statement decided: one of several that would have allowed is named. actions shows the first
--   20 in order of the alphabet.
SELECT
  account, cause_policy AS policy, cause_policy_version AS version, cause_statement_id AS statement, cause_statement_index AS statement_index,
  (to_unixtime($until) - to_unixtime(max(event_time))) / 86400 AS idle_days,
  max(event_time) AS last_used, max(event_time) >= $since AS used_in_period,
  count(*) AS calls, count(DISTINCT principal) AS principals, count(DISTINCT iam_actions[1]) AS distinct_actions,
  (array_sort(array_agg(DISTINCT iam_actions[1])))[1:20] AS actions
FROM history
WHERE decision = 'allow' AND cause_policy IS NOT NULL
GROUP BY account, cause_policy, cause_policy_version, cause_statement_id, cause_statement_index
ORDER BY idle_days DESC, account, policy, version, statement_index, statement;
