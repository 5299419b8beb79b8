-- title: Owner of an access key
-- question: Whose is this access key, who made it, and when and from where was it used?
-- catalogue: Q2
-- idea: AWS and community incident-response playbooks
-- parameter: access_key text required; The access key ID.
-- note: For a temporary key, root is the principal at the beginning of its role chain, if the calls that
--   made the chain are in the lake. The window counts for the use of the key, not for its making.
WITH used AS (
  SELECT
    user_identity_access_key_id AS key, max(user_identity_arn) AS owner, min(user_identity_type) AS owner_type,
    max(user_identity_account_id) AS account_id, min(event_time) AS first_used, max(event_time) AS last_used,
    count(*) AS calls, count(*) FILTER (WHERE recorded_outcome = 'denied') AS recorded_denied,
    count(DISTINCT source_ip_address) AS source_ip_addresses
  FROM events
  WHERE user_identity_access_key_id = $access_key
    AND ($since IS NULL OR event_time >= $since)
    AND ($until IS NULL OR event_time < $until)
  GROUP BY 1
)
SELECT
  coalesce(used.key, made.access_key_id) AS access_key_id,
  coalesce(used.owner, made.owner) AS owner,
  used.owner_type,
  coalesce(used.account_id, made.account_id) AS account_id,
  made.created_at, made.created_by, made.created_by_call,
  used.first_used, used.last_used, coalesce(used.calls, 0) AS calls, coalesce(used.recorded_denied, 0) AS recorded_denied,
  coalesce(used.source_ip_addresses, 0) AS source_ip_addresses,
  session.root_type, session.root, session.chain
FROM used
FULL JOIN (SELECT * FROM access_keys WHERE access_key_id = $access_key) AS made ON made.access_key_id = used.key
LEFT JOIN role_sessions AS session ON session.access_key_id = coalesce(used.key, made.access_key_id)
