-- title: Sign-ins without a second factor
-- question: Which successful sign-ins of root and IAM users used no second factor?
-- catalogue: Q14
-- idea: CIS AWS Foundations, console sign-in without MFA
-- note: Federated users and role switches are left out: their factors are the identity provider's and AWS always
--   records No. Identity Center sign-ins are shown when their record says that only one factor was used.
SELECT
  event_time, recipient_account_id, sign_in_class, user_name, source_ip_address, user_agent, aws_region,
  sign_in_login_to, decision, event_id
FROM sign_ins
WHERE sign_in_outcome = 'success'
  AND sign_in_class IN ('root', 'iam_user', 'identity_center')
  AND sign_in_mfa_used = false
  AND ($since IS NULL OR event_time >= $since)
  AND ($until IS NULL OR event_time < $until)
ORDER BY event_time, event_id
