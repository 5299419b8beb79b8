-- title: Roles used with several clients in a day
-- question: Which roles were used with more than one client program in a day?
-- catalogue: Q10
-- idea: user-agent novelty of roles, as in published hunting guides for stolen role credentials
-- parameter: min_clients integer = 2; How many different clients in one day count.
-- note: A workload's role has one client for its whole life; a second one is a person or a thief. The
--   client is the user agent up to its first slash, so that versions do not count; calls
--   that AWS makes on behalf of the role are left out.
WITH calls AS (
  SELECT
    principal_arn, recipient_account_id, event_date, event_time, source_ip_address, user_identity_access_key_id,
    split_part(trim(BOTH '[]' FROM user_agent), '/', 1) AS client
  FROM events
  WHERE user_identity_type = 'AssumedRole'
    AND user_agent IS NOT NULL
    AND user_identity_invoked_by IS NULL
    AND user_agent NOT LIKE '%.amazonaws.com' AND user_agent <> 'AWS Internal'
    AND ($since IS NULL OR event_time >= $since)
    AND ($until IS NULL OR event_time < $until)
)
SELECT
  principal_arn AS role, event_date, count(DISTINCT client) AS clients,
  array_sort(array_agg(DISTINCT client)) AS client_names,
  count(DISTINCT source_ip_address) AS source_ip_addresses,
  count(DISTINCT user_identity_access_key_id) AS sessions,
  count(*) AS calls
FROM calls
GROUP BY 1, 2
HAVING count(DISTINCT client) >= $min_clients
ORDER BY event_date, clients DESC, role
