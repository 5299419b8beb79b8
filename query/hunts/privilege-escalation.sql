-- title: Privilege escalation
-- question: Which successful calls can give somebody more rights, and what could the changed principal do afterwards that it could not before?
-- catalogue: Q15
-- idea: the published list of IAM privilege-escalation methods (Rhino Security Labs and successors)
-- parameter: window duration = 1h; How long before and after the change calls of the changed principal are compared.
-- note: method says what the call can be used for; most of these calls are ordinary work. newly_allowed is
--   what the changed user or role tried on the same resource: denied by its policies within the window before, allowed within
--   the window after: a change that paid off. It is empty where policies are not known, and for changes of managed policies,
--   whose holders the record does not name.
WITH changes AS (
  SELECT
    event_time, event_id, content_sha256, event_name, recipient_account_id, iam_actions, iam_resources,
    principal AS changed_by, user_identity_access_key_id, source_ip_address, decision,
    CASE WHEN event_source = 'iam.amazonaws.com' AND arn_part(iam_resources[1], 'resource_type') IN ('user', 'role') THEN iam_resources[1] END AS changed,
    json_get(request_parameters, 'policyArn') AS policy_arn,
    json_get(request_parameters, 'policyDocument') AS document,
    CASE
      WHEN event_name IN ('CreatePolicyVersion', 'SetDefaultPolicyVersion') THEN 'other content of a policy'
      WHEN event_name IN ('AttachUserPolicy', 'AttachRolePolicy', 'AttachGroupPolicy') THEN 'attached policy'
      WHEN event_name IN ('PutUserPolicy', 'PutRolePolicy', 'PutGroupPolicy') THEN 'inline policy'
      WHEN event_name = 'AddUserToGroup' THEN 'group membership'
      WHEN event_name = 'UpdateAssumeRolePolicy' THEN 'trust policy'
      WHEN event_name IN ('DeleteUserPermissionsBoundary', 'DeleteRolePermissionsBoundary', 'PutUserPermissionsBoundary', 'PutRolePermissionsBoundary') THEN 'permissions boundary'
      WHEN event_name IN ('CreateLoginProfile', 'UpdateLoginProfile') THEN 'console password of a user'
      WHEN event_name = 'CreateAccessKey' AND json_get(request_parameters, 'userName') <> coalesce(user_identity_user_name, '') THEN 'access key of another user'
      WHEN array_has(iam_actions, 'lambda:UpdateFunctionCode') OR array_has(iam_actions, 'lambda:UpdateFunctionConfiguration') THEN 'code that runs as a role'
      WHEN array_has(iam_actions, 'glue:UpdateDevEndpoint') THEN 'code that runs as a role'
      WHEN array_has(iam_actions, 'iam:PassRole') THEN 'role handed to a service'
    END AS method
  FROM named_events
  WHERE error_code IS NULL
    AND ($since IS NULL OR event_time >= $since)
    AND ($until IS NULL OR event_time < $until)
),
methods AS (SELECT * FROM changes WHERE method IS NOT NULL),
compared AS (
  SELECT methods.content_sha256, later.iam_actions[1] || ' on ' || later.iam_resources[1] AS action,
    bool_or(later.event_time < methods.event_time AND later.decision IN ('explicit_deny', 'implicit_deny')) AS denied_before,
    bool_or(later.event_time > methods.event_time AND later.decision = 'allow') AS allowed_after
  FROM methods
  JOIN named_events AS later ON later.principal = methods.changed
    AND later.event_time >= methods.event_time - $window AND later.event_time <= methods.event_time + $window
  GROUP BY 1, 2
),
gained AS (
  SELECT content_sha256, array_sort(array_agg(action)) AS newly_allowed FROM compared WHERE denied_before AND allowed_after GROUP BY 1
)
SELECT
  methods.event_time, methods.method, methods.event_name, methods.recipient_account_id, methods.changed_by,
  methods.iam_resources, methods.policy_arn, methods.document, gained.newly_allowed,
  methods.user_identity_access_key_id, methods.source_ip_address, methods.decision, methods.event_id
FROM methods
LEFT JOIN gained ON gained.content_sha256 = methods.content_sha256
ORDER BY methods.event_time, methods.event_id
