-- title: Logging health
-- question: Was everything recorded: who touched the logs, where are gaps, what came late, twice or unreadable?
-- catalogue: R8
-- parameter: late duration = 15m; How old an event may be when its file is delivered before the file counts as late.
-- note: Evidence for PCI DSS 10.2.1.6, 10.4.1.1 and 10.7, NIST 800-53 AU-5 and AU-12, ISO 27001 A.8.15 and A.8.17.
-- note: Files are those of the ledger: read by ingest or run from files and buckets, by the account, Region and time in
--   their names. Events from Kafka have no file. CloudTrail writes no file when there is no event: a day without one can
--   be a quiet one. Hours that digests name but that did not arrive are shown by trailwright coverage and in the
--   manifest. Digest files are counted here; their signatures are not checked.

WITH
period AS (
  SELECT *, recipient_account_id AS account
  FROM named_events
  WHERE event_time >= $since AND event_time < $until
    AND ($accounts IS NULL OR array_has(string_to_array($accounts, ','), recipient_account_id))
),
period_days AS (
  SELECT CAST(day AS DATE) AS day
  FROM (SELECT unnest(generate_series(CAST($since AS DATE), CAST($until AS DATE), INTERVAL '1 day')) AS day)
  WHERE day < $until
),
ledger AS (
  SELECT *
  FROM files
  WHERE coalesce(delivered_at, read_at) >= $since AND coalesce(delivered_at, read_at) < $until
    AND ($accounts IS NULL OR array_has(string_to_array($accounts, ','), account_id))
),
stored AS (
  SELECT source, count(*) AS events FROM events GROUP BY source
),
event_days AS (
  SELECT
    account, aws_region, event_date AS day, count(*) AS events,
    count(DISTINCT date_trunc('hour', event_time)) AS hours_with_events,
    min(event_time) AS first_event_time, max(event_time) AS last_event_time
  FROM period
  GROUP BY 1, 2, 3
),
file_days AS (
  SELECT
    account_id AS account, region AS aws_region, CAST(delivered_at AS DATE) AS day,
    count(*) FILTER (WHERE delivery = 'CloudTrail') AS files,
    count(*) FILTER (WHERE delivery = 'CloudTrail-Digest') AS digests,
    sum(rejected_rows) AS rejected_rows
  FROM ledger
  WHERE delivery IS NOT NULL
  GROUP BY 1, 2, 3
),
places AS (
  SELECT account, aws_region FROM event_days UNION SELECT account, aws_region FROM file_days
)

-- section: days
-- title: Events by day
-- chart: line day events
SELECT
  period_days.day, coalesce(sum(event_days.events), 0) AS events,
  count(DISTINCT event_days.account) AS accounts, count(DISTINCT event_days.aws_region) AS regions
FROM period_days
LEFT JOIN event_days ON event_days.day = period_days.day
GROUP BY period_days.day
ORDER BY period_days.day;

-- section: changes-of-logging
-- title: Who started, stopped or changed logging
-- empty: Nobody touched logging or detection in the period.
-- note: Failed tries are shown too. For changes that can go both ways read request_parameters.
SELECT
  event_time, account, aws_region, event_source, event_name,
  CASE
    WHEN event_name IN ('StopLogging', 'DeleteTrail', 'StopConfigurationRecorder', 'DeleteConfigurationRecorder', 'DeleteDeliveryChannel',
      'StopEventDataStoreIngestion', 'DeleteEventDataStore', 'DeleteFlowLogs', 'DeleteDetector', 'DisableSecurityHub', 'DisableMacie',
      'DeleteAnalyzer', 'DeleteLogGroup', 'DeleteLogStream', 'DeleteResolverQueryLogConfig', 'DisassociateResolverQueryLogConfig', 'DeleteLoggingConfiguration')
      THEN 'stops'
    WHEN event_name IN ('StartLogging', 'CreateTrail', 'StartConfigurationRecorder', 'StartEventDataStoreIngestion', 'CreateEventDataStore',
      'RestoreEventDataStore', 'CreateFlowLogs', 'CreateDetector', 'EnableSecurityHub', 'EnableMacie', 'CreateAnalyzer', 'PutLoggingConfiguration')
      THEN 'starts'
    ELSE 'changes'
  END AS effect,
  recorded_outcome, error_code, principal, user_identity_access_key_id, iam_resources, request_parameters,
  source_ip_address, user_agent, decision, event_id
FROM period
WHERE (event_source = 'cloudtrail.amazonaws.com' AND event_name IN
        ('CreateTrail', 'UpdateTrail', 'DeleteTrail', 'StartLogging', 'StopLogging', 'PutEventSelectors', 'PutInsightSelectors',
         'CreateEventDataStore', 'UpdateEventDataStore', 'DeleteEventDataStore', 'RestoreEventDataStore', 'StartEventDataStoreIngestion', 'StopEventDataStoreIngestion')
    OR event_source = 'config.amazonaws.com' AND event_name IN
        ('PutConfigurationRecorder', 'StartConfigurationRecorder', 'StopConfigurationRecorder', 'DeleteConfigurationRecorder', 'PutDeliveryChannel', 'DeleteDeliveryChannel')
    OR event_source = 'ec2.amazonaws.com' AND event_name IN ('CreateFlowLogs', 'DeleteFlowLogs')
    OR event_source = 'guardduty.amazonaws.com' AND event_name IN ('CreateDetector', 'UpdateDetector', 'DeleteDetector', 'StopMonitoringMembers')
    OR event_source = 'securityhub.amazonaws.com' AND event_name IN ('EnableSecurityHub', 'DisableSecurityHub')
    OR event_source = 'macie2.amazonaws.com' AND event_name IN ('EnableMacie', 'DisableMacie')
    OR event_source = 'access-analyzer.amazonaws.com' AND event_name IN ('CreateAnalyzer', 'DeleteAnalyzer')
    OR event_source = 'logs.amazonaws.com' AND event_name IN ('DeleteLogGroup', 'DeleteLogStream', 'PutRetentionPolicy', 'DeleteRetentionPolicy')
    OR event_source = 'route53resolver.amazonaws.com' AND event_name IN ('DeleteResolverQueryLogConfig', 'DisassociateResolverQueryLogConfig')
    OR event_source = 'wafv2.amazonaws.com' AND event_name IN ('PutLoggingConfiguration', 'DeleteLoggingConfiguration')
    OR event_source = 's3.amazonaws.com' AND event_name = 'PutBucketLogging')
ORDER BY event_time, event_id, content_sha256;

-- section: coverage
-- title: Events and files by account, Region and day
-- empty: The period holds neither events nor files.
SELECT
  places.account, places.aws_region, period_days.day,
  coalesce(event_days.events, 0) AS events, coalesce(event_days.hours_with_events, 0) AS hours_with_events,
  coalesce(file_days.files, 0) AS files, coalesce(file_days.digests, 0) AS digests, coalesce(file_days.rejected_rows, 0) AS rejected_rows,
  event_days.first_event_time, event_days.last_event_time
FROM places
CROSS JOIN period_days
LEFT JOIN event_days ON event_days.day = period_days.day
  AND (event_days.account IS NOT DISTINCT FROM places.account) AND event_days.aws_region = places.aws_region
LEFT JOIN file_days ON file_days.day = period_days.day
  AND (file_days.account IS NOT DISTINCT FROM places.account) AND file_days.aws_region = places.aws_region
ORDER BY places.account, places.aws_region, period_days.day;

-- section: silent-days
-- title: Days without an event
-- empty: Every account and Region that was heard of in the period was heard of every day.
-- note: Account and Region have events or files in the period, and no event on that day.
SELECT places.account, places.aws_region, period_days.day, coalesce(file_days.files, 0) AS files, coalesce(file_days.digests, 0) AS digests
FROM places
CROSS JOIN period_days
LEFT JOIN event_days ON event_days.day = period_days.day
  AND (event_days.account IS NOT DISTINCT FROM places.account) AND event_days.aws_region = places.aws_region
LEFT JOIN file_days ON file_days.day = period_days.day
  AND (file_days.account IS NOT DISTINCT FROM places.account) AND file_days.aws_region = places.aws_region
WHERE event_days.events IS NULL
ORDER BY places.account, places.aws_region, period_days.day;

-- section: late-files
-- title: Files that were delivered late
-- empty: No file was delivered late.
SELECT
  delivered_at, account_id AS account, region AS aws_region, source, records, first_event_time, last_event_time,
  (to_unixtime(delivered_at) - to_unixtime(first_event_time)) / 60 AS minutes_after_oldest_event, file_id
FROM ledger
WHERE delivery = 'CloudTrail' AND delivered_at > first_event_time + $late
ORDER BY delivered_at, file_id;

-- section: lag
-- title: From event to lake
-- empty: The period holds no events.
-- note: From the time of the event to the time it was read. Records that were read long after they were delivered, from an
--   archive for example, count as later. addenda counts events that CloudTrail itself marked as delivered late or again.
SELECT
  event_date AS day, count(*) AS events,
  count(*) FILTER (WHERE ingested_at <= event_time + INTERVAL '15 minutes') AS within_15_minutes,
  count(*) FILTER (WHERE ingested_at > event_time + INTERVAL '15 minutes' AND ingested_at <= event_time + INTERVAL '1 hour') AS within_1_hour,
  count(*) FILTER (WHERE ingested_at > event_time + INTERVAL '1 hour' AND ingested_at <= event_time + INTERVAL '1 day') AS within_1_day,
  count(*) FILTER (WHERE ingested_at > event_time + INTERVAL '1 day') AS later,
  max((to_unixtime(ingested_at) - to_unixtime(event_time)) / 60) AS longest_minutes,
  count(addendum) AS addenda
FROM period
GROUP BY 1
ORDER BY day;

-- section: files
-- title: Files with copies or rejected parts
-- empty: Every record of every file was new and could be used.
-- note: copies are records that the lake had already, from another file or from this one: each event is stored once.
SELECT
  coalesce(delivered_at, read_at) AS delivered_at, account_id AS account, region AS aws_region, ledger.source, size_bytes, records,
  coalesce(stored.events, 0) AS stored, records - coalesce(stored.events, 0) AS copies, rejected_rows, file_id
FROM ledger
LEFT JOIN stored ON stored.source = ledger.source
WHERE coalesce(delivery, 'CloudTrail') = 'CloudTrail'
  AND (rejected_rows > 0 OR records > coalesce(stored.events, 0))
ORDER BY delivered_at, file_id;

-- section: rejected
-- title: What could not be used
-- empty: Nothing was rejected, or all of it was replayed since.
-- note: All that is open, whatever the period and accounts: bytes that could not be read belong to no known time. digest,
--   insight, aggregated and notification are deliveries of another kind, kept as they are, and no damage.
SELECT
  reason, count(*) AS rows, count(DISTINCT source) AS sources, sum(original_bytes) AS bytes,
  min(rejected_at) AS first_rejected_at, max(rejected_at) AS last_rejected_at,
  first_value(rejected_id ORDER BY rejected_at, rejected_id) AS first_rejected_id
FROM open_rejected
GROUP BY reason
ORDER BY reason;
