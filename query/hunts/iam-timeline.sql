-- title: Changes of IAM, before and after
-- question: What was changed in IAM, by whom, and what was there before?
-- catalogue: Q28
-- idea: change logs that auditors ask for (PCI DSS 10.2.5, SOC 2 CC6.2)
-- parameter: entity text optional; Only this entity, such as role/deployment, user/ines or the ARN of a managed policy.
-- note: From the view iam_changes: where before_known is false, what was there before is not in the lake.
SELECT
  event_time, recipient_account_id, changed_by, event_name, entity, object, before, after, before_known,
  user_identity_access_key_id, source_ip_address, decision, event_id
FROM iam_changes
WHERE ($entity IS NULL OR entity = $entity)
  AND ($since IS NULL OR event_time >= $since)
  AND ($until IS NULL OR event_time < $until)
ORDER BY event_time, event_id
