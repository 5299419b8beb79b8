"""Three daemons on one lake over a real Kafka, killed again and again.

    python crash_test.py BINARY JARS WORK_DIRECTORY [--records N] [--kills N] [--test-binary PATH]
"""

import argparse
import random
import time
from pathlib import Path

from deltalake import DeltaTable

from daemon import STEPS, Daemons, configure, ingest
from kafka_server import Server
from load import PARTITIONS, TOPIC, Load

NAMES = ("a", "b", "c")


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("jars")
    parser.add_argument("work", type=Path)
    parser.add_argument("--records", type=int, default=12_000)
    parser.add_argument("--kills", type=int, default=24)
    parser.add_argument("--seed", type=int, default=20260301)
    parser.add_argument("--test-binary")
    return parser.parse_args()


def disturb(daemons, turn, chance, test_binary):
    """One is killed: at any moment, or at a named step of a commit; or it is
    silent until others took over, and then goes on as if it owned the same."""
    name = chance.choice(NAMES)
    kinds = ("anywhere", "anywhere", "silent") if test_binary is None else ("anywhere", "step", "silent")
    match kinds[turn % 3]:
        case "anywhere":
            # Progress first, so that kills meet commits and not only starts.
            for _ in range(chance.randrange(1, 4)):
                daemons.line()
            daemons.line(within=chance.uniform(0, 1))
            daemons.kill(name)
        case "step":
            daemons.kill(name)
            daemons.start(name, step=STEPS[turn // 3 % len(STEPS)])
            # A step that this batch does not take is not reached.
            daemons.wait_for("standing still", within=20, of=name, needed=False)
            daemons.kill(name)
        case "silent":
            daemons.pause(name)
            daemons.wait_for("reading", within=20, of=[other for other in NAMES if other != name], needed=False)
            daemons.resume(name)
            daemons.line(within=chance.uniform(0, 2))
            daemons.kill(name)
    daemons.start(name)


def main():
    args = arguments()
    args.work.mkdir(parents=True)
    lake, undisturbed = str(args.work / "lake"), str(args.work / "undisturbed")
    chance, started = random.Random(args.seed), time.monotonic()
    with Server(args.jars, args.work / "kafka") as server:
        server.create(TOPIC, PARTITIONS)
        load = Load(server.brokers, args.seed, change_every=max(100, args.records // 500))
        config = configure(args.work / "trailwright.toml", server.brokers)
        with Daemons(args.binary, config, lake, args.test_binary, static=True) as daemons:
            for name in NAMES:
                daemons.start(name)
            for turn in range(args.kills):
                load.send(args.records // args.kills)
                load.flush()
                disturb(daemons, turn, chance, args.test_binary)
            daemons.wait_until_stored(load.ends(), within=max(300, args.records / 200))
            daemons.stop()
        load.write(args.work / "all.jsonl")
        ingest(args.binary, undisturbed, args.work / "all.jsonl")
        print(f"{load.messages} messages, {args.kills} kills, {time.monotonic() - started:.0f} s")
        load.check(lake, undisturbed)
    events = DeltaTable(f"{lake}/events")
    written, named = len(list(Path(lake, "events").rglob("*.parquet"))), len(events.file_uris())
    print(f"{events.version()} versions, {written} files written, {named} of them named by commits")


main()
