"""The lake over a real S3-compatible server, read by readers that are not ours.

    python lake_test.py BINARY S3_ENDPOINT WORK_DIRECTORY
"""

import gzip
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import boto3
import duckdb
import duckdb_extensions
import polars
from deltalake import DeltaTable

BINARY, ENDPOINT, WORK = sys.argv[1], sys.argv[2], Path(sys.argv[3])
FILES, PER_FILE = 6, 40
STORAGE = {
    "AWS_ENDPOINT_URL": ENDPOINT,
    "AWS_ALLOW_HTTP": "true",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "us-east-1",
}


def record(number):
    """One record; every tenth is a sign-in at the global endpoint."""
    day = 1 + number % 3
    base = {
        "eventVersion": "1.08",
        "eventID": f"00000000-0000-4000-8000-{number:012d}",
        "eventTime": f"2026-03-0{day}T10:{number % 60:02d}:00Z",
        "recipientAccountId": "111122223333",
        "userIdentity": {
            "type": "IAMUser",
            "accountId": "111122223333",
            "arn": "arn:aws:iam::111122223333:user/dana",
            "userName": "dana",
            "accessKeyId": "AKIAEXAMPLE000000001",
        },
        "sourceIPAddress": "203.0.113.10",
        "userAgent": "test",
    }
    if number % 10 == 0:
        return base | {
            "eventSource": "signin.amazonaws.com",
            "eventName": "ConsoleLogin",
            "awsRegion": "us-east-1",
            "eventType": "AwsConsoleSignIn",
            "additionalEventData": {"MFAUsed": "Yes"},
            "responseElements": {"ConsoleLogin": "Success"},
            "tlsDetails": {"clientProvidedHostHeader": "signin.aws.amazon.com"},
        }
    return base | {
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "awsRegion": "eu-west-1",
        "eventType": "AwsApiCall",
        "requestParameters": {"bucketName": "example", "key": str(number)},
    }


def log_file(index):
    records = [record(index * PER_FILE + n) for n in range(PER_FILE)]
    return gzip.compress(json.dumps({"Records": records}).encode())


def trailwright(*args, check=True):
    done = subprocess.run(
        [BINARY, "--config", str(WORK / "trailwright.toml"), *args],
        capture_output=True,
        text=True,
    )
    if check and done.returncode != 0:
        raise SystemExit(f"trailwright {' '.join(args)} ended with {done.returncode}:\n{done.stderr}")
    return done


def query(lake, sql):
    out = trailwright("query", "--lake", lake, "--output", "jsonl", sql).stdout
    return [json.loads(line) for line in out.splitlines()]


def count(lake):
    return query(lake, "select count(*) as n, count(distinct event_id) as ids from events")[0]


def wait_for_server():
    # The connection is refused until the server listens; curl's own retry
    # waits for exactly that and for a bounded time.
    subprocess.run(
        ["curl", "--silent", "--output", "/dev/null", "--retry", "60", "--retry-connrefused", "--retry-delay", "1", ENDPOINT],
        check=True,
    )


def expect(name, found, wanted):
    if found != wanted:
        raise SystemExit(f"FAILED {name}: {found!r} instead of {wanted!r}")
    print(f"ok {name}: {found}")
    expect.passed += 1


expect.passed = 0


def s3_lake():
    s3 = boto3.client("s3", endpoint_url=ENDPOINT, region_name="us-east-1")
    for bucket in ("logs", "lake"):
        s3.create_bucket(Bucket=bucket)
    for index in range(FILES):
        key = f"AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/01/111122223333_CloudTrail_eu-west-1_20260301T10{index:02d}Z_aaaaaaaaaaaaaaaa.json.gz"
        s3.put_object(Bucket="logs", Key=key, Body=log_file(index))
    rows = FILES * PER_FILE

    trailwright("ingest", "--lake", "s3://lake/prod", "s3://logs/AWSLogs/")
    expect("S3 to S3: every record once", count("s3://lake/prod"), {"n": rows, "ids": rows})
    trailwright("ingest", "--lake", "s3://lake/prod", "s3://logs/AWSLogs/")
    expect("S3 again: nothing new", count("s3://lake/prod"), {"n": rows, "ids": rows})
    table = DeltaTable("s3://lake/prod/events", storage_options=STORAGE)
    expect("deltalake (Python) reads the lake in S3", table.to_pyarrow_dataset().count_rows(), rows)

    running = [
        subprocess.Popen(
            [BINARY, "--config", str(WORK / "trailwright.toml"), "ingest", "--lake", "s3://lake/rivals", "s3://logs/AWSLogs/"],
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    failed = [error for process in running for error in [process.communicate()[1]] if process.returncode != 0]
    expect("three rival writers all end well", failed, [])
    expect("three rival writers: every record once", count("s3://lake/rivals"), {"n": rows, "ids": rows})
    doctor_of(s3)
    pack_of(s3)


def doctor_of(s3):
    def checks(lake):
        out = trailwright("doctor", "--lake", lake, "--output", "json", check=False).stdout
        return {check["check"]: check for check in map(json.loads, out.splitlines())}

    found = checks("s3://lake/prod")
    well = {name: found[name]["status"] for name in ("store", "lake", "clock")}
    expect("the doctor finds the lake in S3 well", well, {"store": "ok", "lake": "ok", "clock": "ok"})
    listed = s3.list_objects_v2(Bucket="lake", Prefix="prod/trailwright-doctor")
    expect("the doctor leaves nothing behind", listed["KeyCount"], 0)
    fix = checks("s3://nowhere/prod")["store"]["fix"]
    expect("the doctor knows a bucket that is not there", fix, "make the bucket, or mend its name in --lake")


def pack_of(s3):
    """An evidence pack of the lake in S3, put into S3."""
    period = ["--since", "2026-03-01", "--until", "2026-04-01"]

    def run(out, check=True):
        return trailwright("report", "run", "logging-health", "--lake", "s3://lake/prod", *period, "--out", out, check=check)

    run("s3://lake/evidence/pack.zip")
    pack = s3.get_object(Bucket="lake", Key="evidence/pack.zip")["Body"].read()
    kept = WORK / "pack.zip"
    kept.write_bytes(pack)
    with zipfile.ZipFile(kept) as files:
        expect("a pack in S3 has its manifest", "manifest.json" in files.namelist(), True)
    expect("a pack in S3 is as it was made", trailwright("report", "verify", str(kept)).returncode, 0)
    expect("a pack in S3 is not overwritten", run("s3://lake/evidence/pack.zip", check=False).returncode != 0, True)
    run(str(WORK / "again.zip"))
    expect("the same question gives the same bytes", (WORK / "again.zip").read_bytes() == pack, True)


class Follower:
    """A daemon that follows the bucket."""

    def __init__(self, lake):
        self.process = subprocess.Popen(
            [BINARY, "--config", str(WORK / "trailwright.toml"), "run", "--lake", lake, "--follow", "s3://logs/AWSLogs/"],
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_for(self, part):
        """Ends with the process at the latest, which then closes its end."""
        said = []
        for line in self.process.stderr:
            said.append(line)
            if part in line:
                return
        raise SystemExit(f"the daemon never said {part!r}:\n{''.join(said)}")

    def wait_for_files(self, count):
        """So many files, in however many commits."""
        for line in self.process.stderr:
            count -= sum(int(files) for files in re.findall(r"; (\d+) files?\b", line))
            if count <= 0:
                return
        raise SystemExit(f"the daemon ended {count} files too early")


def s3_follower():
    s3 = boto3.client("s3", endpoint_url=ENDPOINT, region_name="us-east-1")
    lake, rows = "s3://lake/followed", FILES * PER_FILE
    late = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/01/01/111122223333_CloudTrail_eu-west-1_20260101T0000Z_aaaaaaaaaaaaaaaa.json.gz"
    follower = Follower(lake)
    follower.wait_for_files(FILES)
    s3.put_object(Bucket="logs", Key=late, Body=log_file(FILES))
    follower.wait_for(f"stored {PER_FILE} new events")
    follower.process.kill()
    follower.process.wait()
    # Other content under the same name, while nobody looks.
    s3.put_object(Bucket="logs", Key=late, Body=log_file(FILES + 1))
    follower = Follower(lake)
    follower.wait_for(f"stored {PER_FILE} new events")
    follower.process.terminate()
    expect("the follower ends well", follower.process.wait(), 0)
    rows += 2 * PER_FILE
    expect("followed: every record once", count(lake), {"n": rows, "ids": rows})
    ledger = query(lake, "select count(*) as files, count(distinct source) as names from files")[0]
    expect("followed: every content of every file once", ledger, {"files": FILES + 2, "names": FILES + 1})


def local_lake():
    logs, lake = WORK / "logs", str(WORK / "lake")
    logs.mkdir()
    for index in range(FILES):
        (logs / f"{index}.json.gz").write_bytes(log_file(index))
    trailwright("ingest", "--lake", lake, str(logs))
    outside(lake, FILES * PER_FILE)

    invictus = Path(os.environ.get("TRAILWRIGHT_SHARED", "../shared")) / "records" / "invictus"
    if not invictus.is_dir():
        print("skipped: no public records beside the clone (TRAILWRIGHT_SHARED)")
        return
    real = str(WORK / "invictus")
    trailwright("ingest", "--lake", real, str(invictus))
    outside(real, 2900)


def outside(lake, rows):
    """Readers that are not ours see what our own query sees."""
    events = f"{lake}/events"
    by_decision = {row["decision"]: row["n"] for row in query(lake, "select decision, count(*) as n from events group by 1")}
    expect("our own query", sum(by_decision.values()), rows)

    frame = polars.read_delta(events)
    expect("Polars reads the Delta table", frame.height, rows)
    grouped = {row["decision"]: row["len"] for row in frame.group_by("decision").len().to_dicts()}
    expect("Polars sees the same decisions", grouped, by_decision)

    duckdb_extensions.import_extension("delta")
    connection = duckdb.connect()
    connection.execute("LOAD delta")
    delta = connection.execute(f"select count(*), count(distinct event_id) from delta_scan('{events}')").fetchone()
    expect("DuckDB reads the Delta table", delta, (rows, rows))
    files = connection.execute(
        f"select count(*), min(event_date)::varchar, count(distinct trail_region) from read_parquet('{events}/*/*/*.parquet', hive_partitioning = true)"
    ).fetchone()
    ours = query(lake, "select count(*) as n, cast(min(event_date) as varchar) as first, count(distinct trail_region) as regions from events")[0]
    expect("DuckDB reads the Parquet files themselves", files, (ours["n"], ours["first"], ours["regions"]))


def main():
    (WORK / "trailwright.toml").write_text(
        f'[s3]\nendpoint = "{ENDPOINT}"\nregion = "us-east-1"\n'
        "[commit]\nseconds_max = 0.5\n[source.objects]\nlook_seconds = 0.2\n"
    )
    wait_for_server()
    s3_lake()
    s3_follower()
    local_lake()
    print(f"{expect.passed} passed, 0 failed")


if __name__ == "__main__":
    main()
