-- title: Regions and services an account had not used before
-- question: In which Regions, and which services, did each account become active in the window?
-- catalogue: Q8
-- idea: unused-Region detections of several rule collections
-- window: required
-- parameter: baseline duration = 30d; How long before the window counts as known.
-- note: Read-only calls count too: attackers look around first. Global services are recorded in one
--   Region whatever the caller meant.
WITH places AS (
  SELECT recipient_account_id AS account_id, 'region' AS kind, aws_region AS place, event_time, event_id,
    principal, read_only
  FROM named_events
  WHERE event_time >= $since - $baseline AND ($until IS NULL OR event_time < $until)
  UNION ALL
  SELECT recipient_account_id, 'service', event_source, event_time, event_id,
    principal, read_only
  FROM named_events
  WHERE event_time >= $since - $baseline AND ($until IS NULL OR event_time < $until)
)
SELECT
  account_id, kind, place,
  min(event_time) AS first_seen, max(event_time) AS last_seen, count(*) AS calls,
  count(*) FILTER (WHERE coalesce(read_only, false) = false) AS writes,
  array_sort(array_agg(DISTINCT principal) FILTER (WHERE principal IS NOT NULL)) AS principals,
  first_value(event_id ORDER BY event_time, event_id) AS first_event_id
FROM places
GROUP BY account_id, kind, place
HAVING min(event_time) >= $since
ORDER BY first_seen, kind, place
