"""Reads a Parquet file to its end in a process of its own: a hostile file may break that process, and no other.

`python -m intake.parquet_probe FILE`, with the names of columns as JSON on stdin, prints the number of rows.
"""

import json
import resource
import subprocess
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import polars as pl

CHUNK_ROWS = 50_000
MAX_ADDRESS_BYTES = 16 * 1024**3
LEAST_SECONDS, BYTES_A_SECOND = 20, 2_000_000


def probe(path: Path, columns: Iterable[str]) -> int | None:
    """The number of rows of a Parquet file whose named columns can all be read; None where they cannot."""
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter on our own module
            [sys.executable, "-m", "intake.parquet_probe", str(path.absolute())],
            input=json.dumps(sorted(columns)),
            capture_output=True,
            text=True,
            timeout=LEAST_SECONDS + path.stat().st_size / BYTES_A_SECOND,
            cwd=Path(__file__).parents[1],
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return int(done.stdout) if done.returncode == 0 else None


def _read_to_the_end(path: str, columns: set[str]) -> int:
    file = pl.scan_parquet(path, glob=False)
    named = [name for name in file.collect_schema() if unicodedata.normalize("NFC", name) in columns]
    rows = int(file.select(pl.len()).collect().item())
    for start in range(0, rows if named else 0, CHUNK_ROWS):
        file.select(named).slice(start, CHUNK_ROWS).collect()
    return rows


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MAX_ADDRESS_BYTES, MAX_ADDRESS_BYTES))
    print(_read_to_the_end(sys.argv[1], set(json.load(sys.stdin))))
