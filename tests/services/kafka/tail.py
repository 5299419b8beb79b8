"""What a tail costs, how late it is, and that nothing is missed.

    python tail.py BINARY JARS WORK_DIRECTORY [--rate N] [--seconds N]

Sends records at a steady rate, first with nobody looking on, then with a tail
and one that stands still (stopped by a signal). Half-way the tail is killed and
started again with its cursor file; together both must have shown every event.
"""

import argparse
import multiprocessing
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

from daemon import Daemons, configure
from kafka_server import Server, free_ports
from load import PARTITIONS, TOPIC, Load, expect, fast_record

# Of so many events one is timed.
TIMED_EVERY = 97
TICK = 0.01
EVENT_ID = re.compile(rb'"eventID": ?"00000000-0000-4000-8000-(\d{12})"')


def main():
    parser = argparse.ArgumentParser()
    for name in ("binary", "jars"):
        parser.add_argument(name)
    parser.add_argument("work", type=Path)
    parser.add_argument("--rate", type=int, default=50_000)
    parser.add_argument("--seconds", type=int, default=60)
    args = parser.parse_args()
    args.work.mkdir(parents=True)
    address = f"127.0.0.1:{free_ports(1)[0]}"
    with Server(args.jars, args.work / "kafka") as server:
        server.create(TOPIC, PARTITIONS)
        config = configure(args.work / "trailwright.toml", server.brokers, seconds_max=0.5, more=f'[service]\nlisten = "{address}"\n')
        with Daemons(args.binary, config, str(args.work / "lake")) as daemons:
            daemons.start("a")
            daemons.wait_for("reading")
            alone = send(args, server, daemons, first=0)
            report("nobody looks on", alone)
            beside = with_tails(args, server, daemons, address)
            report("with a tail and one that stands still", beside)
            print(f"throughput with tails: {beside / alone:.1%} of that without")
            daemons.stop()
    if beside < 0.95 * alone:
        raise SystemExit("FAILED: a tail costs more than 5 %")


def report(what, rate):
    print(f"{what}: {rate:,.0f} events a second", flush=True)


def send(args, server, daemons, first, sent=None):
    """Events a second, from the first one sent to the last one stored."""
    count = args.rate * args.seconds
    started = time.monotonic()
    # A process of its own: what reads must not wait for what sends.
    sender = multiprocessing.Process(target=send_steadily, args=(server.brokers, args.rate, first, count, sent))
    sender.start()
    while sender.is_alive():
        daemons.line(0.1)
    if sender.exitcode != 0:
        raise SystemExit("FAILED: the sender stopped")
    ends = Load(server.brokers, 1, change_every=20_000).ends()
    daemons.wait_until_stored(ends, within=3600)
    return count / (time.monotonic() - started)


def send_steadily(brokers, rate, first, count, sent):
    load = Load(brokers, 1, change_every=20_000)
    load.events = first
    due = time.monotonic()
    while load.events < first + count:
        due += TICK
        time.sleep(max(0, due - time.monotonic()))
        if sent is not None:
            now = time.monotonic()
            for number in range(load.events, load.events + int(rate * TICK)):
                if number % TIMED_EVERY == 0:
                    sent[(number - first) // TIMED_EVERY] = now
        load.send(int(rate * TICK), fast_record)
    load.flush()


class Tail:
    """A tail that notes which events it showed, and when."""

    def __init__(self, binary, address, first, count):
        self.command = [binary, "tail", "--from", address, "-f", "-n", "0", "--format", "raw", "--cursor-file"]
        self.first, self.shown, self.seen_at = first, bytearray(count), {}

    def start(self, cursor):
        self.process = subprocess.Popen([*self.command, str(cursor)], stdout=subprocess.PIPE)
        self.reader = threading.Thread(target=self._read, args=(self.process,))
        self.reader.start()

    def _read(self, process):
        for line in process.stdout:
            number = int(EVENT_ID.search(line)[1])
            place = number - self.first
            if 0 <= place < len(self.shown):
                self.shown[place] = 1
                if number % TIMED_EVERY == 0:
                    self.seen_at.setdefault(place // TIMED_EVERY, time.monotonic())

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()


def with_tails(args, server, daemons, address):
    count = args.rate * args.seconds
    first, cursor = count, args.work / "cursor"
    sent = multiprocessing.Array("d", count // TIMED_EVERY + 2, lock=False)
    tail = Tail(args.binary, address, first, count)
    tail.start(cursor)
    stalled = subprocess.Popen([args.binary, "tail", "--from", address, "-f", "-n", "0"], stdout=subprocess.DEVNULL)
    while not cursor.exists():
        daemons.line(0.1)
    stalled.send_signal(signal.SIGSTOP)
    killed_at = []

    def kill_and_resume():
        tail.kill()
        killed_at.append(time.monotonic())
        tail.start(cursor)

    timer = threading.Timer(args.seconds / 2, kill_and_resume)
    timer.start()
    rate = send(args, server, daemons, first, sent)
    timer.join()
    until = time.monotonic() + 60
    while sum(tail.shown) < count and time.monotonic() < until:
        daemons.line(0.5)
    tail.kill()
    stalled.kill()
    stalled.send_signal(signal.SIGCONT)
    expect("events shown by the tail before and after it was killed", sum(tail.shown), count)
    # What was sent while nobody was looking is late by nature.
    fair = {place: at - sent[place] for place, at in tail.seen_at.items() if not killed_at[0] - 5 < at < killed_at[0] + 15}
    waits = sorted(fair.values())
    p99 = waits[len(waits) * 99 // 100]
    print(f"Kafka to tail: p50 {waits[len(waits) // 2]:.2f} s, p99 {p99:.2f} s, of {len(waits)} events timed", flush=True)
    if p99 > 1:
        raise SystemExit("FAILED: the tail is later than a second")
    return rate


if __name__ == "__main__":
    main()
