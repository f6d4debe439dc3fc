"""`python -m tests.mutants rules`: changes the product in every small way; lists the changes that no test notices."""

import argparse
import datetime
import fnmatch
import os
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

import pytest

from tests.mutants.guarded import HUNTS, Hunt
from tests.mutants.hunt import (
    ROOT,
    Calls,
    Function,
    change,
    forget_what_was_worked_out,
    forked,
    functions_of,
    run_tests,
    what_remembers,
    where_syncing_is_quick,
    who_calls,
)
from tests.mutants.mutations import Mutant, mutants_of, unchanged

QUIET = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header", "--no-summary", "-m", "not long")
SANE = 40
"""So many tests pass on a file put in its own place before its mutants are tried."""
EQUIVALENT = Path(__file__).with_name("equivalent.toml")


@dataclass
class Hunting:
    """Runs instead of the tests that pytest has collected: each mutant in a process of its own."""

    hunt: Hunt
    every: int
    only: str
    noticed: int = 0
    passed_by: list[str] = field(default_factory=list)
    equivalent: int = 0
    noticed_by: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """The tests that noticed a mutant of a function, the last one first: they are asked first of the next."""

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Where pytest would run its tests once."""
        items = [item for item in session.items if isinstance(item, pytest.Item)]
        what_remembers()
        for file in self.hunt.files:
            functions_of(str(ROOT / file))
        calls = who_calls(items, self.hunt.files)
        for file in self._files():
            nothing, ordered = unchanged((ROOT / file).read_text()), _in_order(items, calls, (file, ""))[:SANE]
            noticed_by = forked(lambda f=file, n=nothing, o=ordered: self._try(f, n, o, calls))
            assert noticed_by == "", f"{file} in its own place is noticed by {noticed_by}"
        known = {(each["file"], each["mutant"]) for each in tomllib.loads(EQUIVALENT.read_text())["equivalent"]}
        begun = time.monotonic()
        for number, (file, mutant) in enumerate(self._mutants()):
            if (file, mutant.name) in known:
                self.equivalent += 1
                continue
            function = (file, mutant.function)
            ordered = _in_order(items, calls, function, self.noticed_by.get(function, []))
            noticed_by = forked(lambda f=file, m=mutant, o=ordered: self._try(f, m, o, calls))
            if noticed_by:
                self._ask_first(function, noticed_by)
            if noticed_by == "":
                self.passed_by.append(f"{file} {mutant.name}")
                print(f"NOT NOTICED {file} {mutant.name}", flush=True)
            else:
                self.noticed += 1
            if number % 25 == 24:
                print(f"{number + 1} mutants, {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
        return True

    def _ask_first(self, function: Function, test: str) -> None:
        others = [other for other in self.noticed_by.get(function, []) if other != test]
        self.noticed_by[function] = [test, *others]

    def _mutants(self) -> Iterator[tuple[str, Mutant]]:
        every = [(file, mutant) for file in self._files() for mutant in mutants_of((ROOT / file).read_text())]
        today = datetime.date.today().toordinal()
        yield from (each for number, each in enumerate(every) if (number + today) % self.every == 0)

    def _files(self) -> list[str]:
        return fnmatch.filter(self.hunt.files, self.only)

    def _try(self, file: str, mutant: Mutant, items: list[pytest.Item], calls: Calls) -> str:
        change(file, mutant, self.hunt.files)
        if self.hunt.remembered:
            forget_what_was_worked_out()
        return run_tests(items, calls)

    @property
    def share(self) -> float:
        """The share of mutants noticed; those that change nothing are not counted."""
        tried = self.noticed + len(self.passed_by)
        return self.noticed / tried if tried else 1.0


def _in_order(
    items: list[pytest.Item],
    calls: Calls,
    function: Function,
    first: Sequence[str] = (),
) -> list[pytest.Item]:
    """Who is named `first`, then who calls the function; of each test one case before a second, the quickest first."""
    named = {test: place for place, test in enumerate(first)}
    cases, case_of = Counter[str](), {}
    for item in items:
        cases[name := item.nodeid.split("[")[0]] += 1
        case_of[item.nodeid] = cases[name]

    def turn(item: pytest.Item) -> tuple[float, bool, int, float]:
        test, calling = item.nodeid, calls[item.nodeid]
        return named.get(test, inf), function not in calling.functions, case_of[test], calling.seconds

    return sorted(items, key=turn)


def main() -> None:
    """Hunt, print, and exit with 1 where too many mutants passed unnoticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("hunt", choices=HUNTS)
    parser.add_argument("--every", type=int, default=1, help="only one mutant in so many, others each day")
    parser.add_argument("--only", default="*", help="only files that match")
    asked = parser.parse_args()
    os.chdir(ROOT)
    hunting = Hunting(HUNTS[asked.hunt], asked.every, asked.only)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(dir=where_syncing_is_quick()) as folder:
        status = pytest.main([*QUIET, f"--basetemp={folder}/stores", *hunting.hunt.tests], plugins=[hunting])
    seconds, tried = time.monotonic() - begun, hunting.noticed + len(hunting.passed_by)
    print(
        f"{asked.hunt}: {hunting.noticed} of {tried} mutants noticed, besides {hunting.equivalent} that change nothing"
    )
    print(f"{seconds:.0f} s")
    sys.exit(status or hunting.share < hunting.hunt.least_share)


if __name__ == "__main__":
    main()
