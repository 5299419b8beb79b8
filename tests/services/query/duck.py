"""One question to DuckDB, in a process of its own: prints seconds and rows.

    python duck.py SETUP.sql QUESTION.sql

Python's start and the import are not counted; the connection, the setup and the
question are.
"""

import sys
import time
from pathlib import Path

import duckdb


def main():
    setup, question = (Path(path).read_text() for path in sys.argv[1:])
    started = time.monotonic()
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for statement in setup.split(";\n"):
        try:
            connection.execute(statement)
        except duckdb.Error:
            # A view or a function of ours that DuckDB cannot have. What asks for it fails.
            pass
    try:
        rows = connection.execute(question).fetchall()
    except duckdb.Error as error:
        raise SystemExit(f"{type(error).__name__}: {str(error).splitlines()[0]}") from None
    print(time.monotonic() - started, len(rows))


if __name__ == "__main__":
    main()
