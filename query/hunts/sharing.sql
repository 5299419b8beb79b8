-- title: Data and doors opened to others
-- question: Who opened snapshots, images, buckets, keys, functions or security groups to other accounts or to everybody?
-- catalogue: Q19
-- idea: exfiltration by sharing, as in the AWS playbooks and Stratus Red Team
-- note: One row for each grantee. change is remove where sharing was taken back. external is true for accounts other
--   than the one of the event and for everybody; whether such an account is yours as well, you know. A bucket policy's
--   conditions can narrow a public grant: they are shown. A call whose grantee is not in the record is a row without one.
WITH calls AS (
  SELECT *, json_get(request_parameters, 'bucketPolicy') AS bucket_policy
  FROM named_events
  WHERE error_code IS NULL
    AND event_name IN
      ('ModifySnapshotAttribute', 'ModifyImageAttribute', 'ModifyDBSnapshotAttribute', 'ModifyDBClusterSnapshotAttribute',
       'PutBucketPolicy', 'PutBucketAcl', 'PutObjectAcl', 'AuthorizeSecurityGroupIngress', 'AddPermission20150331', 'AddPermission20150331v2', 'CreateGrant',
       'SetRepositoryPolicy', 'ModifyFpgaImageAttribute', 'CreateResourceShare', 'AssociateResourceShare', 'PutPublicAccessBlock', 'DeletePublicAccessBlock', 'DeleteBucketPublicAccessBlock', 'PutBucketPublicAccessBlock', 'DeleteAccountPublicAccessBlock', 'PutAccountPublicAccessBlock')
    AND (event_name <> 'ModifyImageAttribute' OR json_get(request_parameters, 'launchPermission') IS NOT NULL)
    AND (event_name <> 'ModifySnapshotAttribute' OR json_get(request_parameters, 'createVolumePermission') IS NOT NULL)
    AND ($since IS NULL OR event_time >= $since)
    AND ($until IS NULL OR event_time < $until)
),
permissions AS (
  SELECT content_sha256 AS id, 'add' AS change, unnest(json_get_array(coalesce(
    json_get(request_parameters, 'createVolumePermission', 'add', 'items'), json_get(request_parameters, 'launchPermission', 'add', 'items'), '[]'))) AS item FROM calls
  UNION ALL
  SELECT content_sha256, 'remove', unnest(json_get_array(coalesce(
    json_get(request_parameters, 'createVolumePermission', 'remove', 'items'), json_get(request_parameters, 'launchPermission', 'remove', 'items'), '[]'))) FROM calls
),
rules AS (
  SELECT content_sha256 AS id, unnest(json_get_array(coalesce(json_get(request_parameters, 'ipPermissions', 'items'), '[]'))) AS rule
  FROM calls WHERE event_name = 'AuthorizeSecurityGroupIngress'
),
ranges AS (
  SELECT id, rule, unnest(json_get_array(coalesce(json_get(rule, 'ipRanges', 'items'), '[]'))) AS item FROM rules
  UNION ALL
  SELECT id, rule, unnest(json_get_array(coalesce(json_get(rule, 'ipv6Ranges', 'items'), '[]'))) FROM rules
),
statements AS (
  SELECT content_sha256 AS id, unnest(CASE WHEN json_get(bucket_policy, 'Statement') LIKE '[%' THEN json_get_array(bucket_policy, 'Statement')
    ELSE make_array(json_get(bucket_policy, 'Statement')) END) AS statement
  FROM calls WHERE event_name = 'PutBucketPolicy' AND bucket_policy IS NOT NULL
),
acls AS (
  SELECT content_sha256 AS id, json_get(request_parameters, 'x-amz-acl') AS canned, json_get(request_parameters, 'AccessControlPolicy') AS policy
  FROM calls WHERE event_name IN ('PutBucketAcl', 'PutObjectAcl')
),
grants AS (
  SELECT id, change, coalesce(json_get(item, 'userId'), json_get(item, 'group'), json_get(item, 'organizationArn'), json_get(item, 'organizationalUnitArn')) AS grantee, CAST(NULL AS VARCHAR) AS detail FROM permissions
  UNION ALL
  SELECT content_sha256, 'add', json_get(unnest(json_get_array(coalesce(json_get(request_parameters, 'valuesToAdd'), '[]')))), NULL FROM calls WHERE event_name LIKE 'ModifyDB%'
  UNION ALL
  SELECT content_sha256, 'remove', json_get(unnest(json_get_array(coalesce(json_get(request_parameters, 'valuesToRemove'), '[]')))), NULL FROM calls WHERE event_name LIKE 'ModifyDB%'
  UNION ALL
  SELECT id, 'add', coalesce(json_get(item, 'cidrIp'), json_get(item, 'cidrIpv6')),
    concat(json_get(rule, 'ipProtocol'), ' ', json_get(rule, 'fromPort'), '-', json_get(rule, 'toPort')) FROM ranges
  UNION ALL
  SELECT id, 'add', coalesce(json_get(statement, 'Principal', 'AWS'), json_get(statement, 'Principal')), json_get(statement, 'Condition') FROM statements
    WHERE json_get(statement, 'Effect') = 'Allow'
  UNION ALL
  SELECT id, 'add', coalesce(canned, policy), NULL FROM acls WHERE coalesce(canned, policy) IS NOT NULL
  UNION ALL
  SELECT content_sha256, 'add', json_get(request_parameters, 'principal'), json_get(request_parameters, 'action') FROM calls WHERE event_name LIKE 'AddPermission%'
  UNION ALL
  SELECT content_sha256, 'add', json_get(request_parameters, 'granteePrincipal'), json_get(request_parameters, 'operations') FROM calls WHERE event_name = 'CreateGrant'
)
SELECT
  calls.event_time, calls.event_name, calls.recipient_account_id, calls.aws_region,
  calls.principal,
  calls.user_identity_access_key_id, calls.iam_resources, grants.change, grants.grantee, grants.detail,
  grants.grantee IN ('all', '*', '0.0.0.0/0', '::/0') OR grants.grantee LIKE 'public-read%' OR grants.grantee = 'authenticated-read'
    OR grants.grantee LIKE '%AllUsers%' OR grants.grantee LIKE '%AuthenticatedUsers%' OR grants.grantee LIKE '%"*"%' AS public,
  CASE WHEN calls.event_name = 'AuthorizeSecurityGroupIngress' THEN grants.grantee IN ('0.0.0.0/0', '::/0')
    ELSE grants.grantee IN ('all', '*') OR grants.grantee LIKE 'public-read%' OR grants.grantee LIKE '%"*"%' OR grants.grantee LIKE '%Users%'
      OR regexp_like(replace(grants.grantee, calls.recipient_account_id, ''), '(^|[^0-9])[0-9]{12}([^0-9]|$)') END AS external,
  calls.source_ip_address, calls.decision, calls.event_id
FROM calls
LEFT JOIN grants ON grants.id = calls.content_sha256
ORDER BY calls.event_time, calls.event_id, grants.grantee
