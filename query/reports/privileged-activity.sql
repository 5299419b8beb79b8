-- title: Privileged and root activity
-- question: What did the root user and principals with administrative policies do?
-- catalogue: R2
-- parameter: privileged_policies text = arn:aws:iam::aws:policy/AdministratorAccess,arn:aws:iam::aws:policy/PowerUserAccess,arn:aws:iam::aws:policy/IAMFullAccess; Policies that make their holders privileged, by ARN or name, separated by commas.
-- note: Evidence for PCI DSS 10.2.1.2, NIST 800-53 AC-6(9) and AC-2(12), ISO 27001 A.8.2, SOC 2 CC6.1.
-- note: A principal is privileged here when one of the policies decided a call of the period. Who holds such a policy
--   and did not use it is not in the events; nor is a policy of your own with the same power that is not listed.

WITH
period AS (
  SELECT *, recipient_account_id AS account
  FROM named_events
  WHERE event_time >= $since AND event_time < $until
    AND ($accounts IS NULL OR array_has(string_to_array($accounts, ','), recipient_account_id))
),
root AS (
  SELECT *
  FROM period
  WHERE user_identity_type = 'Root' AND user_identity_invoked_by IS NULL AND coalesce(event_type, '') <> 'AwsServiceEvent'
),
privileged AS (
  SELECT *
  FROM period
  WHERE decision = 'allow' AND array_has(string_to_array($privileged_policies, ','), cause_policy)
)

-- section: days
-- title: Privileged calls by day
-- chart: line day privileged_calls
-- empty: No privileged call was made in the period.
SELECT
  event_date AS day, count(*) AS privileged_calls,
  count(*) FILTER (WHERE user_identity_type = 'Root') AS root_calls,
  count(*) FILTER (WHERE read_only = false) AS writes,
  count(DISTINCT principal) AS principals
FROM (SELECT * FROM root UNION ALL SELECT * FROM privileged WHERE user_identity_type <> 'Root')
GROUP BY 1
ORDER BY day;

-- section: root
-- title: Use of the root user
-- empty: The root user did nothing in the period.
-- note: What a service did on behalf of root, and service events, are left out.
SELECT
  event_time, account, event_source, event_name, coalesce(sign_in_outcome, recorded_outcome) AS outcome,
  coalesce(sign_in_mfa_used, session_mfa_authenticated) AS mfa, user_identity_access_key_id, iam_resources,
  source_ip_address, user_agent, decision, cause, event_id
FROM root
ORDER BY event_time, event_id, content_sha256;

-- section: principals
-- title: Principals that used an administrative policy
-- chart: bar principal calls
-- empty: No administrative policy decided a call of the period.
SELECT
  account, principal, cause_policy AS policy, count(*) AS calls,
  count(*) FILTER (WHERE read_only = false) AS writes,
  count(*) FILTER (WHERE session_mfa_authenticated) AS calls_with_mfa,
  count(DISTINCT event_source) AS services,
  min(event_time) AS first_call, max(event_time) AS last_call,
  array_sort(array_agg(DISTINCT source_ip_address)) AS source_ip_addresses,
  first_value(event_id ORDER BY event_time, event_id) AS first_event_id
FROM privileged
GROUP BY account, principal, cause_policy
ORDER BY calls DESC, account, principal, policy;

-- section: sessions
-- title: Who became a privileged role
-- empty: No session of a privileged role began in the period.
-- note: The chain goes back to the first principal that the lake knows; chain_complete is false where the record of an
--   earlier hop is missing.
SELECT
  started_at AS event_time, account_id AS account, role_arn, session_name, source_identity, caller, root AS first_principal,
  root_account_id AS first_account, chain_complete, caller_mfa, source_ip_address, access_key_id, event_id
FROM role_sessions
WHERE started_at >= $since AND started_at < $until
  AND role_arn IN (SELECT principal FROM privileged)
ORDER BY event_time, event_id, access_key_id;

-- section: changes
-- title: What privileged principals changed
-- empty: No privileged principal changed anything in the period.
-- note: Calls that are not read-only, failed ones among them.
SELECT
  event_time, account, aws_region, event_source, event_name, principal, user_identity_arn, user_identity_access_key_id,
  iam_resources, recorded_outcome, error_code, session_mfa_authenticated AS mfa, source_ip_address, user_agent,
  cause_policy AS policy, cause_statement_id AS statement, event_id
FROM privileged
WHERE coalesce(read_only, false) = false
ORDER BY event_time, event_id, content_sha256;
