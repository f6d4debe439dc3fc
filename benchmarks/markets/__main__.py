"""`python -m benchmarks.markets`: the contest over the simulated markets, printed as tables."""

import argparse
from itertools import product
from pathlib import Path

from benchmarks.contest.running import CONTENDERS, Cell, run
from benchmarks.contest.telling import tell
from benchmarks.markets import KINDS

SIZES = (5_000, 20_000, 80_000)


def main() -> None:
    """Run what is asked for, or read it where the folder holds it already, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.markets", description=__doc__)
    parser.add_argument("--kinds", nargs="+", choices=[*KINDS], default=[*KINDS], metavar="KIND")
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, metavar="CONTACTS")
    parser.add_argument("--seeds", type=int, default=10, help="markets of each kind, seeds 0 to N-1")
    parser.add_argument("--contenders", nargs="+", choices=[*CONTENDERS], default=[*CONTENDERS], metavar="NAME")
    parser.add_argument("--champion", default=[*CONTENDERS][-1], help="whose differences to the others are told")
    parser.add_argument("--out", type=Path, default=Path("build/contest"), help="folder of the results so far")
    asked = parser.parse_args()
    cells = [Cell(kind, size, seed) for seed, kind, size in product(range(asked.seeds), asked.kinds, asked.sizes)]
    for line in tell(run(cells, asked.contenders, asked.out), asked.champion):
        print(line)


if __name__ == "__main__":
    main()
