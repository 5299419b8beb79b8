-- title: Failed sign-ins that ended in a success
-- question: Which sign-ins succeeded after several failures of the same user or address?
-- catalogue: Q13
-- idea: console brute-force detections of the AWS playbooks
-- parameter: window duration = 1h; How long before the success failures count.
-- parameter: min_failures integer = 3; How many failures count.
-- note: CloudTrail hides names that do not exist; such failures count for their address. A sign-in of a role
--   switch cannot fail and is left out.
WITH tries AS (
  SELECT
    event_time, event_id, recipient_account_id, user_name, source_ip_address, sign_in_outcome, sign_in_class, sign_in_mfa_used, user_agent,
    CASE WHEN user_name = 'HIDDEN_DUE_TO_SECURITY_REASONS' THEN NULL ELSE user_name END AS known_name
  FROM sign_ins
  WHERE sign_in_class <> 'role_switch'
    AND ($since IS NULL OR event_time >= $since)
    AND ($until IS NULL OR event_time < $until)
)
SELECT
  success.event_time AS success_at, success.recipient_account_id, success.user_name, success.sign_in_class, success.sign_in_mfa_used,
  success.source_ip_address,
  count(*) AS failures,
  count(*) FILTER (WHERE failure.known_name = success.known_name) AS failures_of_the_user,
  count(*) FILTER (WHERE failure.source_ip_address = success.source_ip_address) AS failures_of_the_address,
  min(failure.event_time) AS first_failure, max(failure.event_time) AS last_failure,
  array_sort(array_agg(DISTINCT failure.source_ip_address)) AS failing_addresses,
  success.event_id
FROM tries AS success
JOIN tries AS failure
  ON failure.recipient_account_id = success.recipient_account_id
  AND failure.sign_in_outcome = 'failure'
  AND failure.event_time <= success.event_time AND failure.event_time >= success.event_time - $window
  AND (failure.known_name = success.known_name OR failure.source_ip_address = success.source_ip_address)
WHERE success.sign_in_outcome = 'success'
GROUP BY success.event_time, success.recipient_account_id, success.user_name, success.sign_in_class, success.sign_in_mfa_used,
  success.source_ip_address, success.event_id
HAVING count(*) >= $min_failures
ORDER BY success_at, success.event_id
