-- Sessions of temporary credentials: who assumed what, from whom, back to the
-- principal at the root of the chain. One row for each access key that STS or
-- the sign-in service handed out.
--
-- Joined by access key: what a call answered with is what a later caller signs
-- with. Copies of one call in several accounts are one row; what one copy
-- leaves out (the role owner's copy does not name the caller's key, the
-- caller's may lack the answer) is taken from the other, by sharedEventID.
--
-- chain_complete is false when the caller at the root is itself a session, or
-- a principal of another account, whose own record is not in the lake.
--
-- The walk up the chains reads the STS records once for every hop of the
-- longest chain; a condition on the result does not make it read less. Chains
-- that lead back into themselves end where they close.
WITH RECURSIVE
copies AS (
  SELECT
    event_time, event_id, event_name, recipient_account_id, aws_region, source_ip_address, user_agent,
    shared_event_id, request_parameters, response_elements,
    json_get(response_elements, 'credentials', 'accessKeyId') AS own_key,
    user_identity_type AS caller_type,
    user_identity_access_key_id AS caller_key,
    user_identity_account_id AS caller_account_id,
    CASE WHEN user_identity_type = 'AWSAccount' THEN NULL ELSE user_identity_arn END AS caller_arn,
    coalesce(user_identity_on_behalf_of_user_id, user_identity_user_name, user_identity_invoked_by, user_identity_principal_id) AS caller_name,
    session_mfa_authenticated, session_source_identity
  FROM events
  WHERE error_code IS NULL
    AND (event_source = 'sts.amazonaws.com' AND event_name IN
           ('AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity', 'AssumeRoot', 'GetFederationToken', 'GetSessionToken')
      OR event_source = 'signin.amazonaws.com' AND event_name = 'GetSigninToken')
),
keyed AS (
  SELECT *,
    CASE WHEN shared_event_id IS NULL THEN own_key
         ELSE coalesce(own_key, max(own_key) OVER (PARTITION BY shared_event_id)) END AS session_key
  FROM copies
),
sessions AS (
  SELECT
    session_key,
    min(event_time) AS started_at,
    min(event_name) AS event_name,
    min(event_id) AS event_id,
    max(json_get(request_parameters, 'roleArn')) AS role_arn,
    coalesce(max(json_get(response_elements, 'assumedRoleUser', 'arn')), max(json_get(response_elements, 'federatedUser', 'arn'))) AS session_arn,
    coalesce(max(json_get(request_parameters, 'roleSessionName')), max(json_get(request_parameters, 'name'))) AS session_name,
    max(json_get(response_elements, 'credentials', 'expiration')) AS expiration,
    coalesce(max(json_get(request_parameters, 'sourceIdentity')), max(session_source_identity)) AS source_identity,
    coalesce(max(caller_type) FILTER (WHERE caller_type <> 'AWSAccount'), max(caller_type)) AS caller_type,
    max(caller_key) AS caller_key,
    max(caller_arn) AS caller_arn,
    max(caller_account_id) AS caller_account_id,
    coalesce(max(caller_name) FILTER (WHERE caller_type <> 'AWSAccount'), max(caller_name)) AS caller_name,
    max(source_ip_address) AS source_ip_address,
    max(user_agent) AS user_agent,
    bool_or(session_mfa_authenticated) AS caller_mfa
  FROM keyed
  WHERE session_key IS NOT NULL AND session_key <> coalesce(caller_key, '')
  GROUP BY session_key
),
walk AS (
  SELECT
    session_key, session_key AS hop_key, caller_key AS next_key, 1 AS depth,
    make_array(session_key) AS session_keys,
    make_array(coalesce(role_arn, session_arn, caller_arn, session_key)) AS arns
  FROM sessions
  UNION ALL
  SELECT
    walk.session_key, parent.session_key, parent.caller_key, walk.depth + 1,
    array_prepend(parent.session_key, walk.session_keys),
    array_prepend(coalesce(parent.role_arn, parent.session_arn, parent.caller_arn, parent.session_key), walk.arns)
  FROM walk
  JOIN sessions AS parent ON parent.session_key = walk.next_key
  WHERE NOT array_has(walk.session_keys, parent.session_key)
),
tops AS (
  SELECT *, row_number() OVER (PARTITION BY session_key ORDER BY depth DESC) AS nth FROM walk
)
SELECT
  session.started_at,
  session.session_key AS access_key_id,
  session.role_arn,
  session.session_arn,
  session.session_name,
  coalesce(arn_part(session.session_arn, 'account'), arn_part(session.role_arn, 'account'), session.caller_account_id) AS account_id,
  session.event_name,
  session.caller_type,
  coalesce(session.caller_arn, session.caller_name) AS caller,
  session.caller_key AS caller_access_key_id,
  session.caller_account_id,
  session.caller_mfa,
  session.source_ip_address,
  session.user_agent,
  session.source_identity,
  session.expiration,
  tops.depth,
  root.caller_type AS root_type,
  coalesce(root.caller_arn, root.caller_name) AS root,
  root.caller_key AS root_access_key_id,
  root.caller_account_id AS root_account_id,
  root.source_ip_address AS root_source_ip_address,
  root.caller_type NOT IN ('AssumedRole', 'FederatedUser', 'AWSAccount') AS chain_complete,
  array_prepend(coalesce(root.caller_arn, root.caller_name, 'unknown'), tops.arns) AS chain,
  tops.session_keys AS chain_access_key_ids,
  session.event_id
FROM sessions AS session
JOIN tops ON tops.session_key = session.session_key AND tops.nth = 1
JOIN sessions AS root ON root.session_key = tops.hop_key
