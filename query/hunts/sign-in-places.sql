-- title: Sign-ins from new countries and networks
-- question: From which countries and networks did each principal sign in, or begin role sessions, that it had not been seen in before?
-- catalogue: Q9
-- idea: geographic novelty detections of identity providers and rule collections
-- window: required
-- geo: required
-- parameter: baseline duration = 90d; How long before the window counts as known.
-- parameter: principal text optional; Only this principal, by its ARN or name.
-- note: A role session counts for the principal at the beginning of its chain. A network is an autonomous system:
--   a new one in a known country is often a VPN, a hosting provider or a mobile network. known is null for who was not
--   seen in the baseline at all. Failed sign-ins do not count.
WITH arrivals AS (
  SELECT event_time, event_id, event_name, coalesce(user_identity_arn, user_name) AS principal, source_ip_address
  FROM sign_ins
  WHERE sign_in_outcome = 'success'
  UNION ALL
  SELECT started_at, event_id, event_name, root, source_ip_address
  FROM role_sessions
),
looked_up AS (
  SELECT
    *, geo_lookup(source_ip_address, 'country') AS country,
    'AS' || geo_lookup(source_ip_address, 'asn') || coalesce(' ' || geo_lookup(source_ip_address, 'as_organization'), '') AS network
  FROM arrivals
  WHERE event_time >= $since - $baseline
    AND ($until IS NULL OR event_time < $until)
    AND ($principal IS NULL OR principal = $principal)
),
places AS (
  SELECT principal, 'country' AS kind, country AS place, event_time, event_id, event_name, source_ip_address
  FROM looked_up
  WHERE country IS NOT NULL
  UNION ALL
  SELECT principal, 'network', network, event_time, event_id, event_name, source_ip_address
  FROM looked_up
  WHERE network IS NOT NULL
),
known AS (
  SELECT principal, kind, array_sort(array_agg(DISTINCT place)) AS places
  FROM places
  WHERE event_time < $since
  GROUP BY 1, 2
)
SELECT
  places.principal, places.kind, place,
  min(event_time) AS first_seen, max(event_time) AS last_seen, count(*) AS sign_ins,
  array_sort(array_agg(DISTINCT event_name)) AS event_names,
  array_sort(array_agg(DISTINCT source_ip_address)) AS source_ip_addresses,
  known.places AS known,
  first_value(event_id ORDER BY event_time, event_id) AS first_event_id
FROM places
LEFT JOIN known ON known.principal = places.principal AND known.kind = places.kind
WHERE places.principal IS NOT NULL
GROUP BY places.principal, places.kind, place, known.places
HAVING min(event_time) >= $since
ORDER BY first_seen, places.principal, places.kind, place
