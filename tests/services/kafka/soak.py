"""One daemon at full speed for a while: memory, files, lag.

    python soak.py BINARY JARS WORK_DIRECTORY [--minutes N]

Sends as fast as Python and Kafka can while the daemon reads, in its default
configuration, and looks every ten seconds.
"""

import argparse
import threading
import time
from pathlib import Path

from deltalake import DeltaTable

from daemon import Daemons, configure
from kafka_server import Server
from load import PARTITIONS, TOPIC, Load, expect, fast_record

LOOK_EVERY = 10
# Of event time. A message comes again within some minutes of it.
PER_SECOND, AGAIN_WITHIN = 5_000, 1_000_000
# Messages that may wait in Kafka before the sender waits.
LAG_MAX = 2_000_000


def memory_mib(process, which):
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith(which)).split()[1]) / 1024


class Sender(threading.Thread):
    def __init__(self, load):
        super().__init__(daemon=True)
        self.load, self.done, self.may_send = load, threading.Event(), threading.Event()
        self.may_send.set()

    def run(self):
        while not self.done.is_set():
            self.may_send.wait()
            self.load.send(10_000, fast_record)
        self.load.flush()


def main():
    parser = argparse.ArgumentParser()
    for name in ("binary", "jars"):
        parser.add_argument(name)
    parser.add_argument("work", type=Path)
    parser.add_argument("--minutes", type=float, default=30)
    args = parser.parse_args()
    args.work.mkdir(parents=True)
    lake = args.work / "lake"
    with Server(args.jars, args.work / "kafka") as server:
        server.create(TOPIC, PARTITIONS)
        load = Load(server.brokers, 1, change_every=20_000, per_second=PER_SECOND, again_within=AGAIN_WITHIN)
        config = configure(args.work / "trailwright.toml", server.brokers, seconds_max=5)
        with Daemons(args.binary, config, str(lake)) as daemons:
            daemons.start("a")
            sender = Sender(load)
            sender.start()
            looks = watch(daemons, sender, load, lake, args.minutes * 60)
            sender.done.set()
            sender.may_send.set()
            sender.join()
            daemons.wait_until_stored(load.ends(), within=3600)
            daemons.stop()
        events = DeltaTable(f"{lake}/events")
        rows = events.to_pyarrow_dataset().count_rows()
        expect("events", rows, load.events)
    third = max(1, len(looks) // 3)
    first, last = max(looks[:third]), max(looks[-third:])
    print(f"memory at most in the first third {first:.0f} MiB, in the last {last:.0f} MiB")


def watch(daemons, sender, load, lake, seconds):
    """Memory at each look."""
    looks, started = [], time.monotonic()
    print("seconds  stored/s  waiting  resident MiB  files written  files named", flush=True)
    before = 0
    while (now := time.monotonic() - started) < seconds:
        look_at = time.monotonic() + LOOK_EVERY
        while (left := look_at - time.monotonic()) > 0:
            daemons.line(left)
        stored = sum(daemons.stand.values())
        waiting = load.messages - stored
        if waiting > LAG_MAX:
            sender.may_send.clear()
        elif waiting < LAG_MAX / 2:
            sender.may_send.set()
        looks.append(memory_mib(daemons.running["a"], "VmRSS"))
        written = sum(1 for _ in Path(lake, "events").rglob("*.parquet"))
        named = len(DeltaTable(f"{lake}/events").file_uris()) if (lake / "events" / "_delta_log").exists() else 0
        print(f"{now:7.0f}  {(stored - before) / LOOK_EVERY:8.0f}  {waiting:7}  {looks[-1]:12.0f}  {written:13}  {named:11}", flush=True)
        before = stored
    print(f"memory at its highest (VmHWM): {memory_mib(daemons.running['a'], 'VmHWM'):.0f} MiB")
    return looks


main()
