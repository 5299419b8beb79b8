-- title: Console sign-ins
-- question: Who signed in, who failed to, and who used no second factor?
-- catalogue: R3
-- note: Evidence for PCI DSS 10.2.1.4 and 10.2.1.5, HIPAA 164.308(a)(5)(ii)(C), NIST 800-53 AC-7 and IA-2, ISO 27001 A.8.5.
-- note: CloudTrail hides names that do not exist. It cannot see the factors of federated users and always records No for
--   them; a role switch is not authenticated again. mfa_means says how to read each record.

WITH
period AS (
  SELECT *, recipient_account_id AS account,
    coalesce(user_identity_user_name, session_issuer_user_name, user_identity_arn, user_identity_on_behalf_of_user_id, user_identity_principal_id) AS user_name,
    CASE
      WHEN sign_in_class IN ('federated', 'role_switch', 'oauth') AND coalesce(sign_in_mfa_used, false) = false
        THEN CASE sign_in_class
          WHEN 'federated' THEN 'not visible to AWS: the identity provider asks for factors'
          WHEN 'role_switch' THEN 'not asked: the session that switched was authenticated before'
          ELSE 'not in the record: the browser sign-in before it was authenticated'
        END
      WHEN sign_in_mfa_used THEN 'used'
      WHEN sign_in_mfa_used = false THEN 'not used'
      ELSE 'not in the record'
    END AS mfa_means
  FROM named_events
  WHERE sign_in_class IS NOT NULL
    AND event_time >= $since AND event_time < $until
    AND ($accounts IS NULL OR array_has(string_to_array($accounts, ','), recipient_account_id))
)

-- section: classes
-- title: Sign-ins by kind and outcome
-- chart: bar kind sign_ins
-- empty: Nobody signed in during the period.
SELECT
  sign_in_class || ', ' || coalesce(sign_in_outcome, 'outcome unknown') || ', second factor ' || mfa_means AS kind,
  count(*) AS sign_ins, count(DISTINCT coalesce(user_name, '')) AS users, count(DISTINCT source_ip_address) AS source_ip_addresses,
  min(event_time) AS first_event_time, max(event_time) AS last_event_time
FROM period
GROUP BY 1
ORDER BY kind;

-- section: days
-- title: Sign-ins by day
-- chart: line day sign_ins
-- empty: Nobody signed in during the period.
SELECT
  event_date AS day, count(*) AS sign_ins,
  count(*) FILTER (WHERE sign_in_outcome = 'success') AS successful,
  count(*) FILTER (WHERE sign_in_outcome = 'failure') AS failed
FROM period
GROUP BY 1
ORDER BY day;

-- section: without-mfa
-- title: Successful sign-ins without a second factor
-- empty: Every successful sign-in whose factors AWS can see used a second factor.
-- note: Root, IAM users, IAM Identity Center, and sign-ins whose kind the record does not tell.
SELECT
  event_time, account, sign_in_class, user_name, mfa_means, source_ip_address, aws_region, sign_in_login_to, user_agent, event_id
FROM period
WHERE sign_in_outcome = 'success' AND sign_in_class IN ('root', 'iam_user', 'identity_center', 'unknown')
  AND coalesce(sign_in_mfa_used, false) = false
ORDER BY event_time, event_id, content_sha256;

-- section: failures
-- title: Failed sign-ins by user and address
-- chart: bar user_name failures
-- empty: No sign-in failed in the period.
SELECT
  account, user_name, source_ip_address, count(*) AS failures,
  array_sort(array_agg(DISTINCT error_message)) AS messages,
  min(event_time) AS first_event_time, max(event_time) AS last_event_time,
  first_value(event_id ORDER BY event_time, event_id) AS first_event_id
FROM period
WHERE sign_in_outcome = 'failure'
GROUP BY account, user_name, source_ip_address
ORDER BY failures DESC, account, user_name, source_ip_address;

-- section: root
-- title: Sign-ins of the root user
-- empty: The root user did not sign in during the period.
SELECT
  event_time, account, sign_in_outcome, mfa_means, source_ip_address, aws_region, user_agent, error_message, event_id
FROM period
WHERE sign_in_class = 'root'
ORDER BY event_time, event_id, content_sha256;

-- section: sign-ins
-- title: All sign-ins
-- empty: Nobody signed in during the period.
SELECT
  event_time, account, sign_in_class, sign_in_outcome, user_name, sign_in_mfa_used AS mfa, mfa_means, source_ip_address,
  aws_region, scope, route_reason, possible_alias_cookie, event_name, sign_in_login_to, error_message, decision, cause, user_agent, event_id
FROM period
ORDER BY event_time, event_id, content_sha256;
