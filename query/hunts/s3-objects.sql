-- title: Objects that a principal touched
-- question: Exactly which S3 objects did this principal read, write or delete?
-- catalogue: Q20
-- idea: AWS incident-response playbook for S3 data access
-- parameter: principal text required; ARN of a user, a role or a role session.
-- parameter: bucket text optional; Only this bucket.
-- note: Needs S3 data events in the lake.
SELECT
  json_get(request_parameters, 'bucketName') AS bucket, coalesce(json_get(request_parameters, 'key'), iam_resources[1]) AS object,
  event_name, recorded_outcome, count(*) AS calls,
  sum(CAST(CAST(json_get(additional_event_data, 'bytesTransferredOut') AS DOUBLE) AS BIGINT)) AS bytes_out,
  min(event_time) AS first_call, max(event_time) AS last_call,
  array_sort(array_agg(DISTINCT source_ip_address)) AS source_ip_addresses,
  first_value(event_id ORDER BY event_time, event_id) AS first_event_id
FROM named_events
WHERE event_source = 's3.amazonaws.com'
  AND event_name LIKE '%Object%' AND json_get(request_parameters, 'key') IS NOT NULL
  AND (principal = $principal OR user_identity_arn = $principal)
  AND ($bucket IS NULL OR json_get(request_parameters, 'bucketName') = $bucket)
  AND ($since IS NULL OR event_time >= $since)
  AND ($until IS NULL OR event_time < $until)
GROUP BY 1, 2, 3, 4
ORDER BY bucket, object, event_name, recorded_outcome
