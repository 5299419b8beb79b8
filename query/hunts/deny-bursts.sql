-- title: Bursts of denied calls
-- question: Who was denied often within a short time, or denied many different APIs?
-- catalogue: Q11
-- idea: AccessDenied bursts of the AWS playbooks and Stratus Red Team's detections
-- parameter: window duration = 10m; Denials with no longer pause between them belong to one burst, and peak counts within it.
-- parameter: min_denials integer = 10; How many denials within one window count.
-- parameter: min_apis integer = 10; How many different denied APIs in one burst count, however slow.
-- note: Counts what the record says was denied, by access key; calls without a key by principal. A burst that
--   propagation explains (a role assumed in the seconds after it was made) has agreement "propagation" in events.
WITH denied AS (
  SELECT
    event_time, event_id, event_source || ':' || event_name AS api, source_ip_address,
    principal,
    user_identity_access_key_id AS access_key,
    coalesce(user_identity_access_key_id, principal, source_ip_address, '') AS caller
  FROM named_events
  WHERE recorded_outcome = 'denied'
    AND ($since IS NULL OR event_time >= $since)
    AND ($until IS NULL OR event_time < $until)
),
counted AS (
  SELECT *,
    count(*) OVER (PARTITION BY caller ORDER BY event_time RANGE BETWEEN $window PRECEDING AND CURRENT ROW) AS within_window,
    CASE WHEN event_time - lag(event_time) OVER (PARTITION BY caller ORDER BY event_time, event_id) <= $window THEN 0 ELSE 1 END AS begins
  FROM denied
),
bursts AS (
  SELECT *, sum(begins) OVER (PARTITION BY caller ORDER BY event_time, event_id ROWS UNBOUNDED PRECEDING) AS burst FROM counted
)
SELECT
  min(event_time) AS first_denial, max(event_time) AS last_denial,
  max(principal) AS principal, max(access_key) AS access_key,
  count(*) AS denials, max(within_window) AS peak, count(DISTINCT api) AS distinct_apis,
  array_sort(array_agg(DISTINCT api)) AS apis,
  array_sort(array_agg(DISTINCT source_ip_address)) AS source_ip_addresses,
  first_value(event_id ORDER BY event_time, event_id) AS first_event_id
FROM bursts
GROUP BY caller, burst
HAVING max(within_window) >= $min_denials OR count(DISTINCT api) >= $min_apis
ORDER BY first_denial, access_key
