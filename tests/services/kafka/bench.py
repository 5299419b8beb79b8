"""The daemon beside others that read the same records, and how long an event
takes to be seen.

    python bench.py BINARY JARS WORK_DIRECTORY [--records N]

Throughput, one after the other on the same machine: a librdkafka consumer that
discards what it reads; the daemon, from its first assignment to the last
position, labels included; `trailwright ingest` of the same records as JSON
lines; DuckDB and ClickHouse (chdb), which parse the same JSON lines into
columns and write Parquet with zstd, without routing, labels or duplicates.
"""

import argparse
import json
import subprocess
import threading
import time
from pathlib import Path

import chdb
import duckdb
from confluent_kafka import Consumer

from daemon import Daemons, configure, ingest
from kafka_server import Server, free_ports
from load import PARTITIONS, TOPIC, Load, fast_record, record

PROBES, PROBES_PER_SECOND = 200, 5
LISTEN = f"127.0.0.1:{free_ports(1)[0]}"
SERVICE = f'[service]\nlisten = "{LISTEN}"\n'


def main():
    parser = argparse.ArgumentParser()
    for name in ("binary", "jars"):
        parser.add_argument(name)
    parser.add_argument("work", type=Path)
    parser.add_argument("--records", type=int, default=1_000_000)
    args = parser.parse_args()
    args.work.mkdir(parents=True)
    with Server(args.jars, args.work / "kafka") as server:
        server.create(TOPIC, PARTITIONS)
        load = Load(server.brokers, 1, change_every=20_000)
        load.send(args.records, fast_record)
        load.flush()
        path = args.work / "all.jsonl"
        load.write(path, fast_record)
        print(f"{load.messages} messages of {load.events} records, {path.stat().st_size / load.events:.0f} bytes each")
        report("consumer that discards (confluent-kafka, 10,000 messages a call)", load.messages, discard(server, load))
        daemon(args, server, load)
        report("trailwright ingest of JSON lines", load.events, timed(ingest, args.binary, str(args.work / "ingested"), path))
        report("DuckDB to Parquet", load.events, timed(with_duckdb, path, args.work / "duckdb.parquet"))
        report("ClickHouse (chdb) to Parquet", load.events, timed(with_clickhouse, path, args.work / "clickhouse.parquet"))


def timed(call, *args):
    started = time.monotonic()
    call(*args)
    return time.monotonic() - started


def report(what, count, seconds):
    print(f"{what}: {count / seconds:,.0f} a second ({seconds:.1f} s)", flush=True)


def discard(server, load):
    consumer = Consumer({"bootstrap.servers": server.brokers, "group.id": "discards", "auto.offset.reset": "earliest"})
    consumer.subscribe([TOPIC])
    read, started = 0, None
    while read < load.messages:
        messages = consumer.consume(10_000, timeout=0.1)
        # From the first message on: joining a group is not reading.
        started = started or (time.monotonic() if messages else None)
        read += len(messages)
    seconds = time.monotonic() - started
    consumer.close()
    return seconds


def daemon(args, server, load):
    lake = str(args.work / "lake")
    # The longest wait that answers may have (the default), then a short one.
    config = configure(args.work / "trailwright.toml", server.brokers, SERVICE, seconds_max=5)
    with Daemons(args.binary, config, lake) as daemons:
        daemons.start("a")
        daemons.wait_for("reading")
        report("trailwright run", load.messages, timed(daemons.wait_until_stored, load.ends(), 7200))
        latency(args, daemons, load, lake, "seconds_max = 5")
        daemons.stop()
    config = configure(args.work / "trailwright.toml", server.brokers, SERVICE, seconds_max=0.5)
    with Daemons(args.binary, config, lake) as daemons:
        daemons.start("a")
        daemons.wait_for("reading")
        latency(args, daemons, load, lake, "seconds_max = 0.5")
        daemons.stop()


def latency(args, daemons, load, lake, setting):
    """From the call that sends an event to the end of the first query, and to
    the first line of `tail --follow`, of the daemon and of the lake, that shows
    it."""
    sent, seen, shown, shown_of_lake = {}, {}, {}, {}
    tails = []
    for place, times in ((["--from", LISTEN], shown), (["--lake", lake], shown_of_lake)):
        tail = subprocess.Popen([args.binary, "tail", *place, "-f", "-n", "0", "--format", "raw"], stdout=subprocess.PIPE, text=True)
        threading.Thread(target=read_tail, args=(tail, times), daemon=True).start()
        tails.append(tail)
    first = load.events
    sender = threading.Thread(target=send_probes, args=(load, sent), daemon=True)
    sender.start()
    sql = f"select event_id from events where event_id >= '{record(first, 1)['eventID']}'"
    while len(seen) < PROBES:
        done = subprocess.run([args.binary, "query", "--lake", lake, "--output", "jsonl", sql], capture_output=True, text=True, check=True)
        now = time.monotonic()
        for line in done.stdout.splitlines():
            seen.setdefault(json.loads(line)["event_id"], now)
    sender.join()
    until = time.monotonic() + 10
    while any(it not in shown or it not in shown_of_lake for it in sent) and time.monotonic() < until:
        daemons.line(0.1)
    for tail in tails:
        tail.kill()
    for what, times in (("a query", seen), ("a tail of the daemon", shown), ("a tail of the lake", shown_of_lake)):
        waits = sorted(times[it] - sent[it] for it in sent if it in times)
        if len(waits) < PROBES:
            raise SystemExit(f"FAILED: {len(waits)} of {PROBES} events came to {what}")
        print(f"{setting}: Kafka to {what}: p50 {waits[len(waits) // 2]:.2f} s, p99 {waits[len(waits) * 99 // 100]:.2f} s", flush=True)


def send_probes(load, sent):
    due = time.monotonic()
    for _ in range(PROBES):
        due += 1 / PROBES_PER_SECOND
        threading.Event().wait(max(0, due - time.monotonic()))
        sent[record(load.events, load.change_every)["eventID"]] = time.monotonic()
        load.send(1)
        load.producer.flush()


def read_tail(tail, shown):
    for line in tail.stdout:
        shown.setdefault(json.loads(line)["eventID"], time.monotonic())


def with_duckdb(path, to):
    duckdb.connect().execute(
        f"copy (select * from read_json('{path}', format = 'newline_delimited', union_by_name = true)) to '{to}' (format parquet, compression zstd)"
    )


def with_clickhouse(path, to):
    chdb.query(
        f"insert into function file('{to}', Parquet) select * from file('{path}', JSONEachRow) "
        "settings output_format_parquet_compression_method = 'zstd', input_format_json_try_infer_named_tuples_from_objects = 1"
    )


main()
