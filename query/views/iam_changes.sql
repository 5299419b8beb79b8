-- Changes of who may do what: IAM calls that succeeded and change something,
-- with the state before and after as far as the events in the lake tell.
--
-- object is what changed, entity what it belongs to. after is the document or
-- value that the call set, null when it removed it; before is what the last
-- earlier change of the same object left. before_known is false when no
-- earlier change of that object is in the lake: then nobody knows what was
-- there, and a null in before does not mean "nothing".
-- A policy version that is not made the default changes nothing yet: its
-- document is the object "version" and not the "policy" until it is set.
WITH
calls AS (
  SELECT
    event_time, event_id, event_name, recipient_account_id, principal, user_identity_arn,
    user_identity_access_key_id, source_ip_address, user_agent, decision, iam_resources, request_parameters,
    json_get(request_parameters, 'policyArn') AS policy_arn,
    json_get(request_parameters, 'policyName') AS policy_name,
    json_get(request_parameters, 'policyDocument') AS document,
    json_get(response_elements, 'policy', 'arn') AS new_policy_arn,
    json_get(response_elements, 'policyVersion', 'versionId') AS new_version,
    json_get(request_parameters, 'versionId') AS named_version,
    json_get(request_parameters, 'userName') AS user_name,
    json_get(request_parameters, 'roleName') AS role_name,
    json_get(request_parameters, 'groupName') AS group_name,
    json_get(response_elements, 'accessKey', 'accessKeyId') AS new_key
  FROM named_events
  WHERE event_source = 'iam.amazonaws.com' AND error_code IS NULL
    AND coalesce(read_only, false) = false
    AND event_name NOT LIKE 'Get%' AND event_name NOT LIKE 'List%' AND event_name NOT LIKE 'Simulate%' AND event_name NOT LIKE 'Generate%'
),
versions AS (
  SELECT
    recipient_account_id AS account, coalesce(new_policy_arn, policy_arn) AS arn,
    coalesce(new_version, 'v1') AS version, max(document) AS document
  FROM calls WHERE event_name IN ('CreatePolicy', 'CreatePolicyVersion') GROUP BY 1, 2, 3
),
changes AS (
  SELECT
    calls.*,
    CASE
      WHEN coalesce(new_policy_arn, policy_arn) IS NOT NULL AND user_name IS NULL AND role_name IS NULL AND group_name IS NULL
        THEN coalesce(new_policy_arn, policy_arn)
      WHEN role_name IS NOT NULL THEN 'role/' || role_name
      WHEN user_name IS NOT NULL THEN 'user/' || user_name
      WHEN group_name IS NOT NULL THEN 'group/' || group_name
      WHEN new_key IS NOT NULL OR event_name IN ('UpdateAccessKey', 'DeleteAccessKey', 'CreateLoginProfile', 'ChangePassword')
        THEN coalesce(arn_part(user_identity_arn, 'resource'), iam_resources[1])
      ELSE iam_resources[1]
    END AS entity,
    CASE
      WHEN event_name IN ('PutUserPolicy', 'PutRolePolicy', 'PutGroupPolicy', 'DeleteUserPolicy', 'DeleteRolePolicy', 'DeleteGroupPolicy')
        THEN 'inline policy ' || policy_name
      WHEN event_name IN ('AttachUserPolicy', 'AttachRolePolicy', 'AttachGroupPolicy', 'DetachUserPolicy', 'DetachRolePolicy', 'DetachGroupPolicy')
        THEN 'attachment ' || policy_arn
      WHEN event_name IN ('CreatePolicy', 'DeletePolicy', 'SetDefaultPolicyVersion') THEN 'policy'
      WHEN event_name = 'CreatePolicyVersion'
        THEN CASE WHEN json_get(request_parameters, 'setAsDefault') = 'true' THEN 'policy' ELSE 'version ' || coalesce(new_version, '?') END
      WHEN event_name = 'DeletePolicyVersion' THEN 'version ' || named_version
      WHEN event_name IN ('CreateRole', 'DeleteRole', 'UpdateAssumeRolePolicy') THEN 'trust policy'
      WHEN event_name IN ('PutUserPermissionsBoundary', 'PutRolePermissionsBoundary', 'DeleteUserPermissionsBoundary', 'DeleteRolePermissionsBoundary')
        THEN 'permissions boundary'
      WHEN event_name IN ('AddUserToGroup', 'RemoveUserFromGroup') THEN 'membership ' || group_name
      WHEN event_name IN ('CreateAccessKey', 'UpdateAccessKey', 'DeleteAccessKey')
        THEN 'access key ' || coalesce(new_key, json_get(request_parameters, 'accessKeyId'))
      WHEN event_name IN ('CreateLoginProfile', 'UpdateLoginProfile', 'DeleteLoginProfile', 'ChangePassword') THEN 'console password'
      WHEN event_name IN ('CreateUser', 'DeleteUser') THEN 'user'
      WHEN event_name IN ('CreateGroup', 'DeleteGroup') THEN 'group'
      ELSE event_name
    END AS object,
    CASE
      WHEN event_name = 'SetDefaultPolicyVersion' THEN versions.document
      WHEN event_name LIKE 'Attach%Policy' THEN policy_arn
      WHEN event_name = 'CreateRole' THEN json_get(request_parameters, 'assumeRolePolicyDocument')
      WHEN event_name LIKE 'Put%PermissionsBoundary' THEN json_get(request_parameters, 'permissionsBoundary')
      WHEN event_name = 'AddUserToGroup' THEN 'member'
      WHEN event_name = 'CreateAccessKey' THEN 'Active'
      WHEN event_name = 'UpdateAccessKey' THEN json_get(request_parameters, 'status')
      WHEN event_name IN ('CreateLoginProfile', 'UpdateLoginProfile', 'ChangePassword') THEN 'set'
      WHEN event_name IN ('CreateUser', 'CreateGroup') THEN 'exists'
      WHEN event_name LIKE 'Delete%' OR event_name LIKE 'Detach%' OR event_name LIKE 'Remove%' THEN NULL
      ELSE calls.document
    END AS after
  FROM calls
  LEFT JOIN versions
    ON calls.event_name = 'SetDefaultPolicyVersion'
    AND versions.account = calls.recipient_account_id AND versions.arn = calls.policy_arn AND versions.version = calls.named_version
)
SELECT
  event_time,
  event_name,
  recipient_account_id,
  entity,
  object,
  lag(after) OVER earlier AS before,
  after,
  event_name LIKE 'Create%' OR lag(event_time) OVER earlier IS NOT NULL AS before_known,
  principal AS changed_by,
  user_identity_arn,
  user_identity_access_key_id,
  source_ip_address,
  user_agent,
  decision,
  event_id
FROM changes
WINDOW earlier AS (PARTITION BY recipient_account_id, entity, object ORDER BY event_time, event_id)
