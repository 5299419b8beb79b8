"""Two daemons on one lake over a real Kafka, killed again and again.

    python crash_test.py BINARY BROKERS WORK_DIRECTORY

Every eventID must be in `events` once, every poison message in `rejected`
once, and the lake's positions must be the ends of the topic partitions.
"""

import json
import queue
import random
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from deltalake import DeltaTable

BINARY, BROKERS, WORK = sys.argv[1], sys.argv[2], Path(sys.argv[3])
TOPIC, PARTITIONS, KILLS, PER_KILL = "cloudtrail", 8, 20, 1000
CHANCE = random.Random(20260301)
LAKE = str(WORK / "lake")


def record(number):
    return {
        "eventVersion": "1.08",
        "eventID": f"00000000-0000-4000-8000-{number:012d}",
        "eventTime": f"2026-03-0{1 + number % 3}T10:{number % 60:02d}:00Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "awsRegion": ("eu-west-1", "us-east-1")[number % 2],
        "recipientAccountId": "111122223333",
    }


class Load:
    """What was sent, and how often."""

    def __init__(self):
        self.producer = Producer({"bootstrap.servers": BROKERS, "linger.ms": 5})
        self.events = self.poison = 0

    def send(self):
        """New events, a tenth of them twice, and some poison."""
        for _ in range(PER_KILL):
            self.events += 1
            message = json.dumps(record(self.events)).encode()
            self._produce(message)
            if self.events % 10 == 0:
                self._produce(message)
            if self.events % 50 == 0:
                self.poison += 1
                self._produce(f"poison {self.poison}".encode())
        self.producer.flush()

    def _produce(self, message):
        self.producer.produce(TOPIC, message, partition=CHANCE.randrange(PARTITIONS))
        self.producer.poll(0)


class Daemon:
    """One instance; its lines go into a queue that all share."""

    def __init__(self, name, lines):
        self.process = subprocess.Popen(
            [BINARY, "--config", str(WORK / "trailwright.toml"), "run", "--lake", LAKE, "-X", f"group.instance.id={name}"],
            stderr=subprocess.PIPE,
            text=True,
        )
        threading.Thread(target=self._read, args=(lines,), daemon=True).start()

    def _read(self, lines):
        for line in self.process.stderr:
            lines.put(line.rstrip())

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        if self.process.wait(timeout=60) != 0:
            raise SystemExit(f"FAILED: the daemon stopped with {self.process.returncode}")


def ends():
    consumer = Consumer({"bootstrap.servers": BROKERS, "group.id": "ends"})
    watermarks = {n: consumer.get_watermark_offsets(TopicPartition(TOPIC, n), timeout=30) for n in range(PARTITIONS)}
    consumer.close()
    return {number: high for number, (_, high) in watermarks.items()}


def wait_until_stored(lines, wanted):
    stand = {}
    while stand != wanted:
        line = lines.get(timeout=120)
        for number, offset in re.findall(rf"{TOPIC}/(\d+) (?:at|from) (\d+)", line):
            stand[int(number)] = max(stand.get(int(number), 0), int(offset))


def expect(name, found, wanted):
    if found != wanted:
        raise SystemExit(f"FAILED {name}: {found!r} instead of {wanted!r}")
    print(f"ok {name}: {found}")


def column(table, name):
    return DeltaTable(f"{LAKE}/{table}").to_pyarrow_dataset().to_table(columns=[name]).column(name).to_pylist()


def main():
    (WORK / "trailwright.toml").write_text(
        f'[commit]\nseconds_max = 0.3\n[source.kafka]\ntopics = ["{TOPIC}"]\n[source.kafka.properties]\n'
        f'"bootstrap.servers" = "{BROKERS}"\n"group.id" = "audit"\n"session.timeout.ms" = 3000\n"heartbeat.interval.ms" = 500\n'
    )
    admin = AdminClient({"bootstrap.servers": BROKERS})
    created = admin.create_topics([NewTopic(TOPIC, PARTITIONS, 1)], operation_timeout=60, request_timeout=60)
    created[TOPIC].result(timeout=90)

    lines, load = queue.Queue(), Load()
    daemons = {name: Daemon(name, lines) for name in ("a", "b")}
    started = time.monotonic()
    for _ in range(KILLS):
        load.send()
        name = CHANCE.choice(("a", "b"))
        # Progress first, so that the kills meet commits and not only starts;
        # then any moment of the next commit.
        for _ in range(CHANCE.randrange(1, 4)):
            lines.get(timeout=120)
        try:
            lines.get(timeout=CHANCE.uniform(0, 1))
        except queue.Empty:
            pass
        daemons[name].kill()
        daemons[name] = Daemon(name, lines)
    load.send()
    # A fresh pair says where the lake stands.
    for name in daemons:
        daemons[name].kill()
    while not lines.empty():
        lines.get()
    daemons = {name: Daemon(name, lines) for name in daemons}
    wanted = ends()
    wait_until_stored(lines, wanted)
    for daemon in daemons.values():
        daemon.stop()

    ids = column("events", "event_id")
    expect(f"events after {KILLS + 2} kills: each once", (len(ids), len(set(ids))), (load.events, load.events))
    poison = column("rejected", "source")
    expect("poison: each once", (len(poison), len(set(poison))), (load.poison, load.poison))
    events = DeltaTable(f"{LAKE}/events")
    positions = {n: events.transaction_version(f"kafka/{TOPIC}/{n}") for n in range(PARTITIONS)}
    expect("positions in the lake are the ends of the topic partitions", positions, wanted)
    written, named = len(list(Path(LAKE, "events").rglob("*.parquet"))), len(events.file_uris())
    print(f"{events.version()} versions, {written} files written, {named} of them named by commits, {time.monotonic() - started:.0f} s")


main()
