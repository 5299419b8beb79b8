-- title: Statements that let somebody in
-- question: Which policy statements allowed what this key or principal did, and who else lives on them?
-- catalogue: Q32
-- idea: blast radius per statement; possible only where decisions are recomputed
-- parameter: access_key text optional; Only calls with this access key.
-- parameter: principal text optional; Only calls of this principal, by its ARN.
-- note: other_principals counts those who were allowed something by the same statement in the same window and whom its
--   removal would hit. A call that several statements allow is counted under the one that the label names.
--   Inline policies have no ARN: inline_of is whose call they allowed; others may hold the same policy through a group.
WITH allowed AS (
  SELECT
    cause_policy, CASE WHEN cause_policy NOT LIKE 'arn:%' THEN principal END AS inline_of, cause_policy_version, cause_statement_id, cause_statement_index, cause_type,
    principal, iam_actions[1] AS action, iam_resources[1] AS resource,
    event_time, event_id,
    ($access_key IS NULL OR user_identity_access_key_id = $access_key)
      AND ($principal IS NULL OR principal = $principal OR user_identity_arn = $principal) AS theirs
  FROM named_events
  WHERE decision = 'allow' AND cause_policy IS NOT NULL
    AND ($since IS NULL OR event_time >= $since)
    AND ($until IS NULL OR event_time < $until)
),
suspects AS (SELECT DISTINCT principal AS suspect FROM allowed WHERE theirs)
SELECT
  cause_policy AS policy, inline_of, cause_policy_version AS version, cause_statement_id AS sid, cause_statement_index AS statement, cause_type,
  count(*) FILTER (WHERE theirs) AS calls,
  count(DISTINCT CASE WHEN theirs THEN action END) AS actions,
  count(DISTINCT CASE WHEN theirs THEN resource END) AS resources,
  (array_sort(array_agg(DISTINCT action) FILTER (WHERE theirs)))[1:20] AS first_actions,
  min(event_time) FILTER (WHERE theirs) AS first_call, max(event_time) FILTER (WHERE theirs) AS last_call,
  count(DISTINCT principal) FILTER (WHERE suspect IS NULL) AS other_principals
FROM allowed
LEFT JOIN suspects ON suspects.suspect = allowed.principal
GROUP BY 1, 2, 3, 4, 5, 6
HAVING bool_or(theirs)
ORDER BY calls DESC, policy, inline_of, statement
