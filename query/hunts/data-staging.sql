-- title: Copies and exports of data
-- question: Who made copies, snapshots, exports or replications of data?
-- catalogue: Q21
-- idea: collection and staging techniques of MITRE ATT&CK for cloud
-- parameter: principal text optional; Only this principal, by its ARN.
-- note: Failed tries are shown too. Scheduled backups make the same calls: look at the principal.
SELECT
  event_time, event_source, event_name, recipient_account_id, aws_region, recorded_outcome,
  principal, user_identity_access_key_id,
  iam_resources,
  coalesce(json_get(request_parameters, 'x-amz-copy-source'), json_get(request_parameters, 'sourceSnapshotId'), json_get(request_parameters, 'sourceImageId'),
    json_get(request_parameters, 'sourceDBSnapshotIdentifier'), json_get(request_parameters, 'dBSnapshotIdentifier'), json_get(request_parameters, 'volumeId'), json_get(request_parameters, 'snapshotId'),
    json_get(request_parameters, 'sourceArn'), json_get(request_parameters, 'instanceId')) AS source,
  coalesce(json_get(request_parameters, 's3BucketName'), json_get(request_parameters, 'bucketName'), json_get(request_parameters, 's3Bucket'),
    json_get(request_parameters, 'destinationRegion')) AS destination,
  source_ip_address, decision, event_id
FROM named_events
WHERE (event_source = 's3.amazonaws.com' AND event_name IN ('CopyObject', 'UploadPartCopy', 'PutBucketReplication', 'CreateJob')
    OR event_source = 'ec2.amazonaws.com' AND event_name IN
        ('CreateSnapshot', 'CreateSnapshots', 'CopySnapshot', 'CreateImage', 'CopyImage', 'ExportImage', 'CreateInstanceExportTask', 'CreateStoreImageTask', 'CreateTrafficMirrorSession')
    OR event_source = 'ec2.amazonaws.com' AND event_name = 'CreateVolume' AND json_get(request_parameters, 'snapshotId') IS NOT NULL
    OR event_source = 'ebs.amazonaws.com' AND event_name IN ('GetSnapshotBlock', 'ListSnapshotBlocks')
    OR event_source = 'rds.amazonaws.com' AND event_name IN
        ('CreateDBSnapshot', 'CreateDBClusterSnapshot', 'CopyDBSnapshot', 'CopyDBClusterSnapshot', 'StartExportTask', 'RestoreDBInstanceFromDBSnapshot', 'RestoreDBClusterFromSnapshot', 'CreateDBInstanceReadReplica')
    OR event_source = 'dynamodb.amazonaws.com' AND event_name IN ('ExportTableToPointInTime', 'CreateBackup', 'CreateGlobalTable')
    OR event_source = 'datasync.amazonaws.com' AND event_name IN ('CreateTask', 'StartTaskExecution', 'CreateLocationS3')
    OR event_source = 'backup.amazonaws.com' AND event_name IN ('StartCopyJob', 'StartRestoreJob')
    OR event_source = 'redshift.amazonaws.com' AND event_name IN ('CreateClusterSnapshot', 'CopyClusterSnapshot'))
  AND ($principal IS NULL OR principal = $principal OR user_identity_arn = $principal)
  AND ($since IS NULL OR event_time >= $since)
  AND ($until IS NULL OR event_time < $until)
ORDER BY event_time, event_id
