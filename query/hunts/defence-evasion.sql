-- title: Switching off the watch
-- question: Who stopped, narrowed or deleted logging and detection, or tried to?
-- catalogue: Q17
-- idea: defence-evasion techniques of MITRE ATT&CK for cloud, CIS AWS Foundations and Stratus Red Team
-- note: Failed tries are shown too. For changes that can go both ways (event selectors, lifecycle, an updated trail)
--   read request_parameters: whether it narrows anything is for a person to say.
SELECT
  event_time,
  CASE
    WHEN event_source = 'cloudtrail.amazonaws.com' THEN 'CloudTrail'
    WHEN event_source = 'config.amazonaws.com' THEN 'Config'
    WHEN event_source IN ('guardduty.amazonaws.com', 'securityhub.amazonaws.com', 'macie2.amazonaws.com', 'access-analyzer.amazonaws.com', 'inspector2.amazonaws.com', 'detective.amazonaws.com') THEN 'detection'
    WHEN event_source = 'organizations.amazonaws.com' THEN 'Organizations'
    WHEN event_source = 's3.amazonaws.com' THEN 'log bucket'
    ELSE 'other logs'
  END AS what,
  event_name, recipient_account_id, aws_region, recorded_outcome, error_code,
  principal, user_identity_access_key_id, iam_resources,
  request_parameters, source_ip_address, user_agent, decision, cause, event_id
FROM named_events
WHERE (event_source = 'cloudtrail.amazonaws.com' AND event_name IN
        ('StopLogging', 'DeleteTrail', 'UpdateTrail', 'PutEventSelectors', 'PutInsightSelectors', 'DeleteEventDataStore', 'StopEventDataStoreIngestion', 'UpdateEventDataStore', 'DeregisterOrganizationDelegatedAdmin')
    OR event_source = 'config.amazonaws.com' AND event_name IN
        ('StopConfigurationRecorder', 'DeleteConfigurationRecorder', 'DeleteDeliveryChannel', 'DeleteConfigRule', 'PutConfigurationRecorder')
    OR event_source = 'guardduty.amazonaws.com' AND event_name IN
        ('DeleteDetector', 'UpdateDetector', 'StopMonitoringMembers', 'DisassociateFromMasterAccount', 'DisassociateFromAdministratorAccount', 'DisassociateMembers', 'DeleteMembers', 'CreateFilter', 'CreateIPSet', 'UpdateIPSet', 'DeletePublishingDestination')
    OR event_source = 'securityhub.amazonaws.com' AND event_name IN
        ('DisableSecurityHub', 'BatchDisableStandards', 'DisassociateFromMasterAccount', 'DisassociateFromAdministratorAccount', 'DeleteMembers')
    OR event_source = 'macie2.amazonaws.com' AND event_name = 'DisableMacie'
    OR event_source = 'access-analyzer.amazonaws.com' AND event_name = 'DeleteAnalyzer'
    OR event_source = 'inspector2.amazonaws.com' AND event_name = 'Disable'
    OR event_source = 'detective.amazonaws.com' AND event_name = 'DeleteGraph'
    OR event_source = 'organizations.amazonaws.com' AND event_name IN
        ('LeaveOrganization', 'RemoveAccountFromOrganization', 'DetachPolicy', 'DeletePolicy', 'DisablePolicyType', 'DisableAWSServiceAccess')
    OR event_source = 'ec2.amazonaws.com' AND event_name = 'DeleteFlowLogs'
    OR event_source = 'route53resolver.amazonaws.com' AND event_name IN
        ('DeleteResolverQueryLogConfig', 'DisassociateResolverQueryLogConfig')
    OR event_source = 'logs.amazonaws.com' AND event_name IN
        ('DeleteLogGroup', 'DeleteLogStream', 'PutRetentionPolicy', 'DeleteSubscriptionFilter', 'DeleteMetricFilter')
    OR event_source IN ('monitoring.amazonaws.com', 'named_events.amazonaws.com') AND event_name IN
        ('DeleteAlarms', 'DisableAlarmActions', 'DeleteRule', 'DisableRule', 'RemoveTargets')
    OR event_source = 'wafv2.amazonaws.com' AND event_name IN ('DeleteLoggingConfiguration', 'DeleteWebACL', 'DisassociateWebACL')
    OR event_source = 's3.amazonaws.com' AND array_has_any(iam_actions, make_array('s3:PutLifecycleConfiguration', 's3:PutBucketLogging')))
  AND ($since IS NULL OR event_time >= $since)
  AND ($until IS NULL OR event_time < $until)
ORDER BY event_time, event_id
