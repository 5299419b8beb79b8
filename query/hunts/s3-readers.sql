-- title: Readers of S3 objects
-- question: Who read how many objects and bytes from which buckets, and how fast?
-- catalogue: Q20
-- idea: AWS incident-response playbook for S3 data access
-- parameter: bucket text optional; Only this bucket.
-- parameter: min_reads integer = 100; How many reads of one bucket within an hour count.
-- note: Needs S3 data events in the lake. bytes_out is null where the records do not say it. other_buckets counts the
--   buckets that the same principal read besides this one. For the objects themselves: s3-objects.
WITH reads AS (
  SELECT
    principal,
    json_get(request_parameters, 'bucketName') AS bucket, iam_resources[1] AS object, event_time, event_id,
    CAST(CAST(json_get(additional_event_data, 'bytesTransferredOut') AS DOUBLE) AS BIGINT) AS bytes_out, source_ip_address, recorded_outcome
  FROM named_events
  WHERE event_source = 's3.amazonaws.com'
    AND event_name IN ('GetObject', 'GetObjectVersion', 'GetObjectTorrent', 'SelectObjectContent', 'CopyObject')
    AND ($since IS NULL OR event_time >= $since)
    AND ($until IS NULL OR event_time < $until)
),
hours AS (
  SELECT principal, bucket, date_trunc('hour', event_time) AS hour, count(*) AS reads FROM reads GROUP BY 1, 2, 3
),
peaks AS (
  SELECT principal, bucket, max(reads) AS most_reads_in_an_hour FROM hours GROUP BY 1, 2
),
buckets AS (
  SELECT principal, count(DISTINCT bucket) AS buckets FROM reads GROUP BY 1
)
SELECT
  reads.principal, reads.bucket, count(*) AS reads, count(DISTINCT reads.object) AS objects,
  count(*) FILTER (WHERE reads.recorded_outcome = 'denied') AS recorded_denied,
  sum(reads.bytes_out) AS bytes_out, max(peaks.most_reads_in_an_hour) AS most_reads_in_an_hour,
  max(buckets.buckets) - 1 AS other_buckets,
  min(reads.event_time) AS first_read, max(reads.event_time) AS last_read,
  array_sort(array_agg(DISTINCT reads.source_ip_address)) AS source_ip_addresses
FROM reads
JOIN peaks ON peaks.principal = reads.principal AND peaks.bucket = reads.bucket
JOIN buckets ON buckets.principal = reads.principal
WHERE ($bucket IS NULL OR reads.bucket = $bucket)
  AND peaks.most_reads_in_an_hour >= $min_reads
GROUP BY reads.principal, reads.bucket
ORDER BY bytes_out DESC NULLS LAST, reads DESC, reads.principal, reads.bucket
