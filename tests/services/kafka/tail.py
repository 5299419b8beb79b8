"""What a tail costs, how late it is, and that nothing is missed.

    python tail.py BINARY JARS WORK_DIRECTORY [--rate N] [--seconds N] [--files]

Records come at a steady rate, from Kafka or, with --files, in compressed files
that appear in a directory; first with nobody looking on, then with a tail and one
that stands still (stopped by a signal). Half-way the tail is killed and started
again with its cursor file; together both must have shown every event. What the
daemon and the tail take of a processor is said in microseconds an event.
"""

import argparse
import contextlib
import gzip
import multiprocessing
import os
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
# A file has the records of so many seconds.
FILE_SECONDS = 0.1
CHANGE_EVERY = 20_000
EVENT_ID = re.compile(rb'"eventID": ?"00000000-0000-4000-8000-(\d{12})"')


def main():
    parser = argparse.ArgumentParser()
    for name in ("binary", "jars"):
        parser.add_argument(name)
    parser.add_argument("work", type=Path)
    parser.add_argument("--rate", type=int, default=50_000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--files", action="store_true", help="records come in files and not from Kafka")
    args = parser.parse_args()
    args.work.mkdir(parents=True)
    address = f"127.0.0.1:{free_ports(1)[0]}"
    with contextlib.ExitStack() as stack:
        source = Files(args, address) if args.files else Topic(stack.enter_context(Server(args.jars, args.work / "kafka")))
        config = source.configure(args.work / "trailwright.toml", f'[service]\nlisten = "{address}"\n')
        with Daemons(args.binary, config, str(args.work / "lake")) as daemons:
            daemons.start("a")
            source.wait_for_reader(daemons)
            source.prepare(0, args.rate * args.seconds)
            daemon = daemons.running["a"]
            before = processor_seconds(daemon)
            alone = send(args, source, daemons, first=0)
            report("nobody looks on", args, alone, daemon=processor_seconds(daemon) - before)
            beside = with_tails(args, source, daemons, address)
            print(f"throughput with tails: {beside / alone:.1%} of that without")
            daemons.stop()
    if beside < 0.95 * alone:
        raise SystemExit("FAILED: a tail costs more than 5 %")


def report(what, args, rate, **seconds):
    """`seconds`: of a processor, by who took them."""
    each = ", ".join(f"{who} {taken / (args.rate * args.seconds) * 1e6:.1f} µs" for who, taken in seconds.items())
    print(f"{what}: {rate:,.0f} events a second; processor time an event: {each}", flush=True)


def processor_seconds(process):
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Topic:
    """Messages, a tenth of them twice, and poison."""

    def __init__(self, server):
        server.create(TOPIC, PARTITIONS)
        self.brokers = server.brokers

    def configure(self, path, more):
        return configure(path, self.brokers, more, seconds_max=0.5)

    def wait_for_reader(self, daemons):
        daemons.wait_for("reading")

    def prepare(self, first, count):
        """Nothing: records are made while they are sent."""

    def send_steadily(self, rate, first, count, sent):
        load = Load(self.brokers, 1, change_every=CHANGE_EVERY)
        load.events = first
        for numbers in paced(rate, TICK, first, count, sent):
            load.send(len(numbers), fast_record)
        load.flush()

    def wait_until_stored(self, daemons, count):
        daemons.wait_until_stored(Load(self.brokers, 1, change_every=CHANGE_EVERY).ends(), within=3600)


class Files:
    """Files as a trail delivers them, written beforehand and renamed."""

    def __init__(self, args, address):
        self.address, self.stored = address, 0
        self.rate, self.staged, self.place = args.rate, args.work / "staged", args.work / "logs"
        self.staged.mkdir()
        self.place.mkdir()

    def configure(self, path, more):
        path.write_text(f'[commit]\nseconds_max = 0.5\nrelabel_seconds = 5\n{more}[source.objects]\nplaces = ["{self.place}"]\nlook_seconds = {FILE_SECONDS}\n')
        return path

    def wait_for_reader(self, daemons):
        ready = ["curl", "--silent", "--fail", "--output", "/dev/null", "--retry", "60", "--retry-all-errors", "--retry-delay", "1"]
        subprocess.run([*ready, f"http://{self.address}/readyz"], check=True)

    def prepare(self, first, count):
        for numbers in ticks(self.rate, FILE_SECONDS, first, count):
            records = b",".join(fast_record(number, CHANGE_EVERY) for number in numbers)
            document = gzip.compress(b'{"Records":[' + records + b"]}", compresslevel=1)
            (self.staged / name_of(numbers)).write_bytes(document)

    def send_steadily(self, rate, first, count, sent):
        for numbers in paced(rate, FILE_SECONDS, first, count, sent):
            (self.staged / name_of(numbers)).rename(self.place / name_of(numbers))

    def wait_until_stored(self, daemons, count):
        wanted = self.stored + count
        while self.stored < wanted:
            stored = re.search(r"stored ([\d,]+) new event", daemons.wait_for("stored"))
            self.stored += int(stored[1].replace(",", ""))


def name_of(numbers):
    return f"{numbers[0]:012d}.json.gz"


def ticks(rate, seconds, first, count):
    """The numbers of the records of each tick."""
    each = int(rate * seconds)
    return (range(begin, begin + each) for begin in range(first, first + count, each))


def paced(rate, seconds, first, count, sent):
    """The same, when it is time; notes when records were sent."""
    due = time.monotonic()
    for numbers in ticks(rate, seconds, first, count):
        due += seconds
        time.sleep(max(0, due - time.monotonic()))
        if sent is not None:
            now = time.monotonic()
            for number in numbers:
                if number % TIMED_EVERY == 0:
                    sent[(number - first) // TIMED_EVERY] = now
        yield numbers


def send(args, source, daemons, first, sent=None):
    """Events a second, from the first one sent to the last one stored."""
    count = args.rate * args.seconds
    started = time.monotonic()
    # A process of its own: what reads must not wait for what sends.
    sender = multiprocessing.Process(target=source.send_steadily, args=(args.rate, first, count, sent))
    sender.start()
    sender.join()
    if sender.exitcode != 0:
        raise SystemExit("FAILED: the sender stopped")
    source.wait_until_stored(daemons, count)
    return count / (time.monotonic() - started)


class Tail:
    """A tail that notes which events it showed, and when."""

    def __init__(self, binary, address, first, count):
        self.command = [binary, "tail", "--from", address, "-f", "-n", "0", "--format", "raw", "--cursor-file"]
        self.first, self.shown, self.seen_at = first, bytearray(count), {}
        self.processor_seconds = 0

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
        self.processor_seconds += processor_seconds(self.process)
        self.process.kill()
        self.process.wait()
        self.reader.join()


def with_tails(args, source, daemons, address):
    count = args.rate * args.seconds
    first, cursor = count, args.work / "cursor"
    source.prepare(first, count)
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
    daemon = daemons.running["a"]
    daemon_before, own_before = processor_seconds(daemon), time.process_time()
    rate = send(args, source, daemons, first, sent)
    timer.join()
    until = time.monotonic() + 60
    while sum(tail.shown) < count and time.monotonic() < until:
        daemons.line(0.5)
    daemon_took = processor_seconds(daemon) - daemon_before
    tail.kill()
    own_took = time.process_time() - own_before
    stalled.kill()
    stalled.send_signal(signal.SIGCONT)
    report("with a tail and one that stands still", args, rate, daemon=daemon_took, tail=tail.processor_seconds, reader=own_took)
    expect("events shown by the tail before and after it was killed", sum(tail.shown), count)
    # What was sent while nobody was looking is late by nature.
    fair = {place: at - sent[place] for place, at in tail.seen_at.items() if not killed_at[0] - 5 < at < killed_at[0] + 15}
    waits = sorted(fair.values())
    p99 = waits[len(waits) * 99 // 100]
    print(f"source to tail: p50 {waits[len(waits) // 2]:.2f} s, p99 {p99:.2f} s, of {len(waits)} events timed", flush=True)
    if p99 > 1:
        raise SystemExit("FAILED: the tail is later than a second")
    return rate


if __name__ == "__main__":
    main()
