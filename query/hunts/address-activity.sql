-- title: Calls from an address or network
-- question: Who did what from this address or network?
-- catalogue: Q4
-- idea: AWS and community incident-response playbooks
-- parameter: cidr network required; An address, or a network such as 203.0.113.0/24 or 2001:db8::/32.
SELECT
  event_time, source_ip_address, principal,
  user_identity_access_key_id, event_source, event_name, aws_region, iam_resources,
  coalesce(sign_in_outcome, recorded_outcome) AS outcome, error_code, decision, user_agent, event_id
FROM named_events
WHERE cidr_contains($cidr, source_ip_address)
  AND ($since IS NULL OR event_time >= $since)
  AND ($until IS NULL OR event_time < $until)
ORDER BY event_time, event_id
