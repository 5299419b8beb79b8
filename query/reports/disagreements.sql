-- title: Verdicts that disagree with the records
-- question: Where do the policies that were in force decide otherwise than the record says, and how much could be compared?
-- catalogue: R10
-- note: A disagreement means that the policies known are not those that were in force, that AWS did not enforce them as
--   documented, or that the record is not true. Calls that were allowed against the policies known come first.
-- note: Policies that became known late relabel the events they concern. A label is provisional until records of changes
--   before the event can no longer be expected; after that only a change that comes later still alters it.

-- section: classes
-- title: All events by agreement
-- chart: bar agreement_class events
-- empty: The period holds no events.
-- note: disagrees is what this report is about; not_comparable is what it cannot say anything about.
SELECT agreement, agreement_class, count(*) AS events,
  count(*) FILTER (WHERE label_state = 'provisional') AS provisional
FROM events
WHERE event_time >= $since AND event_time < $until
  AND event_date >= CAST($since AS DATE) AND event_date <= CAST($until AS DATE)
  AND ($accounts IS NULL OR array_has(string_to_array($accounts, ','), recipient_account_id))
GROUP BY agreement, agreement_class
ORDER BY events DESC, agreement, agreement_class;

-- section: days
-- title: Disagreements by day
-- chart: line day disagreements
-- empty: The period holds no events.
SELECT event_date AS day, count(*) AS events,
  count(*) FILTER (WHERE agreement = 'disagrees') AS disagreements,
  count(*) FILTER (WHERE agreement = 'not_comparable') AS not_comparable
FROM events
WHERE event_time >= $since AND event_time < $until
  AND event_date >= CAST($since AS DATE) AND event_date <= CAST($until AS DATE)
  AND ($accounts IS NULL OR array_has(string_to_array($accounts, ','), recipient_account_id))
GROUP BY event_date
ORDER BY day;

-- section: principals
-- title: Disagreements by principal and call
-- chart: bar event_name events
-- empty: No event of the period disagrees with its record.
SELECT agreement_class, coalesce(principal_arn, user_identity_arn) AS principal, recipient_account_id,
  event_source, event_name, decision, recorded_outcome, cause_type, cause_policy, count(*) AS events,
  min(event_time) AS first_event_time, max(event_time) AS last_event_time
FROM events
WHERE agreement = 'disagrees'
  AND event_time >= $since AND event_time < $until
  AND event_date >= CAST($since AS DATE) AND event_date <= CAST($until AS DATE)
  AND ($accounts IS NULL OR array_has(string_to_array($accounts, ','), recipient_account_id))
GROUP BY agreement_class, coalesce(principal_arn, user_identity_arn), recipient_account_id, event_source, event_name,
  decision, recorded_outcome, cause_type, cause_policy
ORDER BY agreement_class = 'recorded_allowed_computed_deny' DESC, events DESC, agreement_class, principal,
  recipient_account_id, event_source, event_name, decision, recorded_outcome, cause_type, cause_policy;

-- section: events
-- title: Each event that disagrees
-- empty: No event of the period disagrees with its record.
-- note: trailwright explain EVENT_ID shows what decided an event, step by step.
SELECT event_time, recipient_account_id, aws_region, coalesce(principal_arn, user_identity_arn) AS principal, event_source,
  event_name, iam_actions, iam_resources, recorded_outcome, error_code, decision, cause, agreement_class,
  agreement_reason, label_state, source_ip_address, event_id
FROM events
WHERE agreement = 'disagrees'
  AND event_time >= $since AND event_time < $until
  AND event_date >= CAST($since AS DATE) AND event_date <= CAST($until AS DATE)
  AND ($accounts IS NULL OR array_has(string_to_array($accounts, ','), recipient_account_id))
ORDER BY event_time, event_id, content_sha256;

-- section: not-comparable
-- title: What could not be compared, and why
-- chart: bar agreement_class events
-- empty: Every event of the period could be compared.
-- note: A service that acts by itself makes no request, so there is nothing to compare. no_policies and unknown_keys become
--   fewer with more exports in the directory of policies.
SELECT agreement_class, decision, cause_type, count(*) AS events,
  count(DISTINCT coalesce(principal_arn, user_identity_arn)) AS principals
FROM events
WHERE agreement = 'not_comparable'
  AND event_time >= $since AND event_time < $until
  AND event_date >= CAST($since AS DATE) AND event_date <= CAST($until AS DATE)
  AND ($accounts IS NULL OR array_has(string_to_array($accounts, ','), recipient_account_id))
GROUP BY agreement_class, decision, cause_type
ORDER BY events DESC, agreement_class, decision, cause_type;
