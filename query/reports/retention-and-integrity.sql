-- title: Retention and integrity
-- question: How far back do the records reach, is each stored once and as it was received, and who touched the stores of logs?
-- catalogue: R15
-- parameter: keep_days integer = 365; How many days the records have to reach back.
-- note: Evidence for PCI DSS 10.3 and 10.5.1, NIST 800-53 AU-9 and AU-11, OMB M-21-31, HIPAA documentation, ISO 27001 A.5.28 and
--   A.5.33.
-- note: Days to keep and legal holds are set in the configuration of whoever runs retention and are not in the lake: attach
--   trailwright.toml and the output of trailwright retain --dry-run. What retention took out is in the history of the
--   table, operation DELETE. The manifest names the version of every table, so that the same rows can be read again.

WITH
kept AS (
  SELECT *, recipient_account_id AS account
  FROM named_events
  WHERE event_time < $until
    AND ($accounts IS NULL OR array_has(string_to_array($accounts, ','), recipient_account_id))
),
period AS (
  SELECT * FROM kept WHERE event_time >= $since
)

-- section: tables
-- title: Rows of each table
-- note: Of the whole lake, whatever the period and accounts.
SELECT 'events' AS table_name, count(*) AS rows, min(event_time) AS oldest, max(event_time) AS newest FROM events
UNION ALL
SELECT 'files', count(*), min(read_at), max(read_at) FROM files
UNION ALL
SELECT 'rejected', count(*), min(rejected_at), max(rejected_at) FROM rejected
UNION ALL
SELECT 'rejected, still open', count(*), min(rejected_at), max(rejected_at) FROM open_rejected
UNION ALL
SELECT 'replayed', count(*), min(replayed_at), max(replayed_at) FROM replayed
ORDER BY table_name;

-- section: trails
-- title: How far back each trail reaches
-- empty: The lake holds no events before the end of the period.
-- note: Counted from the end of the period back to the oldest event. A trail that is younger than keep_days cannot reach back
--   that far.
SELECT
  trail, account, count(*) AS events, min(event_time) AS oldest_event_time, max(event_time) AS newest_event_time,
  (to_unixtime($until) - to_unixtime(min(event_time))) / 86400 AS days_back,
  (to_unixtime($until) - to_unixtime(min(event_time))) / 86400 >= $keep_days AS reaches_back,
  first_value(event_id ORDER BY event_time, event_id) AS oldest_event_id
FROM (SELECT unnest(trails) AS trail, account, event_time, event_id FROM kept)
GROUP BY trail, account
ORDER BY trail, account;

-- section: months
-- title: Events by month
-- chart: line month events
-- empty: The lake holds no events before the end of the period.
SELECT
  CAST(date_trunc('month', event_time) AS DATE) AS month, count(*) AS events, count(DISTINCT event_date) AS days_with_events,
  count(DISTINCT account) AS accounts
FROM kept
GROUP BY 1
ORDER BY month;

-- section: integrity
-- title: Each event once, as it was received
-- empty: The period holds no events.
-- note: stored_twice and changed must be 0. An event is known by its ID and the account that received it. changed counts
--   records whose bytes no longer have the SHA-256 they were received with; it is computed anew for this report. redacted
--   counts records in which session tokens were replaced, whose SHA-256 is that of the bytes before: they cannot be compared.
--   provisional labels become final when changes of policies before the event can no longer arrive.
SELECT
  account, count(*) AS events, count(event_id) - count(DISTINCT event_id) AS stored_twice, count(*) - count(event_id) AS without_event_id,
  count(*) FILTER (WHERE cardinality(redacted_fields) = 0 AND encode(sha256(raw), 'hex') = raw_sha256) AS unchanged,
  count(*) FILTER (WHERE cardinality(redacted_fields) = 0 AND encode(sha256(raw), 'hex') <> raw_sha256) AS changed,
  count(*) FILTER (WHERE cardinality(redacted_fields) > 0) AS redacted,
  count(*) FILTER (WHERE label_state = 'provisional') AS provisional_labels,
  min(ingested_at) AS first_ingested_at, max(ingested_at) AS last_ingested_at, max(labelled_at) AS last_labelled_at
FROM period
GROUP BY account
ORDER BY account;

-- section: changes-of-stores
-- title: Who touched the stores of logs
-- empty: Nobody changed a trail or what a bucket keeps in the period.
-- note: Trails, and of all buckets lifecycle, versioning, lock, deletion and access: the records do not say which bucket
--   holds logs. Failed tries are shown too.
SELECT
  event_time, account, aws_region, event_source, event_name, iam_resources, recorded_outcome, error_code, principal,
  user_identity_access_key_id, request_parameters, source_ip_address, user_agent, decision, event_id
FROM period
WHERE (event_source = 'cloudtrail.amazonaws.com' AND event_name IN
        ('CreateTrail', 'UpdateTrail', 'DeleteTrail', 'StartLogging', 'StopLogging', 'PutEventSelectors', 'UpdateEventDataStore', 'DeleteEventDataStore')
    OR event_source = 's3.amazonaws.com' AND event_name IN
        ('DeleteBucket', 'PutBucketLifecycle', 'PutBucketLifecycleConfiguration', 'DeleteBucketLifecycle', 'PutBucketVersioning', 'PutBucketPolicy',
         'DeleteBucketPolicy', 'PutObjectLockConfiguration', 'PutBucketObjectLockConfiguration', 'PutObjectRetention', 'PutObjectLegalHold', 'PutBucketReplication', 'DeleteBucketReplication')
    OR event_source = 'kms.amazonaws.com' AND event_name IN ('DisableKey', 'ScheduleKeyDeletion')
    OR event_source = 'logs.amazonaws.com' AND event_name IN ('DeleteLogGroup', 'PutRetentionPolicy', 'DeleteRetentionPolicy'))
ORDER BY event_time, event_id, content_sha256;

-- section: rejected
-- title: What could not be used and is still open
-- empty: Nothing was rejected, or all of it was replayed since.
-- note: Of the whole lake, whatever the period and accounts. The bytes are kept with their SHA-256; original_complete is
--   false where they were too many to keep. digest, insight, aggregated and notification are deliveries of another kind,
--   kept as they are, and no damage.
SELECT rejected_at, reason, detail, source, source_offset, original_bytes, original_complete, original_sha256, rejected_id
FROM open_rejected
ORDER BY rejected_at, rejected_id;

-- section: replayed
-- title: What was rejected and read again
-- empty: Nothing was replayed.
SELECT replayed_at, rejected_id, records, rejected_rows, trailwright_version
FROM replayed
ORDER BY replayed_at, rejected_id;
