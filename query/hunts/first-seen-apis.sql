-- title: APIs a principal had not used before
-- question: Which APIs did each principal call in the window that it had not called in the time before?
-- catalogue: Q7
-- idea: novelty queries of the Panther and Security Analytics Bootstrap collections
-- window: required
-- parameter: baseline duration = 30d; How long before the window counts as known.
-- parameter: principal text optional; Only this principal, by its ARN.
-- note: known_since is the principal's first event within the baseline; where it is null everything the
--   principal does is new. A role session counts as its role.
WITH calls AS (
  SELECT
    principal, event_source, event_name, event_time, event_id,
    source_ip_address, recorded_outcome, event_time >= $since AS recent
  FROM named_events
  WHERE principal IS NOT NULL
    AND event_time >= $since - $baseline
    AND ($until IS NULL OR event_time < $until)
    AND ($principal IS NULL OR principal = $principal OR user_identity_arn = $principal)
),
known AS (
  SELECT principal, min(event_time) AS known_since FROM calls WHERE NOT recent GROUP BY 1
)
SELECT
  calls.principal, event_source, event_name,
  min(event_time) AS first_seen, count(*) AS calls,
  count(*) FILTER (WHERE recorded_outcome = 'denied') AS recorded_denied,
  first_value(source_ip_address ORDER BY event_time, event_id) AS first_source_ip_address,
  known.known_since,
  first_value(event_id ORDER BY event_time, event_id) AS first_event_id
FROM calls
LEFT JOIN known ON known.principal = calls.principal
GROUP BY calls.principal, event_source, event_name, known.known_since
HAVING bool_and(recent)
ORDER BY first_seen, calls.principal, event_source, event_name
