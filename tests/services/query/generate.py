"""CloudTrail's files of a made-up organization: log files as a trail delivers
them, of any number of events, and the policies of its accounts.

What is in them: calls of role sessions, a fifth of which were assumed by other
sessions, and of users with long-term keys; denied calls; sign-ins, some with a
wrong password; now and then a call that a hunt looks for. One intruder, whose key, address
and role chain are the needles.
"""

import gzip
import json
import multiprocessing
import random
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

ACCOUNTS, USERS, ROLES = 40, 25, 50
REGIONS = ["eu-west-1", "us-east-1", "eu-central-1", "us-west-2"]
START, DAYS = datetime(2026, 3, 1, tzinfo=timezone.utc), 20
CALLS_PER_SESSION = 60
CLIENTS = ["aws-sdk-java/2.29.0 md/io#sync", "Boto3/1.35.0 md/Botocore#1.35.0", "aws-cli/2.17.0 md/awscrt#0.21", "aws-sdk-go-v2/1.30.0 os/linux", "Terraform/1.9.0"]

INTRUDER_KEY, INTRUDER_ADDRESS = "AKIAINTRUDER00000001", "198.51.100.66"
INTRUDER_EVENT = "0badc0de-0000-4000-8000-000000000001"
INTRUDER_ACCOUNT = "100000000007"
INTRUDER = f"arn:aws:iam::{INTRUDER_ACCOUNT}:user/user-3"

# Service, operation, whether it reads, weight, parameters (filled with a number).
CALLS = [
    ("s3", "GetObject", True, 30, {"bucketName": "data-%d", "key": "2026/03/part-%d.parquet"}),
    ("s3", "PutObject", False, 8, {"bucketName": "data-%d", "key": "2026/03/part-%d.parquet"}),
    ("s3", "ListBuckets", True, 2, {}),
    ("ec2", "DescribeInstances", True, 12, {"instancesSet": {"items": [{"instanceId": "i-%08d"}]}}),
    ("ec2", "DescribeSecurityGroups", True, 5, {}),
    ("ec2", "RunInstances", False, 1, {"instanceType": "m6i.large", "minCount": 1, "maxCount": 1}),
    ("kms", "Decrypt", True, 14, {"encryptionAlgorithm": "SYMMETRIC_DEFAULT"}),
    ("dynamodb", "DescribeTable", True, 5, {"tableName": "orders-%d"}),
    ("lambda", "ListFunctions20150331", True, 3, {}),
    ("secretsmanager", "GetSecretValue", True, 2, {"secretId": "service/secret-%d"}),
    ("ssm", "GetParameter", True, 4, {"name": "/service/parameter-%d"}),
    ("logs", "CreateLogStream", False, 5, {"logGroupName": "/aws/lambda/job-%d"}),
    ("iam", "ListRoles", True, 2, {}),
    ("iam", "GetRole", True, 3, {"roleName": "role-%d"}),
    ("sts", "GetCallerIdentity", True, 4, {}),
]
# None of them changes a policy: how fast labels are made again is not the question here.
RARE = [
    ("iam", "CreateAccessKey", {"userName": "user-%d"}),
    ("iam", "CreateLoginProfile", {"userName": "user-%d", "passwordResetRequired": False}),
    ("cloudtrail", "StopLogging", {"name": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main-%d"}),
    ("s3", "DeleteBucketEncryption", {"bucketName": "data-%d"}),
    ("ec2", "ModifySnapshotAttribute", {"snapshotId": "snap-%08d", "createVolumePermission": {"add": {"items": [{"userId": "999988887777"}]}}, "attributeType": "CREATE_VOLUME_PERMISSION"}),
    ("ec2", "AuthorizeSecurityGroupIngress", {"groupId": "sg-%08d", "ipPermissions": {"items": [{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}]}}),
]


@dataclass(frozen=True)
class Size:
    """How many events, in files of how many."""

    events: int

    @property
    def file(self):
        return max(500, min(10_000, self.events // 200))

    @property
    def files(self):
        return -(-self.events // self.file)


def account_id(number):
    return f"1{number:011d}"


def generate(directory, events):
    """Writes the logs and the policies, and returns their bytes."""
    size = Size(events)
    policies = directory / "policies"
    policies.mkdir(parents=True)
    for account in range(ACCOUNTS):
        (policies / f"{account_id(account)}.json").write_text(json.dumps(authorization_details(account_id(account))))
    with multiprocessing.Pool() as pool:
        tasks = ((directory, size, number) for number in range(size.files))
        return sum(pool.imap_unordered(write_file, tasks, chunksize=4))


def write_file(task):
    directory, size, number = task
    chance = random.Random(number)
    account, region = account_id(number % ACCOUNTS), REGIONS[number // ACCOUNTS % len(REGIONS)]
    span = timedelta(days=DAYS) / size.files
    begin = START + span * number
    count = min(size.file, size.events - number * size.file)
    texts = list(records(chance, account, region, begin, span, count))
    if number == size.files // 2:
        texts[-len(INTRUSION) :] = intrusion(begin, region)
    body = '{"Records":[' + ",".join(texts) + "]}"
    day = begin.strftime("%Y/%m/%d")
    path = directory / "logs" / "AWSLogs" / account / "CloudTrail" / region / day
    path.mkdir(parents=True, exist_ok=True)
    stamp = begin.strftime("%Y%m%dT%H%MZ")
    name = path / f"{account}_CloudTrail_{region}_{stamp}_{number:016d}.json.gz"
    name.write_bytes(gzip.compress(body.encode(), compresslevel=1))
    return len(body)


def records(chance, account, region, begin, span, count):
    """`count` records as JSON, in no particular order of time within the span."""
    weights = [call[3] for call in CALLS]
    identity, address, client, key = None, None, None, None
    for number in range(count):
        time = stamp(begin + span * (number / count))
        if number % CALLS_PER_SESSION == 0:
            before = identity, key
            user = number // CALLS_PER_SESSION % 4 == 3
            address = f"10.{chance.randrange(64)}.{chance.randrange(256)}.{chance.randrange(1, 255)}"
            client = chance.choice(CLIENTS)
            if user:
                identity, key = user_identity(account, chance.randrange(USERS))
            else:
                caller = before if before[0] and chance.random() < 0.2 else user_identity(account, chance.randrange(USERS))
                identity, key, assumed = session(chance, account, caller, time)
                yield record(chance, account, region, time, caller[0], address, client, "sts", "AssumeRole", True, *assumed)
                continue
        unusual = chance.random()
        if unusual < 0.0005:
            service, name, parameters = chance.choice(RARE)
            yield record(chance, account, region, time, identity, address, client, service, name, False, filled(chance, parameters), "null")
        elif unusual < 0.002:
            yield sign_in(chance, account, region, time, address)
        else:
            service, name, reads, _, parameters = chance.choices(CALLS, weights)[0]
            denied = chance.random() < 0.03
            yield record(chance, account, region, time, identity, address, client, service, name, reads, filled(chance, parameters), "null", denied)


def stamp(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def filled(chance, parameters):
    text = json.dumps(parameters)
    while "%" in text:
        at = text.index("%")
        end = text.index("d", at) + 1
        text = text[:at] + text[at:end] % chance.randrange(200) + text[end:]
    return text


def user_identity(account, user):
    key = f"AKIA{int(account) % 10**9:09d}{user:07d}"
    arn = f"arn:aws:iam::{account}:user/user-{user}"
    return f'{{"type":"IAMUser","principalId":"AIDA{user:016d}","arn":"{arn}","accountId":"{account}","accessKeyId":"{key}","userName":"user-{user}"}}', key


def session(chance, account, caller, time):
    """The identity of a new session of a role, its key, and the parameters and
    the answer of the call that made it."""
    role = chance.randrange(ROLES)
    key = "ASIA%016X" % chance.getrandbits(64)
    name = f"job-{chance.randrange(1000)}"
    arn = f"arn:aws:iam::{account}:role/role-{role}"
    assumed = f"arn:aws:sts::{account}:assumed-role/role-{role}/{name}"
    issuer = f'{{"type":"Role","principalId":"AROA{role:016d}","arn":"{arn}","accountId":"{account}","userName":"role-{role}"}}'
    identity = (
        f'{{"type":"AssumedRole","principalId":"AROA{role:016d}:{name}","arn":"{assumed}","accountId":"{account}","accessKeyId":"{key}",'
        f'"sessionContext":{{"sessionIssuer":{issuer},"attributes":{{"creationDate":"{time}","mfaAuthenticated":"false"}}}}}}'
    )
    parameters = f'{{"roleArn":"{arn}","roleSessionName":"{name}"}}'
    answer = f'{{"credentials":{{"accessKeyId":"{key}","expiration":"Mar 30, 2026, 1:00:00 AM"}},"assumedRoleUser":{{"assumedRoleId":"AROA{role:016d}:{name}","arn":"{assumed}"}}}}'
    return identity, key, (parameters, answer)


def event_id(chance):
    bits = chance.getrandbits(128)
    return f"{bits >> 96:08x}-{bits >> 80 & 0xFFFF:04x}-4{bits >> 68 & 0xFFF:03x}-a{bits >> 56 & 0xFFF:03x}-{bits & 0xFFFFFFFFFFFF:012x}"


def record(chance, account, region, time, identity, address, client, service, name, reads, parameters, answer, denied=False):
    data = name in ("GetObject", "PutObject")
    error = f'"errorCode":"AccessDenied","errorMessage":"is not authorized to perform: {service}:{name} because no identity-based policy allows the {service}:{name} action",' if denied else ""
    return (
        f'{{"eventVersion":"1.11","userIdentity":{identity},"eventTime":"{time}","eventSource":"{service}.amazonaws.com","eventName":"{name}",'
        f'"awsRegion":"{region}","sourceIPAddress":"{address}","userAgent":"{client}",{error}"requestParameters":{parameters},"responseElements":{answer},'
        f'"requestID":"{chance.getrandbits(64):016X}","eventID":"{event_id(chance)}","readOnly":{str(reads).lower()},"eventType":"AwsApiCall",'
        f'"managementEvent":{str(not data).lower()},"recipientAccountId":"{account}","eventCategory":"{"Data" if data else "Management"}",'
        f'"tlsDetails":{{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"{service}.{region}.amazonaws.com"}}}}'
    )


def sign_in(chance, account, region, time, address):
    user = chance.randrange(USERS)
    outcome = chance.choice(["Success", "Success", "Failure"])
    mfa = chance.choice(["Yes", "Yes", "No"])
    identity = f'{{"type":"IAMUser","principalId":"AIDA{user:016d}","arn":"arn:aws:iam::{account}:user/user-{user}","accountId":"{account}","userName":"user-{user}"}}'
    failed = '"errorMessage":"Failed authentication",' if outcome == "Failure" else ""
    return (
        f'{{"eventVersion":"1.09","userIdentity":{identity},"eventTime":"{time}","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"{region}",'
        f'"sourceIPAddress":"{address}","userAgent":"Mozilla/5.0",{failed}"requestParameters":null,"responseElements":{{"ConsoleLogin":"{outcome}"}},'
        f'"additionalEventData":{{"LoginTo":"https://console.aws.amazon.com/console/home","MobileVersion":"No","MFAUsed":"{mfa}"}},"eventID":"{event_id(chance)}",'
        f'"readOnly":false,"eventType":"AwsConsoleSignIn","managementEvent":true,"recipientAccountId":"{account}","eventCategory":"Management",'
        f'"tlsDetails":{{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"{region}.signin.aws.amazon.com"}}}}'
    )


# What the intruder does, in this order: service, operation, denied.
INTRUSION = [("sts", "GetCallerIdentity", False)] + [
    (service, name, True)
    for service, name in [
        ("iam", "ListUsers"), ("iam", "ListRoles"), ("iam", "GetAccountSummary"), ("ec2", "DescribeInstances"), ("s3", "ListBuckets"),
        ("kms", "ListKeys"), ("rds", "DescribeDBInstances"), ("lambda", "ListFunctions20150331"), ("logs", "DescribeLogGroups"),
        ("ssm", "DescribeParameters"), ("secretsmanager", "ListSecrets"), ("organizations", "DescribeOrganization"),
    ]
] + [("sts", "AssumeRole", False), ("secretsmanager", "GetSecretValue", False), ("iam", "CreateAccessKey", False), ("cloudtrail", "StopLogging", False)]


def intrusion(begin, region):
    """The records of the intruder, with a key that somebody lost."""
    chance = random.Random("intruder")
    identity = f'{{"type":"IAMUser","principalId":"AIDA{3:016d}","arn":"{INTRUDER}","accountId":"{INTRUDER_ACCOUNT}","accessKeyId":"{INTRUDER_KEY}","userName":"user-3"}}'
    client = "Boto3/1.26.0 Python/3.11 Linux/6.1-kali"
    for number, (service, name, denied) in enumerate(INTRUSION):
        time = stamp(begin + timedelta(seconds=20 * number))
        parameters, answer = "{}", "null"
        if name == "AssumeRole":
            session_identity, _, (parameters, answer) = session(chance, INTRUDER_ACCOUNT, (identity, INTRUDER_KEY), time)
        text = record(chance, INTRUDER_ACCOUNT, region, time, identity, INTRUDER_ADDRESS, client, service, name, denied, parameters, answer, denied)
        if name == "AssumeRole":
            identity = session_identity
        if number == 0:
            drawn = json.loads(text)["eventID"]
            text = text.replace(drawn, INTRUDER_EVENT)
        yield text


def authorization_details(account):
    """What `aws iam get-account-authorization-details` says of an account."""
    allow = {"Statement": [{"Sid": "Work", "Effect": "Allow", "Action": ["s3:*", "ec2:*", "kms:*", "logs:*", "ssm:*", "sts:*", "dynamodb:*"], "Resource": "*"}]}
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}]}
    inline = [{"PolicyName": "work", "PolicyDocument": allow}]
    made = "2025-01-01T00:00:00+00:00"
    user = lambda n: {"Path": "/", "UserName": f"user-{n}", "UserId": f"AIDA{n:016d}", "Arn": f"arn:aws:iam::{account}:user/user-{n}", "CreateDate": made, "UserPolicyList": inline, "GroupList": [], "AttachedManagedPolicies": []}
    role = lambda n: {"Path": "/", "RoleName": f"role-{n}", "RoleId": f"AROA{n:016d}", "Arn": f"arn:aws:iam::{account}:role/role-{n}", "CreateDate": made, "AssumeRolePolicyDocument": trust, "InstanceProfileList": [], "RolePolicyList": inline, "AttachedManagedPolicies": []}
    return {"UserDetailList": [user(n) for n in range(USERS)], "GroupDetailList": [], "RoleDetailList": [role(n) for n in range(ROLES)], "Policies": []}
