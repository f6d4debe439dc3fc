"""`make bench-batch`: rows a second of `counteroffer score`, beside the plain loop on the same rows."""

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.home import COUNTEROFFER, MAPPING, ROOT, RULEBOOK, Home, prepare_home, run, set_the_stage
from benchmarks.servers import ONE_THREAD_A_CALL

FEW, MANY, ROUNDS = 500, 5_000, 3


@dataclass(frozen=True)
class Run:
    """One process from start to end: rows decided, seconds, and the most memory it held."""

    rows: int
    seconds: float
    peak_mib: float

    @property
    def rows_a_second(self) -> float:
        """Rows a second, the start of the process included."""
        return self.rows / self.seconds


def main() -> None:
    """Prepare, measure, print; nothing here fails for being slow."""
    home = prepare_home()
    print(f"\n{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}", flush=True)
    with tempfile.TemporaryDirectory(dir=home.folder, prefix="run-") as name:
        folder = Path(name)
        set_the_stage(home, folder)
        few, many = first_rows(home.contracts_file, folder / "few.csv", FEW), market_of(home, MANY)
        rounds = [(score(home, few, folder / "few.parquet"), score_plainly(folder, FEW)) for _ in range(ROUNDS)]
        large = score(home, many, folder / "many.parquet")
    _tell("counteroffer score", [ours for ours, _ in rounds])
    _tell("plain loop", [plain for _, plain in rounds])
    _tell("counteroffer score", [large])
    same = [ours.rows_a_second / plain.rows_a_second for ours, plain in rounds]
    print(f"\nratio on the same {FEW} rows            {median(same):.1f}  [{min(same):.1f}, {max(same):.1f}]")
    steady = [large.rows_a_second / plain.rows_a_second for _, plain in rounds]
    print(f"ratio with {large.rows} rows for ours     {median(steady):.1f}  [{min(steady):.1f}, {max(steady):.1f}]")
    print(f"\nload at the end {os.getloadavg()[0]:.1f}")


def score(home: Home, contracts: Path, out: Path) -> Run:
    """`counteroffer score` on a file."""
    settings = {"COUNTEROFFER_RELEASES": str(home.releases), "COUNTEROFFER_RULEBOOK": str(RULEBOOK)}
    command = [str(COUNTEROFFER), "score", "--contracts", str(contracts), "--mapping", str(MAPPING), "--out", str(out)]
    found = measured([*command, "--keys", str(home.keys), "--json"], settings)
    return Run(json.loads(found["said"])["rows"], found["seconds"], found["peak_mib"])


def score_plainly(folder: Path, rows: int) -> Run:
    """The plain loop over the first rows."""
    command = [sys.executable, "-m", "benchmarks.plain.batch", str(folder), str(RULEBOOK), str(folder / "plain.csv")]
    found = measured([*command, str(rows)], {})
    return Run(rows, found["seconds"], found["peak_mib"])


def measured(command: Sequence[str], settings: Mapping[str, str]) -> dict[str, Any]:
    """What `benchmarks.measured` says of a command. Raises CalledProcessError where the command fails."""
    environment = {**os.environ, **ONE_THREAD_A_CALL, **settings}
    measure = [sys.executable, "-m", "benchmarks.measured", *command]
    done = subprocess.run(measure, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def first_rows(source: Path, target: Path, rows: int) -> Path:
    """A file with the header and the first rows of another."""
    with source.open("rb") as file:
        target.write_bytes(b"".join(line for _, line in zip(range(rows + 1), file, strict=False)))
    return target


def market_of(home: Home, contracts: int) -> Path:
    """The contracts of a larger market, simulated once."""
    folder = home.folder / f"market-of-{contracts}"
    if not folder.exists():
        run("simulate", "--out", folder, "--contracts", contracts)
    return folder / "contracts.csv"


def _tell(what: str, runs: Sequence[Run]) -> None:
    rate, peak = median(one.rows_a_second for one in runs), max(one.peak_mib for one in runs)
    print(f"{what:<20}{runs[0].rows:>7} rows{rate:>9.0f} rows/s{peak:>8.0f} MiB at most")


if __name__ == "__main__":
    main()
