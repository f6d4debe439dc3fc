"""`python -m tests.mutants.branches`: which branches of the guarded files no test takes; there must be none."""

import os
import sys
from pathlib import Path

import pytest
from coverage import Coverage

from tests.mutants.guarded import HUNTS

ROOT = Path(__file__).parents[2]
QUIET = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header", "-m", "not long")


def main() -> None:
    """Run the tests of every hunt, print what they pass by, exit with 1 where that is anything."""
    os.chdir(ROOT)
    files = [str(ROOT / file) for hunt in HUNTS.values() for file in hunt.files]
    tests = [test for hunt in HUNTS.values() for test in hunt.tests]
    watch = Coverage(data_file=None, branch=True, include=files)
    with watch.collect():
        status = pytest.main([*QUIET, *tests])
    share = watch.report(show_missing=True, skip_covered=True)
    sys.exit(status or share < 100)


if __name__ == "__main__":
    main()
