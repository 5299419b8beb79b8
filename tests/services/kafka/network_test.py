"""Two daemons between a Kafka that is killed, an S3 server, and wires that break.

    python network_test.py BINARY JARS WORK_DIRECTORY [--only PART_OF_NAME]
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

import boto3

from daemon import Daemons, configure, ingest
from kafka_server import Server, free_ports
from load import PARTITIONS, TOPIC, Load
from proxy import Proxy

PER_ROUND = 400
# How long a wire is cut: longer than a session (3 s), so that topic partitions move.
CUT = 6
BUCKET = "lake"


def s3_server(work):
    (port,) = free_ports(1)
    log = open(work / "s3.log", "wb")
    moto = Path(sys.executable).with_name("moto_server")
    process = subprocess.Popen([moto, "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log)
    endpoint = f"http://127.0.0.1:{port}"
    waiting = ["curl", "--silent", "--output", "/dev/null", "--retry", "60", "--retry-connrefused", "--retry-delay", "1", endpoint]
    subprocess.run(waiting, check=True)
    boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket=BUCKET)
    return process, port, endpoint


def main():
    parser = argparse.ArgumentParser()
    for name in ("binary", "jars"):
        parser.add_argument(name)
    parser.add_argument("work", type=Path)
    parser.add_argument("--only", help="a part of the name of what happens")
    args = parser.parse_args()
    args.work.mkdir(parents=True)
    os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
    s3, s3_port, endpoint = s3_server(args.work)
    to_store, to_kafka = Proxy(s3_port), Proxy()
    try:
        with Server(args.jars, args.work / "kafka", advertised=to_kafka.port) as server:
            to_kafka.target = server.behind
            server.create(TOPIC, PARTITIONS)
            disturbed(args, server, to_kafka, to_store, endpoint)
    finally:
        s3.kill()


def disturbed(args, server, to_kafka, to_store, endpoint):
    lake = f"s3://{BUCKET}/prod"
    load = Load(server.brokers, 7, change_every=50)
    more = f'[s3]\nendpoint = "http://127.0.0.1:{to_store.port}"\nregion = "us-east-1"\n'
    config = configure(args.work / "trailwright.toml", f"127.0.0.1:{to_kafka.port}", more)

    def killed_and_started_again():
        server.kill()
        server.start()

    rounds = {
        "nothing": lambda: None,
        "Kafka is killed and started again": killed_and_started_again,
        "the wire to Kafka breaks": to_kafka.break_off,
        "the wire to Kafka hangs": to_kafka.hang,
        "the wire to the store breaks": to_store.break_off,
        "the wire to the store hangs": to_store.hang,
        "Kafka and the store are away": lambda: (to_kafka.hang(), to_store.break_off()),
    }
    with Daemons(args.binary, config, lake) as daemons:
        # One that finds no store when it starts ends, for its supervisor to start it again.
        for name in ("a", "b"):
            daemons.start(name)
            daemons.wait_for("reading", of=[name])
        for name, begin in rounds.items():
            if args.only and args.only not in name:
                continue
            started = time.monotonic()
            # Before, so that it meets what is being stored, and meanwhile.
            load.send(PER_ROUND)
            load.flush()
            daemons.line()
            begin()
            load.send(PER_ROUND)
            daemons.wait_for("never said", within=CUT, needed=False)
            to_kafka.mend()
            to_store.mend()
            load.flush()
            daemons.wait_until_stored(load.ends())
            print(f"ok {name}: all is stored {time.monotonic() - started:.0f} s after the first message", flush=True)
        daemons.stop()
    undisturbed = str(args.work / "undisturbed")
    load.write(args.work / "all.jsonl")
    ingest(args.binary, undisturbed, args.work / "all.jsonl")
    storage = {"AWS_ENDPOINT_URL": endpoint, "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1"}
    load.check(lake, undisturbed, storage)


main()
