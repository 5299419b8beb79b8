-- title: CIS monitoring evidence
-- question: Which events of the period did each monitoring control of the CIS AWS Foundations Benchmark have to notice?
-- catalogue: R1
-- framework: cis-1.4 cis-1.5 cis-2.0 cis-3.0 cis-4.0.1 cis-5.0 cis-6.0 cis-7.0
-- note: Each control is read twice. "As written" is the metric filter of that version, evaluated as CloudWatch does:
--   && before ||, and a comparison with a field that is missing is false. "As intended" is the same filter with its
--   logic put right: exclusions that exclude, the service whose call is meant, sign-ins whose second factor AWS can see,
--   every wording of a failed sign-in, and a name that a later version added.
-- note: Calls that failed count, as they do in the filters. Whether metric filters, alarms and subscribers exist is a
--   matter of configuration and not in the records; the control on Security Hub (x.16, since 1.5) is one of configuration
--   only and is not here.

WITH
period AS (
  SELECT *, recipient_account_id AS account
  FROM named_events
  WHERE event_time >= $since AND event_time < $until
    AND ($accounts IS NULL OR array_has(string_to_array($accounts, ','), recipient_account_id))
),
controls AS (
  SELECT
    control,
    CASE WHEN $framework IN ('cis-6.0', 'cis-7.0') THEN '5.' ELSE '4.' END || CAST(control AS VARCHAR) AS number,
    title,
    CASE
      WHEN control IN (6, 7, 9, 10, 11) THEN 2
      WHEN control = 1 AND $framework NOT IN ('cis-1.4', 'cis-1.5', 'cis-2.0', 'cis-3.0') THEN 2
      ELSE 1
    END AS level
  FROM (VALUES
    (1, 'Unauthorized API calls'),
    (2, 'Console sign-in without MFA'),
    (3, 'Use of the root user'),
    (4, 'IAM policy changes'),
    (5, 'CloudTrail configuration changes'),
    (6, 'Console authentication failures'),
    (7, 'Disabling or scheduled deletion of customer managed keys'),
    (8, 'S3 bucket policy changes'),
    (9, 'AWS Config configuration changes'),
    (10, 'Security group changes'),
    (11, 'Network access control list changes'),
    (12, 'Network gateway changes'),
    (13, 'Route table changes'),
    (14, 'VPC changes'),
    (15, 'AWS Organizations changes')
  ) AS list (control, title)
),
names AS (
  SELECT 4 AS control, 'iam.amazonaws.com' AS meant_source, unnest(make_array(
    'DeleteGroupPolicy', 'DeleteRolePolicy', 'DeleteUserPolicy', 'PutGroupPolicy', 'PutRolePolicy', 'PutUserPolicy',
    'CreatePolicy', 'DeletePolicy', 'CreatePolicyVersion', 'DeletePolicyVersion',
    'AttachRolePolicy', 'DetachRolePolicy', 'AttachUserPolicy', 'DetachUserPolicy', 'AttachGroupPolicy', 'DetachGroupPolicy')) AS name
  UNION ALL
  SELECT 5, 'cloudtrail.amazonaws.com', unnest(make_array('CreateTrail', 'UpdateTrail', 'DeleteTrail', 'StartLogging', 'StopLogging'))
  UNION ALL
  SELECT 7, 'kms.amazonaws.com', unnest(make_array('DisableKey', 'ScheduleKeyDeletion'))
  UNION ALL
  SELECT 8, 's3.amazonaws.com', unnest(make_array(
    'PutBucketAcl', 'PutBucketPolicy', 'PutBucketCors', 'PutBucketLifecycle', 'PutBucketReplication',
    'DeleteBucketPolicy', 'DeleteBucketCors', 'DeleteBucketLifecycle', 'DeleteBucketReplication'))
  UNION ALL
  SELECT 9, 'config.amazonaws.com', unnest(make_array(
    'StopConfigurationRecorder', 'DeleteDeliveryChannel', 'PutDeliveryChannel', 'PutConfigurationRecorder'))
  UNION ALL
  SELECT 10, 'ec2.amazonaws.com', unnest(make_array(
    'AuthorizeSecurityGroupIngress', 'AuthorizeSecurityGroupEgress', 'RevokeSecurityGroupIngress', 'RevokeSecurityGroupEgress',
    'CreateSecurityGroup', 'DeleteSecurityGroup', 'ModifySecurityGroupRules'))
  UNION ALL
  SELECT 11, 'ec2.amazonaws.com', unnest(make_array(
    'CreateNetworkAcl', 'CreateNetworkAclEntry', 'DeleteNetworkAcl', 'DeleteNetworkAclEntry',
    'ReplaceNetworkAclEntry', 'ReplaceNetworkAclAssociation'))
  UNION ALL
  SELECT 12, 'ec2.amazonaws.com', unnest(make_array(
    'CreateCustomerGateway', 'DeleteCustomerGateway', 'AttachInternetGateway', 'CreateInternetGateway',
    'DeleteInternetGateway', 'DetachInternetGateway'))
  UNION ALL
  SELECT 13, 'ec2.amazonaws.com', unnest(make_array(
    'CreateRoute', 'CreateRouteTable', 'ReplaceRoute', 'ReplaceRouteTableAssociation', 'DeleteRouteTable', 'DeleteRoute',
    'DisassociateRouteTable'))
  UNION ALL
  SELECT 14, 'ec2.amazonaws.com', unnest(make_array(
    'CreateVpc', 'DeleteVpc', 'ModifyVpcAttribute', 'AcceptVpcPeeringConnection', 'CreateVpcPeeringConnection',
    'DeleteVpcPeeringConnection', 'RejectVpcPeeringConnection', 'AttachClassicLinkVpc', 'DetachClassicLinkVpc',
    'DisableVpcClassicLink', 'EnableVpcClassicLink'))
  UNION ALL
  SELECT 15, 'organizations.amazonaws.com', unnest(make_array(
    'AcceptHandshake', 'AttachPolicy', 'CreateAccount', 'CreateOrganizationalUnit', 'CreatePolicy', 'DeclineHandshake',
    'DeleteOrganization', 'DeleteOrganizationalUnit', 'DeletePolicy', 'DetachPolicy', 'DisablePolicyType', 'EnablePolicyType',
    'InviteAccountToOrganization', 'LeaveOrganization', 'MoveAccount', 'RemoveAccountFromOrganization', 'UpdatePolicy',
    'UpdateOrganizationalUnit'))
),
readings AS (
  SELECT
    names.control,
    CASE
      WHEN names.control IN (7, 8, 9, 15) THEN event_source = meant_source
      WHEN names.control = 13 AND name = 'CreateRoute' AND $framework NOT IN ('cis-1.4', 'cis-1.5', 'cis-2.0') THEN event_source = meant_source
      WHEN name = 'ModifySecurityGroupRules' THEN $framework NOT IN ('cis-1.4', 'cis-1.5', 'cis-2.0', 'cis-3.0', 'cis-4.0.1')
      ELSE true
    END AS as_written,
    event_source = meant_source AS as_intended,
    period.*
  FROM period
  JOIN names ON names.name = period.event_name
  UNION ALL
  SELECT
    1,
    coalesce(error_code LIKE '%UnauthorizedOperation', false)
      OR CASE WHEN $framework IN ('cis-1.4', 'cis-1.5', 'cis-2.0', 'cis-3.0')
        THEN coalesce(error_code LIKE 'AccessDenied%', false)
          OR coalesce(source_ip_address <> 'delivery.logs.amazonaws.com', false) OR event_name <> 'HeadBucket'
        ELSE coalesce(error_code LIKE 'AccessDenied%', false)
          AND coalesce(source_ip_address <> 'delivery.logs.amazonaws.com', false) AND event_name <> 'HeadBucket'
      END,
    coalesce(error_code LIKE '%UnauthorizedOperation' OR error_code LIKE 'AccessDenied%', false)
      AND coalesce(source_ip_address, '') <> 'delivery.logs.amazonaws.com' AND event_name <> 'HeadBucket',
    *
  FROM period
  UNION ALL
  SELECT
    2,
    event_name = 'ConsoleLogin' AND coalesce(json_get(additional_event_data, 'MFAUsed') <> 'Yes', false),
    coalesce(sign_in_outcome = 'success', false)
      AND (sign_in_class IN ('root', 'iam_user') AND NOT coalesce(sign_in_mfa_used, false)
        OR sign_in_class = 'identity_center' AND NOT coalesce(sign_in_mfa_used, true)),
    *
  FROM period
  UNION ALL
  SELECT
    3,
    coalesce(user_identity_type = 'Root', false) AND user_identity_invoked_by IS NULL AND coalesce(event_type <> 'AwsServiceEvent', false),
    coalesce(user_identity_type = 'Root', false) AND user_identity_invoked_by IS NULL AND coalesce(event_type, '') <> 'AwsServiceEvent',
    *
  FROM period
  UNION ALL
  SELECT
    6,
    event_name = 'ConsoleLogin' AND coalesce(error_message = 'Failed authentication', false),
    coalesce(sign_in_outcome = 'failure', false),
    *
  FROM period
),
matches AS (
  SELECT
    controls.number, controls.title,
    readings.control = 1 AND NOT as_intended AND $framework IN ('cis-1.4', 'cis-1.5', 'cis-2.0', 'cis-3.0') AS floods,
    CASE
      WHEN as_written = as_intended THEN NULL
      WHEN readings.control = 1 AND as_written AND $framework IN ('cis-1.4', 'cis-1.5', 'cis-2.0', 'cis-3.0')
        THEN 'the text joins its exclusions with OR, so that every event matches'
      WHEN readings.control = 1 AND as_written THEN 'the exclusions of the text bind to AccessDenied only, because && comes before ||'
      WHEN readings.control = 1 THEN 'the record has no sourceIPAddress, and CloudWatch takes a comparison with a missing field as false'
      WHEN readings.control = 2 AND as_written AND sign_in_outcome = 'failure' THEN 'the sign-in failed'
      WHEN readings.control = 2 AND as_written AND sign_in_mfa_used THEN 'a second factor was used; the record spells it differently'
      WHEN readings.control = 2 AND as_written THEN 'the second factor is the identity provider''s, which AWS cannot see and records as No'
      WHEN readings.control = 2 AND event_name = 'ConsoleLogin' THEN 'the record does not say whether a second factor was used'
      WHEN readings.control = 2 THEN 'IAM Identity Center records the sign-in under another name than ConsoleLogin'
      WHEN readings.control = 3 THEN 'the record has no eventType, and CloudWatch takes a comparison with a missing field as false'
      WHEN readings.control = 6 AND as_written THEN 'the record says that the sign-in succeeded'
      WHEN readings.control = 6 THEN 'the record words or names the failed sign-in differently'
      WHEN as_written THEN 'the text names no service for this name, and this is a call of another service'
      ELSE 'the text of this version does not have this name yet'
    END AS difference,
    readings.*
  FROM readings
  JOIN controls ON controls.control = readings.control
  WHERE as_written OR as_intended
)

-- section: controls
-- title: Controls and their counts
-- chart: bar number as_intended
-- note: A control without events had nothing to notice, as far as the records are complete.
SELECT
  controls.number, controls.title, controls.level,
  count(*) FILTER (WHERE as_written) AS as_written,
  count(*) FILTER (WHERE as_intended) AS as_intended,
  count(*) FILTER (WHERE as_written AND NOT as_intended) AS only_as_written,
  count(*) FILTER (WHERE as_intended AND NOT as_written) AS only_as_intended,
  min(event_time) FILTER (WHERE as_intended) AS first_event_time,
  max(event_time) FILTER (WHERE as_intended) AS last_event_time
FROM controls
LEFT JOIN matches ON matches.control = controls.control
GROUP BY controls.control, controls.number, controls.title, controls.level
ORDER BY controls.control;

-- section: differences
-- title: What only one reading counts, and why
-- empty: Both readings count the same events.
-- note: One row for each kind of event; the events themselves are in the section evidence, except those that the OR of
--   the text before version 4.0 adds to the first control: these are all events of the period, and one row here.
SELECT
  number, title,
  CASE WHEN as_written THEN 'as written only' ELSE 'as intended only' END AS reading,
  difference AS why,
  CASE WHEN floods THEN 'any' ELSE event_source END AS event_source, CASE WHEN floods THEN 'any' ELSE event_name END AS event_name,
  count(*) AS events,
  min(event_time) AS first_event_time, max(event_time) AS last_event_time,
  first_value(event_id ORDER BY event_time, event_id) AS first_event_id
FROM matches
WHERE difference IS NOT NULL
GROUP BY control, number, title, as_written, difference,
  CASE WHEN floods THEN 'any' ELSE event_source END, CASE WHEN floods THEN 'any' ELSE event_name END
ORDER BY control, reading, why, event_source, event_name;

-- section: evidence
-- title: The events of each control
-- empty: No event of the period belongs to any of the controls.
SELECT
  number, title, as_written, as_intended, difference,
  event_time, account, aws_region, event_source, event_name, principal, user_identity_access_key_id,
  error_code, sign_in_outcome, iam_resources, source_ip_address, user_agent, decision, cause, event_id
FROM matches
WHERE NOT floods
ORDER BY control, event_time, event_id, content_sha256;
