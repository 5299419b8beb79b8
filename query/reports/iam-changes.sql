-- title: Changes of access and credentials
-- question: Who changed who may do what, from what to what, and was it approved?
-- catalogue: R7
-- note: Evidence for PCI DSS 10.2.1.5 and 7.2, SOC 2 CC6.1 to CC6.3, NIST 800-53 AC-2(4), ISO 27001 A.5.18 and A.8.2.
-- note: before is what the last earlier change in the lake left; where before_known is false nobody knows it. approved_by and
--   ticket are empty, for the reviewer to fill in: CloudTrail does not record approvals.

WITH
period AS (
  SELECT *, recipient_account_id AS account
  FROM named_events
  WHERE event_time >= $since AND event_time < $until
    AND ($accounts IS NULL OR array_has(string_to_array($accounts, ','), recipient_account_id))
),
changes AS (
  SELECT *, recipient_account_id AS account
  FROM iam_changes
  WHERE event_time >= $since AND event_time < $until
    AND ($accounts IS NULL OR array_has(string_to_array($accounts, ','), recipient_account_id))
)

-- section: kinds
-- title: Changes by call
-- chart: bar event_name changes
-- empty: IAM was not changed in the period.
SELECT
  event_name, count(*) AS changes, count(DISTINCT changed_by) AS principals, count(DISTINCT entity) AS entities,
  min(event_time) AS first_event_time, max(event_time) AS last_event_time
FROM changes
GROUP BY event_name
ORDER BY changes DESC, event_name;

-- section: days
-- title: Changes by day
-- chart: line day changes
-- empty: IAM was not changed in the period.
SELECT CAST(event_time AS DATE) AS day, count(*) AS changes, count(DISTINCT changed_by) AS principals
FROM changes
GROUP BY 1
ORDER BY day;

-- section: changes
-- title: Changes in IAM, with the state before and after
-- empty: IAM was not changed in the period.
SELECT
  event_time, account, event_name, entity, object, before, after, before_known, changed_by, user_identity_arn,
  user_identity_access_key_id, source_ip_address, user_agent, decision,
  CAST(NULL AS VARCHAR) AS approved_by, CAST(NULL AS VARCHAR) AS ticket, event_id
FROM changes
ORDER BY event_time, event_id, account, entity, object, after;

-- section: credentials
-- title: Credentials made, changed and taken away
-- empty: No credential was made, changed or taken away in the period.
-- note: Access keys, passwords, second factors, certificates, SSH keys, identity providers and trust anchors.
SELECT
  event_time, account, event_source, event_name,
  coalesce(json_get(request_parameters, 'userName'), json_get(response_elements, 'accessKey', 'userName'), json_get(request_parameters, 'name'), iam_resources[1]) AS belongs_to,
  coalesce(json_get(response_elements, 'accessKey', 'accessKeyId'), json_get(request_parameters, 'accessKeyId'), json_get(request_parameters, 'serialNumber'),
    json_get(response_elements, 'virtualMFADevice', 'serialNumber'), json_get(request_parameters, 'sAMLProviderArn'), json_get(request_parameters, 'openIDConnectProviderArn'),
    json_get(response_elements, 'trustAnchor', 'trustAnchorArn')) AS credential,
  json_get(request_parameters, 'status') AS status,
  principal, user_identity_access_key_id, source_ip_address, user_agent, decision,
  CAST(NULL AS VARCHAR) AS approved_by, CAST(NULL AS VARCHAR) AS ticket, event_id
FROM period
WHERE error_code IS NULL
  AND (event_source = 'iam.amazonaws.com' AND regexp_like(event_name,
        '^(Create|Update|Delete|Upload|Enable|Deactivate|Resync|Reset|Change|Add|Remove).*(AccessKey|LoginProfile|Password|MFADevice|SSHPublicKey|SigningCertificate|ServerCertificate|ServiceSpecificCredential|SAMLProvider|OpenIDConnectProvider.*)$')
    OR event_source = 'rolesanywhere.amazonaws.com' AND coalesce(read_only, false) = false)
ORDER BY event_time, event_id, content_sha256;

-- section: organization
-- title: Policies and accounts of the organization, permission sets of IAM Identity Center
-- empty: Neither the organization nor IAM Identity Center was changed in the period.
SELECT
  event_time, account, event_source, event_name,
  coalesce(json_get(request_parameters, 'policyId'), json_get(response_elements, 'policy', 'policySummary', 'id'), json_get(request_parameters, 'permissionSetArn')) AS policy,
  coalesce(json_get(request_parameters, 'targetId'), json_get(request_parameters, 'accountId'), json_get(request_parameters, 'destinationParentId')) AS target,
  coalesce(json_get(request_parameters, 'content'), json_get(request_parameters, 'inlinePolicy')) AS document,
  principal, recorded_outcome, error_code, source_ip_address, decision,
  CAST(NULL AS VARCHAR) AS approved_by, CAST(NULL AS VARCHAR) AS ticket, event_id
FROM period
WHERE event_source IN ('organizations.amazonaws.com', 'sso.amazonaws.com', 'identitystore.amazonaws.com', 'sso-directory.amazonaws.com')
  AND event_type = 'AwsApiCall' AND coalesce(read_only, false) = false
  AND event_name NOT LIKE 'Describe%' AND event_name NOT LIKE 'List%' AND event_name NOT LIKE 'Get%' AND event_name NOT LIKE 'Search%'
ORDER BY event_time, event_id, content_sha256;

-- section: resource-policies
-- title: Policies on resources
-- empty: No policy on a resource was changed in the period.
SELECT
  event_time, account, aws_region, event_source, event_name, iam_resources,
  coalesce(json_get(request_parameters, 'bucketPolicy'), json_get(request_parameters, 'policy'), json_get(request_parameters, 'policyText'),
    json_get(request_parameters, 'resourcePolicy'), json_get(request_parameters, 'policyDocument'), json_get(request_parameters, 'principal'),
    json_get(request_parameters, 'attributes'), json_get(request_parameters, 'granteePrincipal')) AS document,
  principal, source_ip_address, decision,
  CAST(NULL AS VARCHAR) AS approved_by, CAST(NULL AS VARCHAR) AS ticket, event_id
FROM period
WHERE error_code IS NULL AND coalesce(read_only, false) = false
  AND event_source <> 'iam.amazonaws.com' AND event_source <> 'organizations.amazonaws.com'
  AND (regexp_like(event_name, '^(Put|Set|Delete|Create|Add|Remove|Attach|Update).*(BucketPolicy|KeyPolicy|ResourcePolicy|RepositoryPolicy|AccessPointPolicy|VaultAccessPolicy|FileSystemPolicy)$')
    OR event_name LIKE 'AddPermission%' OR event_name LIKE 'RemovePermission%' OR event_name IN ('CreateGrant', 'RevokeGrant', 'RetireGrant', 'PutBucketAcl', 'PutObjectAcl')
    OR event_name = 'SetQueueAttributes' AND json_get(request_parameters, 'attributes', 'Policy') IS NOT NULL
    OR event_name = 'SetTopicAttributes' AND json_get(request_parameters, 'attributeName') = 'Policy')
ORDER BY event_time, event_id, content_sha256;

-- section: failed
-- title: Changes that were tried and failed
-- empty: No change in IAM failed in the period.
SELECT
  event_time, account, event_name, iam_resources, error_code, recorded_outcome, principal, user_identity_access_key_id,
  source_ip_address, user_agent, decision, cause, event_id
FROM period
WHERE event_source = 'iam.amazonaws.com' AND error_code IS NOT NULL AND coalesce(read_only, false) = false
  AND event_name NOT LIKE 'Get%' AND event_name NOT LIKE 'List%'
ORDER BY event_time, event_id, content_sha256;
