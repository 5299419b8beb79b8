-- title: Allowed, though the policies deny
-- question: Which calls went through although the policies that are known deny them?
-- catalogue: Q31
-- idea: possible only where decisions are recomputed
-- note: Either something is not known that allows the call (a policy missing in the policies given, an assumption that does
--   not hold: see assumptions), or the call should not have gone through. Unclear decisions are not shown: see agreement in events.
SELECT
  event_time, principal, event_source, event_name, iam_actions, iam_resources,
  decision, cause_type, cause_policy, cause_statement_id, cause, agreement_reason, assumptions,
  user_identity_access_key_id, source_ip_address, recipient_account_id, event_id
FROM named_events
WHERE agreement = 'disagrees'
  AND recorded_outcome = 'allowed'
  AND decision IN ('explicit_deny', 'implicit_deny')
  AND ($since IS NULL OR event_time >= $since)
  AND ($until IS NULL OR event_time < $until)
ORDER BY event_time, event_id
