-- title: Reading of secrets
-- question: Who read secrets, parameters, passwords or user data, and of what?
-- catalogue: Q18
-- idea: credential-access techniques of MITRE ATT&CK for cloud and of Stratus Red Team
-- parameter: principal text optional; Only this principal, by its ARN.
-- note: One row for each principal, API and outcome. DescribeInstanceAttribute counts only when it asked for
--   user data.
SELECT
  principal,
  user_identity_access_key_id, event_source, event_name, recorded_outcome,
  count(*) AS calls, count(DISTINCT coalesce(iam_resources[1], '')) AS secrets,
  min(event_time) AS first_call, max(event_time) AS last_call,
  array_sort(array_agg(DISTINCT source_ip_address)) AS source_ip_addresses,
  (array_sort(array_agg(DISTINCT coalesce(iam_resources[1], '*'))))[1:20] AS first_secrets,
  first_value(event_id ORDER BY event_time, event_id) AS first_event_id
FROM named_events
WHERE (event_source = 'secretsmanager.amazonaws.com' AND event_name IN ('GetSecretValue', 'BatchGetSecretValue')
    OR event_source = 'ssm.amazonaws.com' AND event_name IN ('GetParameter', 'GetParameters', 'GetParametersByPath', 'GetParameterHistory')
    OR event_source = 'ec2.amazonaws.com' AND event_name = 'GetPasswordData'
    OR event_source = 'ec2.amazonaws.com' AND event_name = 'DescribeInstanceAttribute'
       AND coalesce(json_get(request_parameters, 'attribute'), json_get(request_parameters, 'attributeType')) = 'userData'
    OR event_source = 'lambda.amazonaws.com' AND array_has(iam_actions, 'lambda:GetFunctionConfiguration')
    OR event_source = 'lightsail.amazonaws.com' AND event_name IN ('GetInstanceAccessDetails', 'DownloadDefaultKeyPair')
    OR event_source IN ('redshift.amazonaws.com', 'redshift-serverless.amazonaws.com') AND event_name IN ('GetClusterCredentials', 'GetClusterCredentialsWithIAM', 'GetCredentials')
    OR event_source = 'ecr.amazonaws.com' AND event_name = 'GetAuthorizationToken'
    OR event_source = 'codeartifact.amazonaws.com' AND event_name = 'GetAuthorizationToken')
  AND ($principal IS NULL OR principal = $principal OR user_identity_arn = $principal)
  AND ($since IS NULL OR event_time >= $since)
  AND ($until IS NULL OR event_time < $until)
GROUP BY 1, 2, 3, 4, 5
ORDER BY first_call, principal, event_name
