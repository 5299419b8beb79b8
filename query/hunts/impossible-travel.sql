-- title: Sign-ins too far apart for a journey
-- question: Who signed in, or began a role session, at two places that lie too far apart for the time between?
-- catalogue: Q9
-- idea: impossible-travel detections of identity providers and rule collections
-- geo: required
-- parameter: max_km_per_hour integer = 900; The speed that still counts as a journey: that of an airliner.
-- parameter: min_km integer = 100; Distances that do not count, because places of addresses are estimates.
-- parameter: principal text optional; Only this principal, by its ARN or name.
-- note: Each sign-in is compared with the one before it, which may lie before the window. A role session counts for the
--   principal at the beginning of its chain; services, web identities and chains without a known beginning are left out,
--   because workloads run in many places at once. Where same_network is false, look at the networks first: a VPN or a proxy
--   that was turned on moves nobody. km_per_hour is null for two within one second.
WITH arrivals AS (
  SELECT event_time, event_id, event_name, coalesce(user_identity_arn, user_name) AS principal, source_ip_address
  FROM sign_ins
  WHERE sign_in_outcome = 'success'
  UNION ALL
  SELECT started_at, event_id, event_name, root, source_ip_address
  FROM role_sessions
  WHERE chain_complete AND root_type NOT IN ('AWSService', 'WebIdentityUser')
),
places AS (
  SELECT
    *, geo_lookup(source_ip_address, 'latitude') AS latitude, geo_lookup(source_ip_address, 'longitude') AS longitude,
    concat_ws(', ', geo_lookup(source_ip_address, 'city'), geo_lookup(source_ip_address, 'country')) AS place,
    geo_lookup(source_ip_address, 'asn') AS asn,
    concat_ws(' ', 'AS' || geo_lookup(source_ip_address, 'asn'), geo_lookup(source_ip_address, 'as_organization')) AS network
  FROM arrivals
  WHERE principal IS NOT NULL
    AND ($until IS NULL OR event_time < $until)
    AND ($principal IS NULL OR principal = $principal)
),
steps AS (
  SELECT
    *, lag(event_time) OVER earlier AS from_time, lag(event_id) OVER earlier AS from_event_id,
    lag(source_ip_address) OVER earlier AS from_source_ip_address, lag(place) OVER earlier AS from_place,
    lag(network) OVER earlier AS from_network, lag(asn) OVER earlier AS from_asn,
    geo_distance_km(lag(latitude) OVER earlier, lag(longitude) OVER earlier, latitude, longitude) AS km
  FROM places
  WHERE latitude IS NOT NULL AND longitude IS NOT NULL
  WINDOW earlier AS (PARTITION BY principal ORDER BY event_time, event_id)
),
journeys AS (
  SELECT *, (date_part('epoch', event_time) - date_part('epoch', from_time)) / 3600 AS hours
  FROM steps
  WHERE km >= $min_km AND ($since IS NULL OR event_time >= $since)
)
SELECT
  principal, from_time, from_place, event_time AS to_time, place AS to_place,
  CAST(km AS BIGINT) AS km, CAST(km / nullif(hours, 0) AS BIGINT) AS km_per_hour,
  from_source_ip_address, source_ip_address AS to_source_ip_address,
  from_network, network AS to_network, from_asn = asn AS same_network,
  event_name, from_event_id, event_id
FROM journeys
WHERE km > $max_km_per_hour * hours
ORDER BY to_time, event_id
