-- title: Compute bought on somebody else's bill
-- question: Who started, or tried to start, large, many or GPU instances, or called models?
-- catalogue: Q25
-- idea: crypto-mining and LLM-jacking reports, AWS playbooks
-- parameter: min_instances integer = 10; How many instances asked for by a principal in a Region count, whatever their size.
-- note: instances is what was asked for at most, not what was started: with min_instances failed tries count too. new_region is
--   true when the account has no earlier event in that Region in the whole lake.
WITH asked AS (
  SELECT
    recipient_account_id, aws_region, principal, user_identity_access_key_id,
    source_ip_address, event_time, event_id, event_name, error_code,
    CASE WHEN event_source = 'bedrock.amazonaws.com' THEN json_get(request_parameters, 'modelId') ELSE json_get(request_parameters, 'instanceType') END AS what,
    CASE WHEN event_name = 'RunInstances' THEN CAST(coalesce(json_get(request_parameters, 'instancesSet', 'items', 0, 'maxCount'), '1') AS BIGINT) ELSE 0 END AS instances,
    event_source = 'bedrock.amazonaws.com' AS is_model
  FROM named_events
  WHERE (event_source = 'ec2.amazonaws.com' AND event_name IN ('RunInstances', 'RequestSpotInstances', 'CreateFleet', 'RequestSpotFleet')
      OR event_source = 'bedrock.amazonaws.com' AND event_name IN
        ('InvokeModel', 'InvokeModelWithResponseStream', 'Converse', 'ConverseStream', 'PutUseCaseForModelAccess', 'PutFoundationModelEntitlement', 'CreateFoundationModelAgreement'))
    AND ($since IS NULL OR event_time >= $since)
    AND ($until IS NULL OR event_time < $until)
),
regions AS (
  SELECT recipient_account_id, aws_region, min(event_time) AS first_event FROM named_events GROUP BY 1, 2
),
grouped AS (
  SELECT
    recipient_account_id, aws_region, principal, event_name, what, bool_or(is_model) AS is_model,
    count(*) AS calls, count(error_code) AS failed, sum(instances) AS instances,
    min(event_time) AS first_call, max(event_time) AS last_call,
    array_sort(array_agg(DISTINCT user_identity_access_key_id)) AS access_keys,
    array_sort(array_agg(DISTINCT source_ip_address)) AS source_ip_addresses,
    first_value(event_id ORDER BY event_time, event_id) AS first_event_id
  FROM asked GROUP BY 1, 2, 3, 4, 5
)
SELECT
  grouped.recipient_account_id, grouped.aws_region, principal, event_name, what, calls, failed, instances,
  coalesce(regexp_like(what, '^(p|g|gr|inf|trn|dl|vt|f)[0-9]'), false) AS accelerated,
  coalesce(regexp_like(what, '(metal|[0-9]{2}xlarge|8xlarge|9xlarge)'), false) AS large,
  regions.first_event >= first_call AS new_region,
  first_call, last_call, access_keys, source_ip_addresses, first_event_id
FROM grouped
JOIN regions ON regions.recipient_account_id = grouped.recipient_account_id AND regions.aws_region = grouped.aws_region
WHERE is_model OR instances >= $min_instances
  OR regexp_like(what, '^(p|g|gr|inf|trn|dl|vt|f)[0-9]|metal|[0-9]{2}xlarge|8xlarge|9xlarge')
  OR regions.first_event >= first_call
ORDER BY first_call, principal, event_name, what
