-- title: Role chain of an access key
-- question: Who stands at the beginning of the role chain of this access key, which sessions lie between, and which followed from it?
-- catalogue: Q6
-- idea: the session pivot of the AWS incident-response playbooks, made transitive and across accounts
-- parameter: access_key text required; The access key ID of any link: a person's key or a session's.
-- note: Rows are the sessions of all chains through the key, in the order of their beginning; hop counts
--   from the root. The window counts for the calls of the sessions, not for the chain.
WITH mine AS (
  SELECT chain_access_key_ids FROM role_sessions WHERE access_key_id = $access_key
),
chains AS (
  SELECT * FROM role_sessions
  WHERE access_key_id = $access_key
    OR root_access_key_id = $access_key
    OR array_has(chain_access_key_ids, $access_key)
    OR access_key_id IN (SELECT unnest(chain_access_key_ids) FROM mine)
),
activity AS (
  SELECT
    user_identity_access_key_id AS key, count(*) AS calls,
    count(*) FILTER (WHERE recorded_outcome = 'denied') AS recorded_denied,
    max(event_time) AS last_call
  FROM events
  WHERE user_identity_access_key_id IN (SELECT access_key_id FROM chains)
    AND ($since IS NULL OR event_time >= $since)
    AND ($until IS NULL OR event_time < $until)
  GROUP BY 1
)
SELECT
  chains.started_at, chains.depth AS hop, chains.root_type, chains.root, chains.caller, chains.role_arn,
  chains.session_name, chains.account_id, chains.access_key_id, chains.caller_access_key_id,
  chains.source_ip_address, chains.chain_complete, chains.chain,
  coalesce(activity.calls, 0) AS calls, coalesce(activity.recorded_denied, 0) AS recorded_denied,
  activity.last_call, chains.event_id
FROM chains
LEFT JOIN activity ON activity.key = chains.access_key_id
ORDER BY chains.started_at, hop, chains.access_key_id
