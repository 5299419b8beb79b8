-- title: Ways to come back
-- question: Which successful calls make it possible to come back later?
-- catalogue: Q16
-- idea: persistence techniques of MITRE ATT&CK for cloud and of Stratus Red Team
-- note: Most of these calls are ordinary work; way says what the call can be used for. Trust policies are shown
--   under trust, with the accounts of other owners that they name.
SELECT
  event_time,
  CASE
    WHEN event_name IN ('CreateUser', 'CreateRole') THEN 'new principal'
    WHEN event_name IN ('CreateAccessKey', 'UpdateAccessKey', 'UploadSSHPublicKey', 'UploadSigningCertificate', 'CreateServiceSpecificCredential', 'ResetServiceSpecificCredential') THEN 'credentials'
    WHEN event_name IN ('CreateLoginProfile', 'UpdateLoginProfile') THEN 'console password'
    WHEN event_name IN ('CreateVirtualMFADevice', 'EnableMFADevice', 'DeactivateMFADevice') THEN 'second factor'
    WHEN event_name = 'UpdateAssumeRolePolicy' THEN 'trust policy'
    WHEN event_name IN ('GetFederationToken', 'GetSessionToken') THEN 'session that outlives its key'
    WHEN event_source = 'rolesanywhere.amazonaws.com' THEN 'certificate authority'
    WHEN event_name LIKE '%SAMLProvider' OR event_name LIKE '%OpenIDConnectProvider%' THEN 'identity provider'
    WHEN event_source = 'lambda.amazonaws.com' THEN 'function'
    WHEN event_source = 'ec2.amazonaws.com' THEN 'user data or key pair of an instance'
    ELSE 'other'
  END AS way,
  event_name, recipient_account_id, aws_region,
  principal, user_identity_access_key_id,
  coalesce(json_get(response_elements, 'role', 'arn'), json_get(response_elements, 'user', 'arn'), iam_resources[1]) AS target,
  coalesce(json_get(response_elements, 'accessKey', 'accessKeyId'), json_get(response_elements, 'credentials', 'accessKeyId')) AS new_access_key,
  CASE WHEN event_name IN ('CreateRole', 'UpdateAssumeRolePolicy')
    THEN coalesce(json_get(request_parameters, 'assumeRolePolicyDocument'), json_get(request_parameters, 'policyDocument')) END AS trust,
  CASE WHEN event_name IN ('CreateRole', 'UpdateAssumeRolePolicy')
    THEN regexp_like(replace(coalesce(json_get(request_parameters, 'assumeRolePolicyDocument'), json_get(request_parameters, 'policyDocument')), recipient_account_id, ''), '"AWS"[^}]*[0-9]{12}') END AS trusts_other_account,
  source_ip_address, user_agent, decision, event_id
FROM named_events
WHERE error_code IS NULL
  AND (event_source = 'iam.amazonaws.com' AND event_name IN
        ('CreateUser', 'CreateRole', 'CreateAccessKey', 'UpdateAccessKey', 'CreateLoginProfile', 'UpdateLoginProfile', 'UpdateAssumeRolePolicy',
         'CreateSAMLProvider', 'UpdateSAMLProvider', 'CreateOpenIDConnectProvider', 'AddClientIDToOpenIDConnectProvider', 'UpdateOpenIDConnectProviderThumbprint',
         'CreateVirtualMFADevice', 'EnableMFADevice', 'DeactivateMFADevice', 'UploadSSHPublicKey', 'UploadSigningCertificate',
         'CreateServiceSpecificCredential', 'ResetServiceSpecificCredential')
    OR event_source = 'sts.amazonaws.com' AND event_name IN ('GetFederationToken', 'GetSessionToken')
    OR event_source = 'rolesanywhere.amazonaws.com' AND event_name IN ('CreateTrustAnchor', 'UpdateTrustAnchor', 'EnableTrustAnchor', 'CreateProfile', 'UpdateProfile')
    OR event_source = 'lambda.amazonaws.com' AND array_has_any(iam_actions,
        make_array('lambda:AddPermission', 'lambda:AddLayerVersionPermission', 'lambda:PublishLayerVersion', 'lambda:UpdateFunctionCode', 'lambda:UpdateFunctionConfiguration', 'lambda:CreateFunctionUrlConfig', 'lambda:CreateEventSourceMapping'))
    OR event_source = 'ec2.amazonaws.com' AND (event_name IN ('ImportKeyPair', 'CreateKeyPair')
        OR event_name = 'ModifyInstanceAttribute' AND json_get(request_parameters, 'userData') IS NOT NULL))
  AND ($since IS NULL OR event_time >= $since)
  AND ($until IS NULL OR event_time < $until)
ORDER BY event_time, event_id
