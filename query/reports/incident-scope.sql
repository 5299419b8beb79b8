-- title: Incident scope
-- question: What did this principal, access key or address reach: which data, how much, and from when to when?
-- catalogue: R14
-- parameter: principal text optional; ARN of a user, a role or a role session, with the sessions it opened.
-- parameter: access_key text optional; An access key, with all sessions that began with it.
-- parameter: address network optional; A network or address that calls came from.
-- note: For the notification duties of GDPR Art. 33, NIS2, DORA and HIPAA: what was reached, how much, first and last.
-- note: The scope is what belongs to any of the three parameters; without one of them it is empty. Sessions are followed
--   down the chains of roles, in other accounts too, as far as the records of the assumptions are in the lake.
-- note: Which objects were read is known only where a trail records data events; bytes are those that the records give.

WITH
own_keys AS (
  SELECT access_key_id AS key
  FROM role_sessions
  WHERE array_has(chain_access_key_ids, $access_key) OR root_access_key_id = $access_key
    OR root = $principal OR array_has(chain, $principal) OR session_arn = $principal
),
scope AS (
  SELECT *, recipient_account_id AS account
  FROM named_events
  WHERE event_time >= $since AND event_time < $until
    AND ($accounts IS NULL OR array_has(string_to_array($accounts, ','), recipient_account_id))
    AND (coalesce(user_identity_access_key_id = $access_key, false)
      OR coalesce(principal = $principal, false) OR coalesce(user_identity_arn = $principal, false)
      OR coalesce(cidr_contains($address, source_ip_address), false)
      OR coalesce(user_identity_access_key_id, '') IN (SELECT key FROM own_keys))
)

-- section: summary
-- title: The scope in one line
SELECT
  count(*) AS events, min(event_time) AS first_event_time, max(event_time) AS last_event_time,
  count(DISTINCT account) AS accounts, count(DISTINCT aws_region) AS regions, count(DISTINCT event_source) AS services,
  count(DISTINCT principal) AS principals, count(DISTINCT user_identity_access_key_id) AS access_keys,
  count(DISTINCT source_ip_address) AS source_ip_addresses,
  count(*) FILTER (WHERE coalesce(read_only, false) = false AND error_code IS NULL) AS successful_writes,
  count(*) FILTER (WHERE recorded_outcome = 'denied') AS recorded_denied,
  sum(TRY_CAST(TRY_CAST(json_get(additional_event_data, 'bytesTransferredOut') AS DOUBLE) AS BIGINT)) AS bytes_out
FROM scope
ORDER BY events;

-- section: hours
-- title: Calls by hour
-- chart: line hour calls
-- empty: Nothing in the period belongs to the scope.
SELECT
  date_trunc('hour', event_time) AS hour, count(*) AS calls, count(*) FILTER (WHERE coalesce(read_only, false) = false) AS writes,
  count(*) FILTER (WHERE recorded_outcome = 'denied') AS recorded_denied
FROM scope
GROUP BY 1
ORDER BY hour;

-- section: identities
-- title: Principals, keys and addresses
-- chart: bar principal calls
-- empty: Nothing in the period belongs to the scope.
SELECT
  account, principal, user_identity_arn, user_identity_access_key_id AS access_key, source_ip_address, count(*) AS calls,
  count(DISTINCT user_agent) AS user_agents, min(event_time) AS first_call, max(event_time) AS last_call,
  first_value(event_id ORDER BY event_time, event_id) AS first_event_id
FROM scope
GROUP BY account, principal, user_identity_arn, user_identity_access_key_id, source_ip_address
ORDER BY first_call, account, principal, user_identity_arn, access_key, source_ip_address;

-- section: sessions
-- title: Sessions that were opened
-- empty: The scope opened no session of temporary credentials.
SELECT
  started_at AS event_time, account_id AS account, role_arn, session_name, caller, caller_access_key_id, access_key_id, depth, chain,
  source_ip_address, expiration, event_id
FROM role_sessions
WHERE access_key_id IN (SELECT key FROM own_keys)
  AND started_at >= $since AND started_at < $until
ORDER BY event_time, event_id, access_key_id;

-- section: reach
-- title: Accounts, Regions and services that were reached
-- chart: bar service calls
-- empty: Nothing in the period belongs to the scope.
SELECT
  account, aws_region, event_source AS service, count(*) AS calls, count(DISTINCT event_name) AS apis,
  count(*) FILTER (WHERE error_code IS NOT NULL) AS failed, min(event_time) AS first_call, max(event_time) AS last_call
FROM scope
GROUP BY account, aws_region, event_source
ORDER BY calls DESC, account, aws_region, service;

-- section: objects
-- title: Objects that were read, written or deleted
-- empty: The records show no object of S3 that was touched.
SELECT
  account, json_get(request_parameters, 'bucketName') AS bucket, json_get(request_parameters, 'key') AS object, event_name, recorded_outcome,
  count(*) AS calls, sum(TRY_CAST(TRY_CAST(json_get(additional_event_data, 'bytesTransferredOut') AS DOUBLE) AS BIGINT)) AS bytes_out,
  min(event_time) AS first_call, max(event_time) AS last_call,
  first_value(event_id ORDER BY event_time, event_id) AS first_event_id
FROM scope
WHERE event_source = 's3.amazonaws.com' AND json_get(request_parameters, 'key') IS NOT NULL
GROUP BY account, json_get(request_parameters, 'bucketName'), json_get(request_parameters, 'key'), event_name, recorded_outcome
ORDER BY account, bucket, object, event_name, recorded_outcome;

-- section: secrets
-- title: Secrets that were read
-- empty: The scope read no secret, parameter or password.
SELECT
  account, event_source, event_name, coalesce(json_get(request_parameters, 'secretId'), json_get(request_parameters, 'name'),
    json_get(request_parameters, 'names'), json_get(request_parameters, 'instanceId'), iam_resources[1]) AS secret,
  recorded_outcome, count(*) AS calls, min(event_time) AS first_call, max(event_time) AS last_call,
  first_value(event_id ORDER BY event_time, event_id) AS first_event_id
FROM scope
WHERE event_source = 'secretsmanager.amazonaws.com' AND event_name IN ('GetSecretValue', 'BatchGetSecretValue')
  OR event_source = 'ssm.amazonaws.com' AND event_name IN ('GetParameter', 'GetParameters', 'GetParametersByPath', 'GetParameterHistory')
  OR event_source = 'ec2.amazonaws.com' AND event_name = 'GetPasswordData'
GROUP BY account, event_source, event_name, coalesce(json_get(request_parameters, 'secretId'), json_get(request_parameters, 'name'),
    json_get(request_parameters, 'names'), json_get(request_parameters, 'instanceId'), iam_resources[1]), recorded_outcome
ORDER BY account, event_source, event_name, secret, recorded_outcome;

-- section: changes
-- title: What was changed
-- empty: The scope changed nothing.
SELECT
  event_time, account, aws_region, event_source, event_name, principal, user_identity_access_key_id, iam_resources, request_parameters,
  source_ip_address, decision, cause_policy AS policy, cause_statement_id AS statement, event_id
FROM scope
WHERE coalesce(read_only, false) = false AND error_code IS NULL
ORDER BY event_time, event_id, content_sha256;

-- section: evidence
-- title: All events of the scope
-- empty: Nothing in the period belongs to the scope.
SELECT
  event_time, account, aws_region, event_source, event_name, principal, user_identity_arn, user_identity_access_key_id, iam_resources,
  recorded_outcome, error_code, source_ip_address, user_agent, decision, cause, raw_sha256, event_id
FROM scope
ORDER BY event_time, event_id, content_sha256;
