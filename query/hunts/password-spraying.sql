-- title: Password spraying
-- question: In which hours did sign-ins of many users of an account fail?
-- catalogue: Q13
-- idea: password-spray detections of the AWS playbooks and rule collections
-- parameter: min_users integer = 6; How many different users count.
-- parameter: min_failures integer = 11; How many failures count.
-- note: An hour begins at the full hour. CloudTrail hides names that do not exist: those are counted as
--   hidden_names and, together, as one user.
SELECT
  recipient_account_id, date_trunc('hour', event_time) AS hour,
  count(*) AS failures, count(DISTINCT user_name) AS users,
  count(*) FILTER (WHERE user_name = 'HIDDEN_DUE_TO_SECURITY_REASONS') AS hidden_names,
  array_sort(array_agg(DISTINCT user_name)) AS user_names,
  array_sort(array_agg(DISTINCT source_ip_address)) AS source_ip_addresses,
  min(event_time) AS first_failure, max(event_time) AS last_failure
FROM sign_ins
WHERE sign_in_outcome = 'failure'
  AND ($since IS NULL OR event_time >= $since)
  AND ($until IS NULL OR event_time < $until)
GROUP BY 1, 2
HAVING count(DISTINCT user_name) >= $min_users AND count(*) >= $min_failures
ORDER BY hour, recipient_account_id
