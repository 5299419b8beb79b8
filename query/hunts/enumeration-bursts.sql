-- title: Bursts of enumeration
-- question: Who listed and described many different things in a short time?
-- catalogue: Q12
-- idea: discovery detections of the AWS playbooks and of Stratus Red Team
-- parameter: window duration = 10m; Calls with no longer pause between them belong to one burst.
-- parameter: min_apis integer = 20; How many different Get, List, Describe and similar APIs count.
-- note: asked_who_am_i is true when the burst contains sts:GetCallerIdentity, and whoami_first when it began with it,
--   which is what a thief does with a key found somewhere. Consoles and inventory tools make such bursts too: look at the client.
WITH asked AS (
  SELECT
    event_time, event_id, event_source || ':' || event_name AS api, event_name, recorded_outcome, source_ip_address, user_agent,
    principal,
    user_identity_access_key_id AS access_key,
    coalesce(user_identity_access_key_id, principal) AS caller
  FROM named_events
  WHERE (event_name LIKE 'Get%' OR event_name LIKE 'List%' OR event_name LIKE 'Describe%' OR event_name LIKE 'Search%' OR event_name LIKE 'Lookup%')
    AND user_identity_invoked_by IS NULL
    AND ($since IS NULL OR event_time >= $since)
    AND ($until IS NULL OR event_time < $until)
),
counted AS (
  SELECT *, CASE WHEN event_time - lag(event_time) OVER (PARTITION BY caller ORDER BY event_time, event_id) <= $window THEN 0 ELSE 1 END AS begins
  FROM asked WHERE caller IS NOT NULL
),
bursts AS (
  SELECT *, sum(begins) OVER (PARTITION BY caller ORDER BY event_time, event_id ROWS UNBOUNDED PRECEDING) AS burst FROM counted
)
SELECT
  min(event_time) AS first_call, max(event_time) AS last_call, max(principal) AS principal, max(access_key) AS access_key,
  count(*) AS calls, count(DISTINCT api) AS distinct_apis, count(DISTINCT split_part(api, ':', 1)) AS services,
  count(*) FILTER (WHERE recorded_outcome = 'denied') AS recorded_denied,
  bool_or(event_name = 'GetCallerIdentity') AS asked_who_am_i,
  first_value(event_name ORDER BY event_time, event_id) = 'GetCallerIdentity' AS whoami_first,
  array_sort(array_agg(DISTINCT source_ip_address)) AS source_ip_addresses,
  count(DISTINCT user_agent) AS user_agents,
  first_value(event_id ORDER BY event_time, event_id) AS first_event_id
FROM bursts
GROUP BY caller, burst
HAVING count(DISTINCT api) >= $min_apis
ORDER BY first_call, access_key
