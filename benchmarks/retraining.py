"""Time and memory of `counteroffer train` on as many contracts as asked for, told again from the simulated history.

    python -m benchmarks.retraining --rows 1000000

Every contract is one of its own: ids are new, and what it uses is moved by up to a fifth, so that no two are alike.
Memory is what the process and all its children hold together (proportional set size, shared pages counted once).
"""

import argparse
import os
import platform
import resource
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.home import COUNTEROFFER, MAPPING, ROOT, prepare_home

MOST_SECONDS, MOST_GIB = 300, 4.0
MOVED = ("sms_par_mois", "data_mo_par_mois", "voix_min_par_mois")
NAMES = ("numero_contrat", "numero_client")
LOOK_EVERY_SECONDS = 0.25
GIB = 1024 * 1024


def main() -> None:
    """Prepare, measure, print; nothing here fails for being slow."""
    parser = argparse.ArgumentParser(description="time and memory of retraining")
    parser.add_argument("--rows", type=int, default=1_000_000, help="contracts to learn from")
    rows = parser.parse_args().rows
    history = prepare_home().folder / "market" / "history.csv"
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}", flush=True)
    with tempfile.TemporaryDirectory(prefix="retraining-") as name:
        folder = Path(name)
        write_history(history, folder / "history.csv", rows)
        size = (folder / "history.csv").stat().st_size / 1024 / GIB
        print(f"{rows:,} contracts, {size:.2f} GiB of CSV", flush=True)
        places = ("--mapping", MAPPING, "--out", folder / "releases", "--keys", folder / "keys")
        seconds, gib = measure([str(COUNTEROFFER), "train", "--data", str(folder / "history.csv"), *map(str, places)])
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{seconds:.0f} s (aim: under {MOST_SECONDS}), {gib:.2f} GiB at most (aim: under {MOST_GIB:.0f})")
    print(f"{spent.ru_utime + spent.ru_stime:.0f} s of processor time in all")
    print(f"load at the end {os.getloadavg()[0]:.1f}")


def write_history(source: Path, target: Path, rows: int) -> None:
    """A history of so many contracts, from the rows of another."""
    told = pl.read_csv(source, separator=";", infer_schema=False)
    drawn = np.arange(rows) % told.height
    rng = np.random.default_rng(rows)
    moved = [
        (told[name].cast(pl.Float64)[drawn] * rng.uniform(0.8, 1.2, rows)).round().cast(pl.Int64).cast(pl.String)
        for name in MOVED
    ]
    named = [(told[name][drawn] + "-" + pl.Series(np.arange(rows)).cast(pl.String)).alias(name) for name in NAMES]
    told[drawn].with_columns(*moved, *named).write_csv(target, separator=";")


def measure(command: list[str]) -> tuple[float, float]:
    """Seconds and the most GiB of a command and its children. Raises CalledProcessError where it fails."""
    began, most, ended = time.perf_counter(), [0], threading.Event()
    with subprocess.Popen(command, cwd=ROOT) as process:
        looking = threading.Thread(target=lambda: _look(process.pid, most, ended))
        looking.start()
        code = process.wait()
    ended.set()
    looking.join()
    if code:
        raise subprocess.CalledProcessError(code, command)
    return time.perf_counter() - began, most[0] / GIB


def _look(pid: int, most: list[int], ended: threading.Event) -> None:
    while not ended.wait(LOOK_EVERY_SECONDS):
        most[0] = max(most[0], sum(_held_kib(one) for one in _family(pid)))


def _family(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += map(int, task.read_text().split())
            except OSError:
                continue  # it has just ended
    return found


def _held_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0  # it has just ended
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


if __name__ == "__main__":
    main()
