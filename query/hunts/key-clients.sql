-- title: Addresses and clients of an access key
-- question: From which addresses and with which clients was this access key used?
-- catalogue: Q3
-- idea: AWS and community incident-response playbooks
-- parameter: access_key text required; The access key ID.
-- note: A source that is a service's name is AWS calling on behalf of the principal.
SELECT
  source_ip_address, user_agent,
  min(event_time) AS first_seen, max(event_time) AS last_seen, count(*) AS calls,
  count(*) FILTER (WHERE recorded_outcome = 'denied') AS recorded_denied,
  count(DISTINCT event_source) AS services,
  count(DISTINCT event_source || ':' || event_name) AS apis
FROM events
WHERE user_identity_access_key_id = $access_key
  AND ($since IS NULL OR event_time >= $since)
  AND ($until IS NULL OR event_time < $until)
GROUP BY 1, 2
ORDER BY first_seen, source_ip_address, user_agent
