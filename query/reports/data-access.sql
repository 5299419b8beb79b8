-- title: Access to data stores
-- question: Who read, changed, copied or deleted the data of these buckets, tables, databases, secrets and parameters?
-- catalogue: R12
-- parameter: stores text optional; Only these stores: names or ARNs as the calls give them, separated by commas.
-- note: Evidence for PCI DSS 10.2.1.1, HIPAA 164.312(b), NIST 800-53 AU-12(4), ISO 27001 A.8.12, SOC 2 CC6.7.
-- note: Reads and writes of objects and items are data events: they are here only where a trail records them. Tags of
--   stores are not in these events: list the stores that hold protected data in the parameter.
-- note: bytes_out is empty where the record does not say it.

WITH
calls AS (
  SELECT *, recipient_account_id AS account,
    coalesce(json_get(request_parameters, 'bucketName'), json_get(request_parameters, 'tableName'), json_get(request_parameters, 'secretId'),
      json_get(request_parameters, 'name'), json_get(request_parameters, 'names'), json_get(request_parameters, 'path'),
      json_get(request_parameters, 'resourceArn'), json_get(request_parameters, 'clusterIdentifier'), json_get(request_parameters, 'workgroupName'),
      json_get(request_parameters, 'snapshotId'), json_get(request_parameters, 'dBSnapshotIdentifier'), json_get(request_parameters, 'sourceDBSnapshotIdentifier'),
      json_get(request_parameters, 'instanceId'), iam_resources[1]) AS store,
    coalesce(json_get(request_parameters, 'key'), iam_resources[1]) AS item,
    TRY_CAST(TRY_CAST(json_get(additional_event_data, 'bytesTransferredOut') AS DOUBLE) AS BIGINT) AS bytes_out,
    CASE
      WHEN event_source = 's3.amazonaws.com' AND json_get(request_parameters, 'bucketName') IS NOT NULL
        THEN CASE
          WHEN event_name IN ('GetObject', 'GetObjectVersion', 'GetObjectTorrent', 'HeadObject', 'SelectObjectContent', 'GetObjectAttributes') THEN 'read'
          WHEN event_name IN ('CopyObject', 'UploadPartCopy') THEN 'copy'
          WHEN event_name IN ('PutObject', 'PostObject', 'UploadPart', 'CompleteMultipartUpload', 'RestoreObject') THEN 'write'
          WHEN event_name IN ('DeleteObject', 'DeleteObjects', 'DeleteObjectVersion') THEN 'delete'
          WHEN event_name IN ('ListObjects', 'ListObjectVersions', 'ListObjectsV2') THEN 'list'
          WHEN event_name IN ('PutBucketPolicy', 'DeleteBucketPolicy', 'PutBucketAcl', 'PutObjectAcl', 'PutBucketReplication', 'DeleteBucket',
            'PutBucketPublicAccessBlock', 'DeleteBucketPublicAccessBlock', 'PutBucketLifecycle', 'PutBucketVersioning', 'DeleteBucketEncryption') THEN 'control'
        END
      WHEN event_source = 'dynamodb.amazonaws.com'
        THEN CASE
          WHEN event_name IN ('GetItem', 'BatchGetItem', 'Query', 'Scan', 'TransactGetItems', 'ExecuteStatement', 'GetRecords') THEN 'read'
          WHEN event_name IN ('PutItem', 'UpdateItem', 'BatchWriteItem', 'TransactWriteItems') THEN 'write'
          WHEN event_name IN ('DeleteItem', 'DeleteTable') THEN 'delete'
          WHEN event_name IN ('ExportTableToPointInTime', 'CreateBackup', 'RestoreTableFromBackup', 'RestoreTableToPointInTime') THEN 'copy'
        END
      WHEN event_source IN ('rds-data.amazonaws.com', 'redshift-data.amazonaws.com') AND event_name IN ('ExecuteStatement', 'BatchExecuteStatement', 'ExecuteSql') THEN 'statement'
      WHEN event_source = 'rds.amazonaws.com' AND event_name IN
        ('CreateDBSnapshot', 'CreateDBClusterSnapshot', 'CopyDBSnapshot', 'CopyDBClusterSnapshot', 'StartExportTask', 'RestoreDBInstanceFromDBSnapshot', 'RestoreDBClusterFromSnapshot') THEN 'copy'
      WHEN event_source = 'rds.amazonaws.com' AND event_name IN ('ModifyDBSnapshotAttribute', 'ModifyDBClusterSnapshotAttribute') THEN 'control'
      WHEN event_source = 'rds.amazonaws.com' AND event_name IN ('DeleteDBInstance', 'DeleteDBCluster', 'DeleteDBSnapshot', 'DeleteDBClusterSnapshot') THEN 'delete'
      WHEN event_source = 'secretsmanager.amazonaws.com' AND event_name IN ('GetSecretValue', 'BatchGetSecretValue') THEN 'secret read'
      WHEN event_source = 'ssm.amazonaws.com' AND event_name IN ('GetParameter', 'GetParameters', 'GetParametersByPath', 'GetParameterHistory') THEN 'secret read'
      WHEN event_source = 'ec2.amazonaws.com' AND event_name = 'GetPasswordData' THEN 'secret read'
      WHEN event_source = 'ebs.amazonaws.com' AND event_name IN ('GetSnapshotBlock', 'ListSnapshotBlocks') THEN 'read'
      WHEN event_source = 'ec2.amazonaws.com' AND event_name = 'ModifySnapshotAttribute' THEN 'control'
    END AS operation
  FROM named_events
  WHERE event_time >= $since AND event_time < $until
    AND ($accounts IS NULL OR array_has(string_to_array($accounts, ','), recipient_account_id))
),
access AS (
  SELECT *
  FROM calls
  WHERE operation IS NOT NULL
    AND ($stores IS NULL OR array_has(string_to_array($stores, ','), store) OR array_has_any(string_to_array($stores, ','), iam_resources))
)

-- section: operations
-- title: Access by kind
-- chart: bar operation calls
-- empty: The lake holds no access to these stores in the period.
SELECT
  operation, count(*) AS calls, count(*) FILTER (WHERE recorded_outcome = 'denied') AS recorded_denied,
  count(DISTINCT store) AS stores, count(DISTINCT principal) AS principals, sum(bytes_out) AS bytes_out
FROM access
GROUP BY operation
ORDER BY operation;

-- section: stores
-- title: Access by store
-- chart: bar store calls
-- empty: The lake holds no access to these stores in the period.
SELECT
  account, event_source, store, operation, count(*) AS calls, count(*) FILTER (WHERE recorded_outcome = 'denied') AS recorded_denied,
  count(DISTINCT principal) AS principals, count(DISTINCT item) AS items, sum(bytes_out) AS bytes_out,
  min(event_time) AS first_call, max(event_time) AS last_call,
  first_value(event_id ORDER BY event_time, event_id) AS first_event_id
FROM access
GROUP BY account, event_source, store, operation
ORDER BY calls DESC, account, event_source, store, operation;

-- section: principals
-- title: Access by principal
-- chart: bar principal calls
-- empty: The lake holds no access to these stores in the period.
SELECT
  account, principal, user_identity_account_id AS principal_account, event_source, event_name, operation, recorded_outcome, count(*) AS calls,
  count(DISTINCT store) AS stores, count(DISTINCT item) AS items, sum(bytes_out) AS bytes_out,
  array_sort(array_agg(DISTINCT source_ip_address)) AS source_ip_addresses,
  min(event_time) AS first_call, max(event_time) AS last_call,
  first_value(event_id ORDER BY event_time, event_id) AS first_event_id
FROM access
GROUP BY account, principal, user_identity_account_id, event_source, event_name, operation, recorded_outcome
ORDER BY calls DESC, account, principal, principal_account, event_source, event_name, operation, recorded_outcome;

-- section: days
-- title: Access by day
-- chart: line day calls
-- empty: The lake holds no access to these stores in the period.
SELECT event_date AS day, count(*) AS calls, count(DISTINCT principal) AS principals, sum(bytes_out) AS bytes_out
FROM access
GROUP BY 1
ORDER BY day;

-- section: denied
-- title: Access that was denied
-- empty: No access to these stores was denied in the period.
SELECT
  event_time, account, aws_region, principal, event_source, event_name, store, item, error_code, decision, cause_type, cause_policy, cause,
  source_ip_address, user_agent, event_id
FROM access
WHERE recorded_outcome = 'denied'
ORDER BY event_time, event_id, content_sha256;

-- section: evidence
-- title: All access
-- empty: The lake holds no access to these stores in the period.
SELECT
  event_time, account, aws_region, principal, user_identity_account_id AS principal_account, user_identity_access_key_id, event_source, event_name,
  operation, store, item, bytes_out, recorded_outcome, error_code, source_ip_address, user_agent, vpc_endpoint_id, decision, cause_policy AS policy, event_id
FROM access
ORDER BY event_time, event_id, content_sha256;
