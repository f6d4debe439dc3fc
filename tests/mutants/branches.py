"""`python -m tests.mutants.branches`: which branches of the guard no test takes; there must be none."""

import os
import sys
from pathlib import Path

import pytest
from coverage import Coverage

from tests.mutants.guarded import HUNTS

ROOT = Path(__file__).parents[2]
QUIET = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header", "-m", "not long")


def main() -> None:
    """Run the tests of the guard, print what they pass by, exit with 1 where that is anything."""
    os.chdir(ROOT)
    guard = [hunt for hunt in HUNTS.values() if hunt.least_share == 1.0]
    files = [str(ROOT / file) for hunt in guard for file in hunt.files]
    tests = dict.fromkeys(test for hunt in guard for test in hunt.tests)
    watch = Coverage(data_file=None, branch=True, include=files)
    with watch.collect():
        status = pytest.main([*QUIET, *tests])
    share = watch.report(show_missing=True, skip_covered=True)
    sys.exit(status or share < 100)


if __name__ == "__main__":
    main()
