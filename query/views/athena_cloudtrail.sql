-- The columns of the Athena table that AWS documents for CloudTrail logs, so
-- that its sample queries run as they are: put athena_cloudtrail in place of
-- the table name.
--
-- As there, eventtime and the other times are text, requestparameters,
-- responseelements and additionaleventdata are JSON text, readonly and
-- managementevent are text. region, account and timestamp are the partition
-- columns of the table with partition projection; timestamp is the day of the
-- event as text (2026/03/09).
SELECT
  event_version AS eventversion,
  named_struct(
    'type', user_identity_type,
    'principalid', user_identity_principal_id,
    'arn', user_identity_arn,
    'accountid', user_identity_account_id,
    'accesskeyid', user_identity_access_key_id,
    'username', user_identity_user_name,
    'sessioncontext', named_struct(
      'attributes', named_struct(
        'creationdate', to_char(session_creation_date, '%Y-%m-%dT%H:%M:%SZ'),
        'mfaauthenticated', CAST(session_mfa_authenticated AS VARCHAR)),
      'sessionissuer', named_struct(
        'type', session_issuer_type,
        'principalid', session_issuer_principal_id,
        'arn', session_issuer_arn,
        'accountid', session_issuer_account_id,
        'username', session_issuer_user_name),
      'webidfederationdata', named_struct(
        'federatedprovider', session_federated_provider,
        'attributes', json_get(user_identity, 'sessionContext', 'webIdFederationData', 'attributes')),
      'sourceidentity', session_source_identity,
      'ec2roledelivery', json_get(user_identity, 'sessionContext', 'ec2RoleDelivery')),
    'onbehalfof', named_struct(
      'userid', user_identity_on_behalf_of_user_id,
      'identitystorearn', json_get(user_identity, 'onBehalfOf', 'identityStoreArn')),
    'inscopeof', named_struct(
      'sourcearn', json_get(user_identity, 'inScopeOf', 'sourceArn'),
      'sourceaccount', json_get(user_identity, 'inScopeOf', 'sourceAccount'),
      'issuertype', json_get(user_identity, 'inScopeOf', 'issuerType'),
      'credentialsissuedto', json_get(user_identity, 'inScopeOf', 'credentialsIssuedTo')),
    'invokedby', user_identity_invoked_by,
    'identityprovider', user_identity_identity_provider
  ) AS useridentity,
  to_char(event_time, '%Y-%m-%dT%H:%M:%SZ') AS eventtime,
  event_source AS eventsource,
  event_name AS eventname,
  aws_region AS awsregion,
  source_ip_address AS sourceipaddress,
  user_agent AS useragent,
  error_code AS errorcode,
  error_message AS errormessage,
  request_parameters AS requestparameters,
  response_elements AS responseelements,
  additional_event_data AS additionaleventdata,
  request_id AS requestid,
  event_id AS eventid,
  resources,
  event_type AS eventtype,
  api_version AS apiversion,
  CAST(read_only AS VARCHAR) AS readonly,
  recipient_account_id AS recipientaccountid,
  service_event_details AS serviceeventdetails,
  shared_event_id AS sharedeventid,
  vpc_endpoint_id AS vpcendpointid,
  vpc_endpoint_account_id AS vpcendpointaccountid,
  event_category AS eventcategory,
  addendum,
  CAST(session_credential_from_console AS VARCHAR) AS sessioncredentialfromconsole,
  json_get(raw, 'edgeDeviceDetails') AS edgedevicedetails,
  named_struct('tlsversion', tls_version, 'ciphersuite', tls_cipher_suite, 'clientprovidedhostheader', tls_client_provided_host_header) AS tlsdetails,
  CAST(management_event AS VARCHAR) AS managementevent,
  recipient_account_id AS account,
  aws_region AS region,
  to_char(event_date, '%Y/%m/%d') AS "timestamp",
  event_date
FROM events
