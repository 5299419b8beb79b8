"""Records of roles whose policies change, and what must become of them."""

import json
import random

from confluent_kafka import Consumer, Producer, TopicPartition
from deltalake import DeltaTable

TOPIC, PARTITIONS, ROLES = "cloudtrail", 8, 20
LABELS = ["event_id", "decision", "cause_type", "cause_policy", "cause", "principal_arn", "agreement", "agreement_class", "agreement_reason"]
ACCOUNT = "111122223333"
ALLOW = '{"Statement":[{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}]}'
TRUST = '{"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'


def event_time(number, per_second):
    day, second = divmod(number // per_second, 86_400)
    return f"2026-{1 + day // 28:02d}-{1 + day % 28:02d}T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z"


def is_change(number, change_every):
    return number < ROLES or number % change_every == 0


def record(number, change_every, per_second=1):
    """Record `number`, of so many a second. The first make the roles; later, every
    so often, a role gets a policy or loses it; all others are calls of roles."""
    base = {
        "eventVersion": "1.11",
        "eventID": f"00000000-0000-4000-8000-{number:012d}",
        "eventTime": event_time(number, per_second),
        "awsRegion": ("eu-west-1", "us-east-1")[number % 2],
        "eventType": "AwsApiCall",
        "recipientAccountId": ACCOUNT,
        "sourceIPAddress": "203.0.113.10",
        "userAgent": "aws-sdk-java/2.29.0",
    }
    if is_change(number, change_every):
        turn, role = divmod(number if number < ROLES else number // change_every + ROLES, ROLES)
        name = ("CreateRole", "PutRolePolicy", "DeleteRolePolicy")[turn and 1 + (turn - 1) % 2]
        parameters = {"roleName": f"worker-{role}"}
        if name == "CreateRole":
            parameters["assumeRolePolicyDocument"] = TRUST
        else:
            parameters["policyName"] = "work"
        if name == "PutRolePolicy":
            parameters["policyDocument"] = ALLOW
        user = {"type": "IAMUser", "accountId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:user/dana", "userName": "dana"}
        return base | {"eventSource": "iam.amazonaws.com", "eventName": name, "awsRegion": "us-east-1", "userIdentity": user, "requestParameters": parameters}
    role = f"worker-{number % ROLES}"
    issuer = {"type": "Role", "accountId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:role/{role}", "userName": role}
    caller = {
        "type": "AssumedRole",
        "accountId": ACCOUNT,
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/job-{number % 7}",
        "sessionContext": {"sessionIssuer": issuer},
    }
    return base | {"eventSource": "s3.amazonaws.com", "eventName": "ListBuckets", "userIdentity": caller}


def encoded(number, change_every, per_second=1):
    return json.dumps(record(number, change_every, per_second)).encode()


TEMPLATES = {}


def fast_record(number, change_every, per_second=1):
    """As `encoded`, three times as fast: only the ID and the time are put in."""
    if is_change(number, change_every):
        return encoded(number, change_every, per_second)
    like = (number % ROLES, number % 7, number % 2)
    if like not in TEMPLATES:
        text = json.dumps(record(number, change_every, per_second))
        for part in (f"{number:012d}", event_time(number, per_second)):
            text = text.replace(part, "%s")
        TEMPLATES[like] = text
    return (TEMPLATES[like] % ("%012d" % number, event_time(number, per_second))).encode()


class Load:
    """What was sent, and how often: a tenth twice, now or later (at most
    `again_within` events later), and poison."""

    def __init__(self, brokers, seed, change_every, per_second=1, again_within=None):
        self.brokers, self.chance = brokers, random.Random(seed)
        self.change_every, self.per_second, self.again_within = change_every, per_second, again_within
        self.producer = Producer({"bootstrap.servers": brokers, "log_level": 2, "linger.ms": 5, "enable.idempotence": True, "queue.buffering.max.messages": 200_000})
        self.events = self.poison = self.messages = 0

    def send(self, count, make=encoded):
        for _ in range(count):
            message = make(self.events, self.change_every, self.per_second)
            self._produce(message)
            if self.events % 10 == 0:
                oldest = max(0, self.events - self.again_within) if self.again_within else 0
                again = self.chance.choice((self.events, self.chance.randrange(oldest, self.events + 1)))
                self._produce(make(again, self.change_every, self.per_second))
            if self.events % 50 == 0:
                self.poison += 1
                self._produce(f"poison {self.poison}".encode())
            self.events += 1

    def flush(self):
        left = self.producer.flush(120)
        if left:
            raise SystemExit(f"FAILED: {left} messages did not get to Kafka")

    def _produce(self, message):
        while True:
            try:
                self.producer.produce(TOPIC, message, partition=self.chance.randrange(PARTITIONS))
                break
            except BufferError:
                self.producer.poll(1)
        self.messages += 1
        self.producer.poll(0)

    def ends(self):
        """The next offset of each topic partition."""
        consumer = Consumer({"bootstrap.servers": self.brokers, "log_level": 2, "group.id": "ends"})
        ends = {n: consumer.get_watermark_offsets(TopicPartition(TOPIC, n), timeout=60)[1] for n in range(PARTITIONS)}
        consumer.close()
        return ends

    def write(self, path, make=encoded):
        """All events once, a line each."""
        with open(path, "wb") as file:
            for number in range(self.events):
                file.write(make(number, self.change_every, self.per_second) + b"\n")

    def check(self, lake, undisturbed, storage=None):
        """Every event once, every poison message once, positions at the ends,
        labels as in a lake that nothing disturbed."""
        table = DeltaTable(f"{lake}/events", storage_options=storage)
        labels = labels_of(table)
        ids = labels.column("event_id").to_pylist()
        expect("events: each once", (len(ids), len(set(ids))), (self.events, self.events))
        rejected = DeltaTable(f"{lake}/rejected", storage_options=storage)
        rows = rejected.to_pyarrow_dataset().to_table(columns=["source"])
        sources = rows.column("source").to_pylist()
        expect("poison: each once", (len(sources), len(set(sources))), (self.poison, self.poison))
        positions = {n: table.transaction_version(f"kafka/{TOPIC}/{n}") for n in range(PARTITIONS)}
        expect("positions in the lake are the ends of the topic partitions", positions, self.ends())
        calm = labels_of(DeltaTable(f"{undisturbed}/events"))
        decisions = calm.column("decision").value_counts().to_pylist()
        pairs = zip(labels.to_pylist(), calm.to_pylist(), strict=True)
        different = [pair for pair in pairs if pair[0] != pair[1]]
        for found, wanted in different[:3]:
            print(f"label {found}\n   not {wanted}")
        counted = ", ".join(f"{it['counts']} {it['values']}" for it in decisions)
        expect(f"labels other than undisturbed ({counted})", len(different), 0)
        if len(decisions) < 3:
            raise SystemExit("FAILED: the labels do not tell a right run from a wrong one")


def labels_of(table):
    return table.to_pyarrow_dataset().to_table(columns=LABELS).sort_by("event_id")


def expect(name, found, wanted):
    if found != wanted:
        raise SystemExit(f"FAILED {name}: {found!r} instead of {wanted!r}")
    print(f"ok {name}: {found}", flush=True)
