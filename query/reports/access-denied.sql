-- title: Access denied
-- question: Who was denied what, why by the policies, and which denials are noise?
-- catalogue: R4
-- parameter: window duration = 10m; Denials of one caller with no longer pause between them belong to one burst, and peak counts within it.
-- parameter: min_denials integer = 10; How many denials within one window make a burst.
-- parameter: noise_days integer = 3; On how many days the same denial must come back to be called noise.
-- note: Evidence for PCI DSS 10.2.1.4, SOC 2 CC7.2, NIST 800-53 AU-6, ISO 27001 A.8.16.
-- note: Denied is what the record says was denied. The cause is recomputed from the policies in force at the second of the
--   call, because most records do not name one; it is indeterminate where the policies are not known. Failed sign-ins are
--   in the report console-sign-ins.

WITH
denied AS (
  SELECT *, recipient_account_id AS account, event_source || ':' || event_name AS api,
    coalesce(user_identity_access_key_id, principal, source_ip_address, '') AS caller
  FROM named_events
  WHERE recorded_outcome = 'denied'
    AND event_time >= $since AND event_time < $until
    AND ($accounts IS NULL OR array_has(string_to_array($accounts, ','), recipient_account_id))
),
counted AS (
  SELECT *,
    count(*) OVER (PARTITION BY caller ORDER BY event_time RANGE BETWEEN $window PRECEDING AND CURRENT ROW) AS within_window,
    CASE WHEN event_time - lag(event_time) OVER (PARTITION BY caller ORDER BY event_time, event_id, content_sha256) <= $window THEN 0 ELSE 1 END AS begins
  FROM denied
),
burst_calls AS (
  SELECT *, sum(begins) OVER (PARTITION BY caller ORDER BY event_time, event_id, content_sha256 ROWS UNBOUNDED PRECEDING) AS burst FROM counted
)

-- section: days
-- title: Denials by day
-- chart: line day denials
-- empty: No call was denied in the period.
SELECT
  event_date AS day, count(*) AS denials, count(DISTINCT caller) AS callers, count(DISTINCT api) AS apis,
  count(*) FILTER (WHERE agreement = 'propagation') AS explained_by_propagation
FROM denied
GROUP BY 1
ORDER BY day;

-- section: causes
-- title: Denials by their cause
-- chart: bar cause_type denials
-- empty: No call was denied in the period.
-- note: agreement_class says how the recomputed decision stands to the record: docs/reference/labels.md.
SELECT
  decision, cause_type, cause_policy, cause_statement_id AS statement, recorded_cause_type, agreement_class,
  count(*) AS denials, count(DISTINCT principal) AS principals, count(DISTINCT api) AS apis,
  min(event_time) AS first_event_time, max(event_time) AS last_event_time,
  first_value(event_id ORDER BY event_time, event_id) AS first_event_id
FROM denied
GROUP BY decision, cause_type, cause_policy, cause_statement_id, recorded_cause_type, agreement_class
ORDER BY denials DESC, decision, cause_type, cause_policy, statement, recorded_cause_type, agreement_class;

-- section: principals
-- title: Denials by principal
-- chart: bar principal denials
-- empty: No call was denied in the period.
SELECT
  account, principal, count(*) AS denials, count(DISTINCT api) AS apis, count(DISTINCT user_identity_access_key_id) AS access_keys,
  array_sort(array_agg(DISTINCT source_ip_address)) AS source_ip_addresses,
  min(event_time) AS first_event_time, max(event_time) AS last_event_time,
  first_value(event_id ORDER BY event_time, event_id) AS first_event_id
FROM denied
GROUP BY account, principal
ORDER BY denials DESC, account, principal;

-- section: actions
-- title: Denials by action
-- chart: bar event_name denials
-- empty: No call was denied in the period.
SELECT
  event_source, event_name, count(*) AS denials, count(DISTINCT principal) AS principals,
  count(DISTINCT iam_resources[1]) AS resources,
  min(event_time) AS first_event_time, max(event_time) AS last_event_time,
  first_value(event_id ORDER BY event_time, event_id) AS first_event_id
FROM denied
GROUP BY event_source, event_name
ORDER BY denials DESC, event_source, event_name;

-- section: bursts
-- title: Bursts of denied calls
-- empty: No caller was denied that often in so short a time.
SELECT
  min(event_time) AS first_denial, max(event_time) AS last_denial, max(account) AS account,
  max(principal) AS principal, max(user_identity_access_key_id) AS access_key,
  count(*) AS denials, max(within_window) AS peak, array_sort(array_agg(DISTINCT api)) AS apis,
  array_sort(array_agg(DISTINCT source_ip_address)) AS source_ip_addresses,
  first_value(event_id ORDER BY event_time, event_id) AS first_event_id
FROM burst_calls
GROUP BY caller, burst
HAVING max(within_window) >= $min_denials
ORDER BY first_denial, caller, burst;

-- section: noise
-- title: Denials that come back day after day
-- empty: No denial came back on that many days.
-- note: The same principal, call and cause. Grant what is needed, stop the caller, or accept it in writing: what is left
--   stands out.
SELECT
  account, principal, event_source, event_name, cause_type, cause_policy,
  count(*) AS denials, count(DISTINCT event_date) AS days,
  min(event_time) AS first_event_time, max(event_time) AS last_event_time,
  first_value(event_id ORDER BY event_time, event_id) AS first_event_id
FROM denied
GROUP BY account, principal, event_source, event_name, cause_type, cause_policy
HAVING count(DISTINCT event_date) >= $noise_days
ORDER BY denials DESC, account, principal, event_source, event_name, cause_type, cause_policy;

-- section: evidence
-- title: All denied calls
-- empty: No call was denied in the period.
SELECT
  event_time, account, aws_region, principal, user_identity_arn, user_identity_access_key_id, event_source, event_name,
  iam_actions, iam_resources, error_code, decision, cause_type, cause_policy, cause_statement_id AS statement, cause,
  recorded_cause_type, recorded_cause_policy, agreement, agreement_class, source_ip_address, user_agent, event_id
FROM denied
ORDER BY event_time, event_id, content_sha256;
