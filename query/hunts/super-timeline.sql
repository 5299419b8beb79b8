-- title: Everything around a moment
-- question: What happened in all accounts around this moment, and how was it decided?
-- catalogue: Q30
-- idea: the super-timeline of digital forensics
-- parameter: at time required; The moment.
-- parameter: around duration = 15m; How long before and after it.
-- parameter: account text optional; Only this account.
-- note: An event that AWS recorded in several accounts has a row for each; shared_event_id joins them. For a file to
--   hand over: --output csv or parquet.
SELECT
  event_time, recipient_account_id, aws_region, scope,
  principal,
  user_identity_access_key_id, source_ip_address, event_source, event_name, iam_resources,
  coalesce(sign_in_outcome, recorded_outcome) AS outcome, error_code, decision, cause, agreement, user_agent, shared_event_id, event_id
FROM named_events
WHERE event_time >= $at - $around AND event_time <= $at + $around
  AND ($account IS NULL OR recipient_account_id = $account)
  AND ($since IS NULL OR event_time >= $since)
  AND ($until IS NULL OR event_time < $until)
ORDER BY event_time, event_id
