"""What is asked: needles, and the hunts of query/hunts with values for what
they take."""

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from generate import DAYS, INTRUDER, INTRUDER_ADDRESS, INTRUDER_EVENT, INTRUDER_KEY, START, stamp

REPOSITORY = Path(__file__).resolve().parents[3]
COLUMNS = "event_time, event_name, source_ip_address, raw"
# Column of the lake, path in the record, value.
NEEDLES = {
    "event ID": ("event_id", "$.eventID", INTRUDER_EVENT),
    "access key": ("user_identity_access_key_id", "$.userIdentity.accessKeyId", INTRUDER_KEY),
    "source address": ("source_ip_address", "$.sourceIPAddress", INTRUDER_ADDRESS),
    "principal": ("principal_arn", "$.userIdentity.arn", INTRUDER),
}
SINCE = START + timedelta(days=DAYS * 3 / 4)
VALUES = {
    "access_key": INTRUDER_KEY,
    "cidr": f"{INTRUDER_ADDRESS}/32",
    "principal": INTRUDER,
    "arn": "arn:aws:s3:::data-7",
    "at": stamp(START + timedelta(days=DAYS / 2)),
}


@dataclass
class Hunt:
    name: str
    sql: str
    parameters: dict  # name: (kind, value or None)
    needs_since: bool

    def arguments(self):
        """As a command line of `trailwright hunt`."""
        given = [f"--param={name}={value}" for name, (_, value) in self.parameters.items() if name in VALUES and value == VALUES[name]]
        return ["hunt", self.name, *given, *(["--since", stamp(SINCE)] if self.needs_since else [])]

    def with_literals(self):
        """The statement with values in place of its parameters."""
        since = ("time", stamp(SINCE) if self.needs_since else None)
        values = self.parameters | {"since": since, "until": ("time", None)}
        return re.sub(r"\$([a-z_]+)", lambda it: literal(*values[it[1]]), self.sql)


def literal(kind, value):
    types = {"text": "VARCHAR", "network": "VARCHAR", "integer": "BIGINT", "duration": "INTERVAL", "time": "TIMESTAMPTZ"}
    if value is None:
        return f"CAST(NULL AS {types[kind]})"
    if kind == "integer":
        return str(value)
    if kind == "duration":
        number, unit = int(value[:-1]), {"m": "minutes", "h": "hours", "d": "days"}[value[-1]]
        return f"INTERVAL '{number} {unit}'"
    return f"CAST('{value}' AS {types[kind]})"


def hunts():
    """All but those that ask where addresses are: the generated ones are nowhere."""
    paths = sorted((REPOSITORY / "query" / "hunts").glob("*.sql"))
    return [read(path) for path in paths if "-- geo: required" not in path.read_text()]


def read(path):
    sql = path.read_text()
    parameters = {}
    for name, kind, presence in re.findall(r"^-- parameter: (\w+) (\w+) (required|optional|= \w+);", sql, re.M):
        default = presence.removeprefix("= ") if presence.startswith("=") else None
        parameters[name] = (kind, VALUES[name] if presence == "required" else default)
    return Hunt(path.stem, sql, parameters, "-- window: required" in sql)
