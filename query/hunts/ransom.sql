-- title: Signs of data held to ransom
-- question: Who disabled keys, deleted data or backups in bulk, or encrypted with keys of others?
-- catalogue: Q22
-- idea: AWS ransomware playbooks for S3 and published reports of S3 ransom cases
-- parameter: min_deletes integer = 11; How many objects or snapshots deleted within an hour count.
-- note: One row for each principal, hour and sign. Deleting of objects is seen only where S3 data events are in the
--   lake; one DeleteObjects call deletes many. Successful calls only.
WITH signs AS (
  SELECT
    date_trunc('hour', event_time) AS hour, event_time, event_id, recipient_account_id,
    principal, user_identity_access_key_id, source_ip_address, iam_resources[1] AS resource,
    CASE
      WHEN event_source = 'kms.amazonaws.com' AND event_name IN ('ScheduleKeyDeletion', 'DisableKey', 'DeleteImportedKeyMaterial') THEN 'key disabled or deleted'
      WHEN event_source = 'kms.amazonaws.com' AND event_name = 'PutKeyPolicy' THEN 'key policy replaced'
      WHEN event_source = 'kms.amazonaws.com' AND event_name = 'ReEncrypt' THEN 're-encryption'
      WHEN event_source = 's3.amazonaws.com' AND event_name = 'PutBucketVersioning'
        AND json_get(request_parameters, 'VersioningConfiguration', 'Status') = 'Suspended' THEN 'versioning suspended'
      WHEN event_source = 's3.amazonaws.com' AND array_has(iam_actions, 's3:PutLifecycleConfiguration')
        AND json_get(request_parameters, 'LifecycleConfiguration') LIKE '%"Expiration"%' THEN 'objects set to expire'
      WHEN event_source = 's3.amazonaws.com' AND event_name IN ('PutObject', 'CopyObject')
        AND json_get(request_parameters, 'x-amz-server-side-encryption-customer-algorithm') IS NOT NULL THEN 'encrypted with a key that AWS does not have'
      WHEN event_source = 's3.amazonaws.com' AND event_name IN ('PutObject', 'CopyObject')
        AND arn_part(json_get(request_parameters, 'x-amz-server-side-encryption-aws-kms-key-id'), 'account') <> recipient_account_id THEN 'encrypted with a key of another account'
      WHEN event_source = 's3.amazonaws.com' AND event_name IN ('DeleteObject', 'DeleteObjects', 'DeleteObjectVersion') THEN 'objects deleted'
      WHEN event_source = 's3.amazonaws.com' AND event_name = 'DeleteBucket' THEN 'buckets deleted'
      WHEN event_name IN ('DeleteSnapshot', 'DeleteDBSnapshot', 'DeleteDBClusterSnapshot', 'DeleteRecoveryPoint', 'DeleteBackup', 'DeregisterImage') THEN 'backups deleted'
      WHEN event_name IN ('DeleteDBInstance', 'DeleteDBCluster') THEN 'databases deleted'
      WHEN event_name IN ('DeleteBackupVault', 'DeleteBackupVaultLockConfiguration') THEN 'backup vault removed'
    END AS sign
  FROM named_events
  WHERE error_code IS NULL
    AND user_identity_invoked_by IS NULL
    AND ($since IS NULL OR event_time >= $since)
    AND ($until IS NULL OR event_time < $until)
)
SELECT
  hour, sign, principal, recipient_account_id, count(*) AS calls, count(DISTINCT resource) AS resources,
  min(event_time) AS first_call, max(event_time) AS last_call,
  (array_sort(array_agg(DISTINCT resource)))[1:10] AS first_resources,
  array_sort(array_agg(DISTINCT user_identity_access_key_id)) AS access_keys,
  array_sort(array_agg(DISTINCT source_ip_address)) AS source_ip_addresses,
  first_value(event_id ORDER BY event_time, event_id) AS first_event_id
FROM signs
WHERE sign IS NOT NULL
GROUP BY 1, 2, 3, 4
HAVING count(*) >= CASE WHEN sign IN ('objects deleted', 'backups deleted') THEN $min_deletes ELSE 1 END
ORDER BY hour, first_call, sign, principal
