"""Many lives of offers, on both databases: each answer is the model's, each change of state one that may be."""

from pathlib import Path

import pytest

from tests.databases import PostgreSQL
from tests.faults.conftest import Figure
from tests.life.lines import Stand, few_phones, stand_on_a_database, stand_on_a_file
from tests.life.lives import EVERY_CHANGE, live

RUNS, SOAKED_RUNS = 300, 5_000
SHARES = {"sqlite": 1 / 3, "postgresql": 1 / 3, "sqlite-two_thirds": 2 / 3, "postgresql-two_thirds": 2 / 3}
"""Of the lives: those that .ci/run has time for, and the others."""


@pytest.fixture(params=SHARES)
def share(request: pytest.FixtureRequest) -> str:
    """Which lives of which database."""
    return str(request.param)


@pytest.fixture
def stand(share: str, request: pytest.FixtureRequest, tmp_path: Path) -> Stand:
    """An operator with three lines on a store of either kind."""
    if share.startswith("sqlite"):
        return stand_on_a_file(tmp_path, few_phones())
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return stand_on_a_database(server, few_phones())


@pytest.mark.shows("B10")
@pytest.mark.in_parts(8)
def test_offers_live_as_they_may(stand: Stand, share: str, soak: bool, parts: int, figure: Figure) -> None:
    whole, steps = (SOAKED_RUNS, 100) if soak else (RUNS, 40)
    runs = round(whole * SHARES[share] / parts)
    seen = live(stand, runs, steps)
    figure(f"{runs} lives of {steps} steps, {seen.asked.total()} requests, {seen.changes.total()} changes of state")
    assert set(seen.changes) == EVERY_CHANGE
