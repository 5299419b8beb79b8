"""Needles and hunts on one lake, beside DuckDB on the same files.

    python bench.py BINARY [--events N] [--work DIRECTORY] [--raw-seconds-max S]

Generates N events (generate.py), ingests and compacts them, and asks each
question of the command and of DuckDB: cold, that is with empty caches of files,
if it may empty them (root on Linux), and warm, the best of up to three. The command's
time is all of it, from the start of the process to its end; DuckDB's is without
the start of Python. DuckDB reads the live Parquet files of the lake, and for
needles the log files too, as they were delivered. It is asked a hunt when it
understands the hunt's SQL, with macros for our functions; the rows must be as
many. A question that the command does not answer is a row that says so, and the
bench fails at its end.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from deltalake import DeltaTable

from generate import generate
from questions import COLUMNS, NEEDLES, REPOSITORY, hunts

HERE = Path(__file__).parent
# Views of other readers' column names are not asked for by any hunt.
VIEWS = ["named_events", "sign_ins", "denials", "role_sessions", "iam_changes", "principals", "access_keys"]
# Our functions, as far as DuckDB has their like.
MACROS = [
    # A number is a place in an array, everything else the name of a member.
    """CREATE MACRO step(part) AS CASE WHEN typeof(part) LIKE '%INT%' THEN '[' || part || ']' ELSE '."' || part || '"' END""",
    """CREATE MACRO json_get(document, a) AS json_extract_string(document, '$' || step(a)),
         (document, a, b) AS json_extract_string(document, '$' || step(a) || step(b)),
         (document, a, b, c) AS json_extract_string(document, '$' || step(a) || step(b) || step(c)),
         (document, a, b, c, d) AS json_extract_string(document, '$' || step(a) || step(b) || step(c) || step(d))""",
    """CREATE MACRO json_get_array(document) AS CAST(document AS JSON[]),
         (document, a) AS CAST(json_extract(document, '$' || step(a)) AS JSON[]),
         (document, a, b) AS CAST(json_extract(document, '$' || step(a) || step(b)) AS JSON[]),
         (document, a, b, c) AS CAST(json_extract(document, '$' || step(a) || step(b) || step(c)) AS JSON[])""",
    """CREATE MACRO arn_part(arn, part) AS CASE part
         WHEN 'partition' THEN split_part(arn, ':', 2) WHEN 'service' THEN split_part(arn, ':', 3)
         WHEN 'region' THEN split_part(arn, ':', 4) WHEN 'account' THEN nullif(split_part(arn, ':', 5), '')
         WHEN 'resource' THEN array_to_string(split(arn, ':')[6:], ':')
         WHEN 'resource_type' THEN regexp_extract(arn, '^(?:[^:]*:){5}([^:/]+)[:/]', 1) END""",
    # Generated addresses are of version 4.
    """CREATE MACRO address(text) AS CASE WHEN regexp_full_match(text, '[0-9]+([.][0-9]+){3}') THEN
         split_part(text, '.', 1)::BIGINT * 16777216 + split_part(text, '.', 2)::BIGINT * 65536
         + split_part(text, '.', 3)::BIGINT * 256 + split_part(text, '.', 4)::BIGINT END""",
    """CREATE MACRO cidr_contains(network, text) AS
         address(text) >> (32 - split_part(network, '/', 2)::INT) = address(split_part(network, '/', 1)) >> (32 - split_part(network, '/', 2)::INT)""",
    "CREATE MACRO regexp_like(text, pattern) AS regexp_matches(text, pattern)",
]
WARM_SECONDS = 10
PRUNED = ["files_ranges_pruned_statistics", "row_groups_pruned_statistics", "row_groups_pruned_bloom_filter", "page_index_pages_pruned", "bytes_scanned"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--events", type=int, default=20_000_000)
    parser.add_argument("--work", type=Path, help="where logs and lake go (default: a temporary directory, removed at the end)")
    parser.add_argument("--raw-seconds-max", type=float, default=1800, help="when DuckDB on the log files is given up; 0 leaves it out")
    args = parser.parse_args()
    work = args.work or Path(tempfile.mkdtemp())
    try:
        Bench(args, work).run()
    finally:
        if not args.work:
            shutil.rmtree(work)


class Bench:
    def __init__(self, args, work):
        self.args, self.work, self.lake = args, work, str(work / "lake")
        self.is_cold = can_empty_caches()
        self.failed = []

    def run(self):
        if not Path(self.lake).exists():
            self.fill()
        table = DeltaTable(f"{self.lake}/events")
        files = table.file_uris()
        size = sum(os.path.getsize(it.removeprefix("file://")) for it in files)
        print(f"the lake: {len(files)} files, {size / 1e9:.2f} GB", flush=True)
        if not self.is_cold:
            print("caches cannot be emptied here (root on Linux can): only warm figures")
        setups = {"parquet": self.setup(parquet_view(files)), "raw": self.setup(raw_view(self.work / "logs"))}
        print("\n| question | rows | cold | DuckDB cold | × | warm | DuckDB warm | × | DuckDB on log files |\n|---|---|---|---|---|---|---|---|---|")
        nothing = ["query", "--lake", self.lake, "--output", "csv", "select 1"]
        self.row("(start: `select 1`)", nothing, None, setups)
        for name, (column, path, value) in NEEDLES.items():
            sql = f"SELECT {COLUMNS} FROM events WHERE {column} = '{value}' ORDER BY event_time"
            raw = f"SELECT record FROM records WHERE record->>'{path}' = '{value}'"
            self.row(name, self.query(sql), sql, setups, raw)
        for hunt in hunts():
            command = [*hunt.arguments(), "--lake", self.lake, "--output", "csv"]
            self.row(hunt.name, command, in_duckdb(hunt.with_literals()), setups)
        print("\n| needle | " + " | ".join(PRUNED) + " |\n|---|" + "---|" * len(PRUNED))
        for name, (column, _, value) in NEEDLES.items():
            self.pruned(name, f"SELECT {COLUMNS} FROM events WHERE {column} = '{value}'")
        if self.failed:
            raise SystemExit(f"FAILED: {', '.join(self.failed)}")

    def fill(self):
        started = time.monotonic()
        size = generate(self.work, self.args.events)
        print(f"{self.args.events:,} events, {size / 1e9:.2f} GB of JSON, generated in {time.monotonic() - started:.0f} s", flush=True)
        for command in (
            ["ingest", "--lake", self.lake, "--policies", str(self.work / "policies"), str(self.work / "logs")],
            ["compact", "--lake", self.lake, "--full"],
        ):
            started = time.monotonic()
            subprocess.run([self.args.binary, "-q", *command], check=True, stdout=subprocess.DEVNULL)
            seconds = time.monotonic() - started
            print(f"trailwright {command[0]}: {seconds:.0f} s, {self.args.events / seconds:,.0f} events a second", flush=True)

    def setup(self, view):
        views = [f"CREATE VIEW {name} AS {in_duckdb((REPOSITORY / 'query/views' / f'{name}.sql').read_text())}" for name in VIEWS]
        return self.file(";\n".join([view, *MACROS, *views]))

    def file(self, text):
        path = self.work / f"{abs(hash(text))}.sql"
        path.write_text(text)
        return path

    def query(self, sql):
        return ["query", "--lake", self.lake, "--output", "csv", sql]

    def row(self, name, command, sql, setups, raw=None):
        try:
            cold, warm, rows = self.measure(lambda: self.ours(command))
        except NotAnswered as error:
            print(f"| {name} | {error} |", flush=True)
            self.failed.append(name)
            return
        duck_cold = duck_warm = on_logs = None
        why = ""
        if sql:
            question = self.file(sql)
            try:
                duck_cold, duck_warm, duck_rows = self.measure(lambda: duck(setups["parquet"], question))
                if duck_rows != rows:
                    why = f"DuckDB: {duck_rows} rows"
            except NotUnderstood as error:
                why = str(error)
        if raw and self.args.raw_seconds_max:
            on_logs = self.on_logs(setups["raw"], self.file(raw))
        cells = [name, str(rows), seconds(cold), seconds(duck_cold), ratio(cold, duck_cold), seconds(warm), seconds(duck_warm), ratio(warm, duck_warm), on_logs or ""]
        print(f"| {' | '.join(cells)} |{' <!-- ' + why + ' -->' if why else ''}", flush=True)

    def on_logs(self, setup, question):
        try:
            return seconds(duck(setup, question, self.args.raw_seconds_max)[0])
        except subprocess.TimeoutExpired:
            return f"> {self.args.raw_seconds_max:.0f} s"

    def measure(self, ask):
        """Seconds cold, or None; the best seconds warm of three, or of what is
        asked within WARM_SECONDS; rows."""
        cold = None
        if self.is_cold:
            empty_caches()
            cold, _ = ask()
        warm = []
        while len(warm) < 3 and sum(it[0] for it in warm) < WARM_SECONDS:
            warm.append(ask())
        return cold, min(it[0] for it in warm), warm[0][1]

    def ours(self, command):
        started = time.monotonic()
        done = subprocess.run([self.args.binary, "-q", *command], capture_output=True, text=True)
        elapsed = time.monotonic() - started
        if done.returncode:
            raise NotAnswered(f"ended with {done.returncode}: {done.stderr.strip()}")
        return elapsed, rows_of(done.stdout)

    def pruned(self, name, sql):
        plan = subprocess.run([self.args.binary, "-q", *self.query("EXPLAIN ANALYZE " + sql)], capture_output=True, text=True, check=True).stdout
        found = {metric: re.findall(rf"{metric}=([^,\]]+)", plan) for metric in PRUNED}
        print(f"| {name} | " + " | ".join(found[metric][-1] if found[metric] else "-" for metric in PRUNED) + " |", flush=True)


def in_duckdb(sql):
    """What DuckDB calls otherwise."""
    sql = re.sub(r"\b(first|last)_value\((?=[^()]* ORDER BY)", r"\1(", sql)
    return re.sub(r"\bmake_array\(", "list_value(", sql)


class NotAnswered(Exception):
    """The command ended with an error, or was killed."""


class NotUnderstood(Exception):
    """DuckDB does not take the SQL."""


def duck(setup, question, seconds_max=None):
    done = subprocess.run([sys.executable, HERE / "duck.py", setup, question], capture_output=True, text=True, timeout=seconds_max)
    if done.returncode:
        raise NotUnderstood(done.stderr.strip().splitlines()[-1])
    elapsed, rows = done.stdout.split()
    return float(elapsed), int(rows)


def parquet_view(files):
    names = json.dumps([it.removeprefix("file://") for it in files]).replace('"', "'")
    return f"CREATE VIEW events AS SELECT * FROM read_parquet({names}, hive_partitioning = true)"


def raw_view(logs):
    read = f"read_json('{logs}/**/*.json.gz', columns = {{Records: 'JSON[]'}}, maximum_object_size = 134217728)"
    return f"CREATE VIEW records AS SELECT unnest(Records) AS record FROM {read}"


def rows_of(csv):
    """Rows of a CSV with a header, whose cells may have several lines."""
    outside = csv.split('"')[::2]
    return sum(part.count("\n") for part in outside) - 1


def can_empty_caches():
    try:
        empty_caches()
    except OSError:
        return False
    return True


def empty_caches():
    os.sync()
    Path("/proc/sys/vm/drop_caches").write_text("3")


def seconds(value):
    return "" if value is None else f"{value:.2f} s"


def ratio(ours, theirs):
    return "" if ours is None or theirs is None else f"{theirs / ours:.1f}"


if __name__ == "__main__":
    main()
