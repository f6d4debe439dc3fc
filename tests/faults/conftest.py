"""Faults on purpose: `make faults` runs what fits into minutes, `make soak ID=...` one of them many times over.

Nothing here is collected unless this folder is named on the command line: each test takes a server through a crash.
"""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.houses import House, open_house
from tests.faults.operators import Place, new_place
from tests.faults.servers import Server

Figure = Callable[[str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", default=False, help="many times over")
    parser.addoption("--only", default="", help="the tests that show one invariant, such as B1")
    parser.addoption("--seed", type=int, default=None, help="the seed of a run that failed")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "shows(*ids): the invariants that a test shows")
    config.addinivalue_line("markers", "in_parts(count): its long run takes longer than an hour, and comes in parts")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`parts`: of how many parts a run is one; of a single one but in the long run."""
    if "parts" in metafunc.fixturenames:
        [marker] = metafunc.definition.iter_markers("in_parts")
        count = marker.args[0] if metafunc.config.getoption("soak") else 1
        names = [f"part_{number}_of_{count}" for number in range(1, count + 1)] if count > 1 else ["whole"]
        metafunc.parametrize("parts", [count] * count, ids=names)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    only = config.getoption("only", "")
    for item in items:
        marker = item.get_closest_marker("shows")
        shown = marker.args if marker else ()
        item.user_properties.append(("shows", " ".join(shown)))
    if only:
        items[:] = [item for item in items if only in str(dict(item.user_properties)["shows"]).split()]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    rows = []
    for report in (*terminalreporter.stats.get("passed", ()), *terminalreporter.stats.get("failed", ())):
        said = [value for name, value in report.user_properties if name in ("figure", "seed")]
        if said and report.when == "call":
            name = report.nodeid.rpartition("::")[2]
            rows.append((dict(report.user_properties)["shows"], name, f"{report.duration:.0f} s", "; ".join(said)))
    for row in sorted(rows):
        terminalreporter.write_line(" | ".join(row))


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Figure:
    """Tells a figure to who reads the run."""
    return lambda said: record_property("figure", said)


@pytest.fixture
def soak(request: pytest.FixtureRequest) -> bool:
    """Whether this is the long run."""
    return bool(request.config.getoption("soak"))


@pytest.fixture
def seed(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> int:
    """The seed of this run; printed, and given back with --seed."""
    given = request.config.getoption("seed")
    drawn = secrets.randbits(32) if given is None else int(given)
    print(f"seed {drawn}")
    record_property("seed", f"seed {drawn}")
    return drawn


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """An empty store of either kind, a rulebook with stock enough, and keys of a few agents."""
    if request.param == "sqlite":
        yield new_place(f"sqlite:///{tmp_path}/store.db", tmp_path)
    else:
        yield new_place(request.getfixturevalue("postgresql_database"), tmp_path)


@pytest.fixture
def sqlite_place(tmp_path: Path) -> Place:
    """The same on SQLite only."""
    return new_place(f"sqlite:///{tmp_path}/store.db", tmp_path)


@pytest.fixture
def postgresql_place(postgresql_database: str, tmp_path: Path) -> Place:
    """The same on PostgreSQL only."""
    return new_place(postgresql_database, tmp_path)


@pytest.fixture
def house(place: Place, seed: int) -> Iterator[House]:
    """An application in this process over `place`."""
    with open_house(place, seed) as opened:
        yield opened


@pytest.fixture
def server(place: Place) -> Iterator[Server]:
    """The real server over `place`."""
    with Server(place).running() as running:
        yield running
