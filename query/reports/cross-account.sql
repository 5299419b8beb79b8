-- title: Cross-account and external access
-- question: Who acted across accounts, who came from outside, and what was opened to others?
-- catalogue: R6
-- parameter: own_accounts text optional; Accounts that are ours, separated by commas; without it those that received an event in the lake.
-- note: Evidence for SOC 2 CC6.6, NIST 800-53 AC-3, AC-17 and AC-20, ISO 27001 A.5.15 and A.5.19.
-- note: A principal whose account is not the one that received the event. A session of a role belongs to the account of the
--   role, whoever assumed it: section sessions shows where its callers come from. Calls of AWS services are left out.
-- note: Whether an account belongs to the organization is not in the records: name your accounts in own_accounts.

WITH
period AS (
  SELECT *, recipient_account_id AS account
  FROM named_events
  WHERE event_time >= $since AND event_time < $until
    AND ($accounts IS NULL OR array_has(string_to_array($accounts, ','), recipient_account_id))
),
own AS (
  SELECT DISTINCT recipient_account_id AS id FROM events
  WHERE $own_accounts IS NULL AND recipient_account_id IS NOT NULL
  UNION
  SELECT trim(unnest(string_to_array(coalesce($own_accounts, ''), ','))) AS id
),
crossing AS (
  SELECT
    CASE WHEN user_identity_account_id <> account THEN 'in' ELSE 'out' END AS direction,
    CASE WHEN user_identity_account_id <> account THEN user_identity_account_id
      ELSE arn_part(json_get(request_parameters, 'roleArn'), 'account') END AS other_account,
    *
  FROM period
  WHERE user_identity_account_id IS NOT NULL
    AND coalesce(user_identity_type, '') <> 'AWSService'
    AND (user_identity_account_id <> account
      OR event_source = 'sts.amazonaws.com' AND arn_part(json_get(request_parameters, 'roleArn'), 'account') <> user_identity_account_id)
),
flagged AS (
  SELECT crossing.*, own.id IS NULL AS foreign
  FROM crossing
  LEFT JOIN own ON own.id = crossing.other_account
)

-- section: accounts
-- title: Other accounts
-- chart: bar other_account calls
-- empty: Nothing crossed the border of an account.
-- note: in is a call of the other account's principal in ours, out an assumption of a role there.
SELECT
  direction, other_account, foreign, count(*) AS calls, count(*) FILTER (WHERE recorded_outcome = 'denied') AS recorded_denied,
  count(DISTINCT principal) AS principals, array_sort(array_agg(DISTINCT account)) AS accounts,
  min(event_time) AS first_event_time, max(event_time) AS last_event_time,
  first_value(event_id ORDER BY event_time, event_id) AS first_event_id
FROM flagged
GROUP BY direction, other_account, foreign
ORDER BY foreign DESC, calls DESC, direction, other_account;

-- section: access
-- title: What was done across accounts
-- empty: Nothing crossed the border of an account.
SELECT
  direction, other_account, foreign, account, principal, user_identity_type, event_source, event_name,
  count(*) AS calls, count(*) FILTER (WHERE recorded_outcome = 'denied') AS recorded_denied,
  array_sort(array_agg(DISTINCT source_ip_address)) AS source_ip_addresses,
  min(event_time) AS first_event_time, max(event_time) AS last_event_time,
  first_value(event_id ORDER BY event_time, event_id) AS first_event_id
FROM flagged
GROUP BY direction, other_account, foreign, account, principal, user_identity_type, event_source, event_name
ORDER BY foreign DESC, other_account, direction, account, principal, user_identity_type, event_source, event_name;

-- section: sessions
-- title: Role sessions of callers from other accounts
-- empty: No role was assumed from another account.
SELECT
  started_at AS event_time, account_id AS account, role_arn, session_name, source_identity, caller_account_id, caller,
  own.id IS NULL AS foreign, root AS first_principal, root_account_id AS first_account, chain_complete,
  source_ip_address, access_key_id, event_id
FROM role_sessions
LEFT JOIN own ON own.id = caller_account_id
WHERE caller_account_id <> account_id
  AND started_at >= $since AND started_at < $until
  AND ($accounts IS NULL OR array_has(string_to_array($accounts, ','), account_id))
ORDER BY event_time, event_id, access_key_id;

-- section: identity-providers
-- title: Sessions of external identities
-- empty: No identity provider opened a session in the period.
SELECT
  account, event_name, coalesce(json_get(request_parameters, 'principalArn'), json_get(request_parameters, 'providerId'), user_identity_identity_provider) AS provider,
  json_get(request_parameters, 'roleArn') AS role_arn, count(*) AS calls,
  count(*) FILTER (WHERE error_code IS NOT NULL) AS failed, count(DISTINCT user_identity_user_name) AS users,
  min(event_time) AS first_event_time, max(event_time) AS last_event_time,
  first_value(event_id ORDER BY event_time, event_id) AS first_event_id
FROM period
WHERE event_source = 'sts.amazonaws.com' AND event_name IN ('AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity')
GROUP BY account, event_name, coalesce(json_get(request_parameters, 'principalArn'), json_get(request_parameters, 'providerId'), user_identity_identity_provider),
  json_get(request_parameters, 'roleArn')
ORDER BY account, event_name, provider, role_arn;

-- section: shared
-- title: What was opened to others
-- empty: Nothing was opened to other accounts or the public.
-- note: Successful calls that can share a resource. names_others is true when the request names another account than its
--   own, everybody, or all addresses; a condition may narrow it. Requests that take sharing back are here too. The hunt sharing shows one row for each grantee.
SELECT
  event_time, account, aws_region, event_name, principal, iam_resources, grants AS request_part,
  coalesce(grants LIKE '%"all"%' OR grants LIKE '%"*"%' OR grants LIKE '%0.0.0.0/0%' OR grants LIKE '%::/0%' OR grants LIKE 'public-read%'
    OR grants LIKE '%AllUsers%' OR grants LIKE '%AuthenticatedUsers%'
    OR event_name <> 'AuthorizeSecurityGroupIngress' AND regexp_like(replace(grants, account, ''), '(^|[^0-9])[0-9]{12}([^0-9]|$)'), false) AS names_others,
  source_ip_address, decision, event_id
FROM (
  SELECT *,
    coalesce(
      json_get(request_parameters, 'createVolumePermission'), json_get(request_parameters, 'launchPermission'),
      json_get(request_parameters, 'valuesToAdd'), 'remove ' || json_get(request_parameters, 'valuesToRemove'), json_get(request_parameters, 'bucketPolicy'), json_get(request_parameters, 'x-amz-acl'),
      json_get(request_parameters, 'AccessControlPolicy'), json_get(request_parameters, 'ipPermissions'), json_get(request_parameters, 'principals'),
      json_get(request_parameters, 'principal'), json_get(request_parameters, 'granteePrincipal'), json_get(request_parameters, 'policyText'),
      json_get(request_parameters, 'policy')) AS grants
  FROM period
  WHERE error_code IS NULL
    AND event_name IN (
      'ModifySnapshotAttribute', 'ModifyImageAttribute', 'ModifyDBSnapshotAttribute', 'ModifyDBClusterSnapshotAttribute',
      'PutBucketPolicy', 'PutBucketAcl', 'PutObjectAcl', 'AuthorizeSecurityGroupIngress', 'AddPermission20150331', 'AddPermission20150331v2',
      'CreateGrant', 'PutKeyPolicy', 'SetRepositoryPolicy', 'CreateResourceShare', 'AssociateResourceShare')
)
WHERE grants IS NOT NULL
ORDER BY event_time, event_id, content_sha256;

-- section: evidence
-- title: All calls across accounts
-- empty: Nothing crossed the border of an account.
SELECT
  event_time, direction, other_account, foreign, account, aws_region, principal, user_identity_type, event_source, event_name,
  iam_resources, recorded_outcome, error_code, source_ip_address, user_agent, decision, cause, shared_event_id, event_id
FROM flagged
ORDER BY event_time, event_id, content_sha256;
