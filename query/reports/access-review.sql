-- title: Access review
-- question: Who has used what access, by account and principal, for their owners to confirm or to take away?
-- catalogue: R9
-- parameter: owner text optional; Only principals of this owner: a part of their ARN, such as a path or a name.
-- note: Evidence for PCI DSS 7.2.4 and 7.2.5.1, SOC 2 CC6.2 and CC6.3, NIST 800-53 AC-2 and AC-6(7), ISO 27001 A.5.18.
-- note: reviewer, decision_of_review and date are empty, for the reviewer to fill in. Who has access without using it is not
--   in the events: compare with the policies in force (trailwright policies as-of) and with the report dormant-access.

WITH
period AS (
  SELECT *, recipient_account_id AS account
  FROM named_events
  WHERE event_time >= $since AND event_time < $until
    AND ($accounts IS NULL OR array_has(string_to_array($accounts, ','), recipient_account_id))
    AND principal IS NOT NULL AND coalesce(user_identity_type, '') <> 'AWSService'
    AND ($owner IS NULL OR strpos(principal, $owner) > 0)
)

-- section: principals
-- title: Principals and what they did
-- chart: bar principal calls
-- empty: No principal of this owner called in the period.
SELECT
  account, principal, min(user_identity_type) AS type, count(*) AS calls,
  count(*) FILTER (WHERE coalesce(read_only, false) = false) AS writes,
  count(*) FILTER (WHERE decision = 'allow') AS decided_allow,
  count(*) FILTER (WHERE decision = 'explicit_deny') AS decided_explicit_deny,
  count(*) FILTER (WHERE decision = 'implicit_deny') AS decided_implicit_deny,
  count(*) FILTER (WHERE decision = 'indeterminate') AS decided_indeterminate,
  count(*) FILTER (WHERE recorded_outcome = 'denied') AS recorded_denied,
  count(*) FILTER (WHERE agreement = 'disagrees') AS disagreements,
  count(*) FILTER (WHERE sign_in_outcome = 'success') AS sign_ins,
  count(DISTINCT user_identity_access_key_id) AS access_keys, count(DISTINCT event_source) AS services,
  min(event_time) AS first_call, max(event_time) AS last_call,
  CAST(NULL AS VARCHAR) AS reviewer, CAST(NULL AS VARCHAR) AS decision_of_review, CAST(NULL AS VARCHAR) AS date
FROM period
GROUP BY account, principal
ORDER BY account, principal;

-- section: policies
-- title: Policies that let them in
-- empty: No known policy decided a call of these principals.
-- note: The policy and statement that decided; another may have allowed the same.
SELECT
  account, principal, cause_type, cause_policy AS policy, cause_statement_id AS statement, cause_statement_index AS statement_index,
  count(*) AS calls, count(DISTINCT iam_actions[1]) AS actions, max(event_time) AS last_used,
  CAST(NULL AS VARCHAR) AS reviewer, CAST(NULL AS VARCHAR) AS decision_of_review, CAST(NULL AS VARCHAR) AS date
FROM period
WHERE decision = 'allow' AND cause_policy IS NOT NULL
GROUP BY account, principal, cause_type, cause_policy, cause_statement_id, cause_statement_index
ORDER BY account, principal, cause_type, policy, statement_index, statement;

-- section: access
-- title: What was used
-- empty: No principal of this owner called in the period.
SELECT
  account, principal, event_source AS service, coalesce(iam_actions[1], event_name) AS action, count(*) AS calls,
  count(*) FILTER (WHERE recorded_outcome = 'denied') AS recorded_denied,
  count(DISTINCT iam_resources[1]) AS resources, min(event_time) AS first_call, max(event_time) AS last_call,
  first_value(event_id ORDER BY event_time, event_id) AS first_event_id
FROM period
GROUP BY account, principal, event_source, coalesce(iam_actions[1], event_name)
ORDER BY account, principal, service, action;

-- section: sessions
-- title: Who used which role
-- empty: No role of this owner was assumed in the period.
SELECT
  account_id AS account, role_arn, coalesce(root, caller) AS first_principal, count(*) AS sessions,
  count(*) FILTER (WHERE caller_mfa) AS sessions_with_mfa, array_sort(array_agg(DISTINCT source_ip_address)) AS source_ip_addresses,
  min(started_at) AS first_session, max(started_at) AS last_session,
  CAST(NULL AS VARCHAR) AS reviewer, CAST(NULL AS VARCHAR) AS decision_of_review, CAST(NULL AS VARCHAR) AS date
FROM role_sessions
WHERE role_arn IS NOT NULL AND started_at >= $since AND started_at < $until
  AND ($accounts IS NULL OR array_has(string_to_array($accounts, ','), account_id))
  AND ($owner IS NULL OR strpos(role_arn, $owner) > 0)
GROUP BY account_id, role_arn, coalesce(root, caller)
ORDER BY account, role_arn, first_principal;

-- section: grants
-- title: What was granted and taken away in the period
-- empty: Nothing was granted to or taken from these principals in the period.
SELECT
  event_time, recipient_account_id AS account, event_name, entity, object, before, after, before_known, changed_by, event_id
FROM iam_changes
WHERE event_time >= $since AND event_time < $until
  AND ($accounts IS NULL OR array_has(string_to_array($accounts, ','), recipient_account_id))
  AND ($owner IS NULL OR strpos(entity, $owner) > 0)
ORDER BY event_time, event_id, account, entity, object, after;
