-- title: Access across accounts
-- question: Which principals of one account acted in another, and which of them are not ours?
-- catalogue: Q27
-- idea: AWS playbooks and access-review practice
-- parameter: own_accounts text optional; Accounts that are ours, separated by commas; without it those that received an event in the lake.
-- note: caller_account_id is the account of the principal, recipient_account_id the one that received the event. A call
--   that AWS records in both accounts counts in each of them; direction is seen from the recipient. For role sessions,
--   which belong to the account of the role, see role_sessions.caller_account_id and the hunt role-chain.
WITH own AS (
  SELECT DISTINCT recipient_account_id AS account FROM named_events
  WHERE $own_accounts IS NULL AND recipient_account_id IS NOT NULL
  UNION
  SELECT trim(unnest(string_to_array(coalesce($own_accounts, ''), ','))) AS account
),
crossing AS (
  SELECT
    CASE WHEN user_identity_account_id <> recipient_account_id THEN 'in' ELSE 'out' END AS direction,
    user_identity_account_id AS caller_account_id,
    CASE WHEN user_identity_account_id <> recipient_account_id THEN recipient_account_id
      ELSE arn_part(json_get(request_parameters, 'roleArn'), 'account') END AS other_account_id,
    recipient_account_id, principal, user_identity_type,
    event_source, event_name, recorded_outcome, source_ip_address, event_time, event_id
  FROM named_events
  WHERE user_identity_account_id IS NOT NULL
    AND coalesce(user_identity_type, '') <> 'AWSService'
    AND (user_identity_account_id <> recipient_account_id
      OR event_source = 'sts.amazonaws.com' AND arn_part(json_get(request_parameters, 'roleArn'), 'account') <> user_identity_account_id)
    AND ($since IS NULL OR event_time >= $since)
    AND ($until IS NULL OR event_time < $until)
)
SELECT
  direction, caller_account_id, other_account_id, principal, user_identity_type, event_source, event_name,
  bool_and(own_caller.account IS NULL) AS caller_is_foreign,
  bool_and(own_target.account IS NULL) AS target_is_foreign,
  count(*) AS calls, count(*) FILTER (WHERE recorded_outcome = 'denied') AS recorded_denied,
  min(event_time) AS first_call, max(event_time) AS last_call,
  array_sort(array_agg(DISTINCT source_ip_address)) AS source_ip_addresses,
  first_value(event_id ORDER BY event_time, event_id) AS first_event_id
FROM crossing
LEFT JOIN own AS own_caller ON own_caller.account = crossing.caller_account_id
LEFT JOIN own AS own_target ON own_target.account = crossing.other_account_id
GROUP BY 1, 2, 3, 4, 5, 6, 7
ORDER BY first_call, principal, event_name
