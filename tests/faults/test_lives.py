"""Many lives of offers, on both databases: each answer is the model's, each change of state one that may be."""

from pathlib import Path

import pytest

from tests.databases import PostgreSQL
from tests.faults.conftest import Figure
from tests.life.lines import Stand, few_phones, stand_on_a_database, stand_on_a_file
from tests.life.lives import EVERY_CHANGE, live

RUNS = {"sqlite": 300, "postgresql": 100}
"""By make faults: a life on PostgreSQL costs three times as much."""


@pytest.fixture(params=["sqlite", "postgresql"])
def stand(request: pytest.FixtureRequest, tmp_path: Path) -> Stand:
    """An operator with three lines on a store of either kind."""
    if request.param == "sqlite":
        return stand_on_a_file(tmp_path, few_phones())
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return stand_on_a_database(server, few_phones())


@pytest.mark.shows("B10")
def test_offers_live_as_they_may(stand: Stand, soak: bool, figure: Figure) -> None:
    runs, steps = (5_000, 100) if soak else (RUNS[stand.operator.service.store.dialect.name], 40)
    seen = live(stand, runs, steps)
    figure(f"{runs} lives of {steps} steps, {seen.asked.total()} requests, {seen.changes.total()} changes of state")
    assert set(seen.changes) == EVERY_CHANGE
