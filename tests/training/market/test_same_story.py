"""The same seed tells the same story, and no page of it knows the pages that follow."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tests.training.market.conftest import TODAY, Export
from training.market import Truth, simulate_market
from training.market.facts import facts_on_file

FILES = ("contracts.csv", "history.csv", "contacts.csv", "truth.json")


def test_the_same_seed_writes_the_same_bytes(write: Callable[[int, int], Export]) -> None:
    one, other = write(300, 7).folder, write(300, 7).folder
    assert one != other
    assert [(one / name).read_bytes() for name in FILES] == [(other / name).read_bytes() for name in FILES]


def test_another_seed_writes_another_market(write: Callable[[int, int], Export]) -> None:
    one, other = write(300, 7).folder, write(300, 8).folder
    assert all((one / name).read_bytes() != (other / name).read_bytes() for name in FILES)


def test_the_past_does_not_depend_on_how_the_story_goes_on() -> None:
    # half a year less of the same market: its today is the last snapshot of the longer one
    longer = simulate_market(400, 5, TODAY)
    earlier = (TODAY.astype("datetime64[M]") - 6).astype("datetime64[D]")
    shorter = simulate_market(400, 5, earlier, replace(Truth(), waves=Truth().waves - 1))
    then, _ = longer.past[-1]
    assert then.day == shorter.today.day
    as_it_was = facts_on_file(shorter.today.lines, shorter.today.day)
    as_remembered = facts_on_file(then.lines, then.day)
    assert {name: list(column) for name, column in as_it_was.items()} == {
        name: list(column) for name, column in as_remembered.items()
    }


def test_a_market_tells_how_many_of_its_months_have_passed() -> None:
    told: list[tuple[int, int]] = []
    simulate_market(100, 1, TODAY, Truth(), lambda done, total: told.append((done, total)))
    assert told == [(month, 72) for month in range(1, 73)]


def test_the_book_keeps_its_size() -> None:
    market = simulate_market(250, 3, np.datetime64("2026-03-01"))
    assert {len(past.lines["serial"]) for past, _ in market.past} == {250} == {len(market.today.lines["serial"])}
