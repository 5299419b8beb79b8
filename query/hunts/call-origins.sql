-- title: Console, command line, code or service
-- question: By what means did each principal call: console, command line, code, an AWS service; and who used sign-in tokens?
-- catalogue: Q29
-- idea: AWS and community incident-response playbooks; console access made from stolen keys
-- parameter: principal text optional; Only this principal, by its ARN.
-- note: The client names itself, so that origin can be a lie, except service (invokedBy) and console where the
--   record marks the session. sign_in_tokens counts GetSigninToken: a console session made from API credentials.
WITH calls AS (
  SELECT
    principal, event_time, event_name, event_source, read_only, source_ip_address,
    CASE
      WHEN user_identity_invoked_by IS NOT NULL OR user_identity_type = 'AWSService' THEN 'service'
      WHEN session_credential_from_console OR event_type IN ('AwsConsoleSignIn', 'AwsConsoleAction')
        OR user_agent LIKE '%console.amazonaws.com%' OR user_agent LIKE '%signin.amazonaws.com%' OR user_agent LIKE 'AWSCloudTrail%console%'
        OR user_agent LIKE '%S3Console%' OR user_agent LIKE 'Mozilla/%' THEN 'console'
      WHEN user_agent LIKE 'aws-cli/%' OR user_agent LIKE '%AWSPowerShell%' THEN 'command line'
      WHEN user_agent LIKE '%Terraform%' OR user_agent LIKE '%Pulumi%' OR user_agent LIKE '%ansible%' OR user_agent LIKE '%cdk%' THEN 'infrastructure as code'
      WHEN user_agent LIKE '%Boto3%' OR user_agent LIKE '%aws-sdk%' OR user_agent LIKE '%Botocore%' OR user_agent LIKE '%boto3%' THEN 'code'
      WHEN user_agent IS NULL THEN 'unknown'
      ELSE 'other'
    END AS origin,
    user_agent
  FROM named_events
  WHERE principal IS NOT NULL
    AND ($principal IS NULL OR principal = $principal OR user_identity_arn = $principal)
    AND ($since IS NULL OR event_time >= $since)
    AND ($until IS NULL OR event_time < $until)
)
SELECT
  principal, origin, count(*) AS calls, count(*) FILTER (WHERE coalesce(read_only, false) = false) AS writes,
  count(*) FILTER (WHERE event_name = 'GetSigninToken') AS sign_in_tokens,
  count(DISTINCT source_ip_address) AS source_ip_addresses, count(DISTINCT user_agent) AS user_agents,
  min(event_time) AS first_call, max(event_time) AS last_call
FROM calls
GROUP BY 1, 2
ORDER BY principal, first_call, origin
