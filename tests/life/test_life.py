"""B10: whatever is asked in whatever order, an offer lives as it may, and what is answered is what the model says."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from engine.rulebook import Rulebook
from tests.databases import PostgreSQL
from tests.life.lines import Stand, few_phones, stand_on_a_database, stand_on_a_file
from tests.life.machine import Life
from tests.life.model import MAY_BECOME
from tests.life.truths import Truths

EVERY_CHANGE = {(before, after) for before, states in MAY_BECOME.items() for after in states}


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return few_phones()


def live(stand: Stand, runs: int, steps: int) -> Truths:
    """Many lives of offers; what was seen in them."""
    machine = type("Lives", (Life,), {"stand": stand, "seen": Truths()})
    checks = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)
    bounds = settings(max_examples=runs, stateful_step_count=steps, deadline=None, suppress_health_check=checks)
    run_state_machine_as_test(machine, settings=bounds)
    return machine.seen


def test_an_offer_lives_as_it_may(tmp_path: Path, book: Rulebook) -> None:
    assert len(live(stand_on_a_file(tmp_path, book), 30, 30).changes) > 8


@pytest.mark.long
def test_many_offers_live_as_they_may(tmp_path: Path, book: Rulebook) -> None:
    assert set(live(stand_on_a_file(tmp_path, book), 300, 40).changes) == EVERY_CHANGE


@pytest.mark.long
def test_many_offers_live_as_they_may_on_postgresql(postgresql: PostgreSQL, book: Rulebook) -> None:
    assert set(live(stand_on_a_database(postgresql, book), 300, 40).changes) == EVERY_CHANGE
