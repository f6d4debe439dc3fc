"""Which offers are twins and which twin stands for its group, on columns small enough to read."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engine.twins import NO_TWIN, Twins, TwinsOfBoth, find_twins


def twins() -> Twins:
    """Two groups: candidates 0 and 2 at 30.00 and 10.00, and candidate 3 at 5.00; candidate 4 has no twin."""
    return Twins(
        members=np.array([2, 0, 3]),
        starts=np.array([0, 2]),
        group=np.array([0, 0, 0, 1, -1]),
        top_ups_cents=np.array([1_000, 3_000, 500]),
    )


def test_the_cheapest_twin_that_passes_stands_for_its_group() -> None:
    passes = np.array([[True, True, True, True, True], [True, False, False, False, True]])
    assert twins().cheapest_cents(passes).tolist() == [
        [1_000, 1_000, 1_000, 500, NO_TWIN],
        [3_000, 3_000, 3_000, NO_TWIN, NO_TWIN],
    ]
    nobody = Twins(np.array([], dtype=np.int64), np.array([], dtype=np.int64), np.array([-1]), np.array([]))
    assert nobody.cheapest_cents(np.array([[True]])).tolist() == [[NO_TWIN]]


def test_the_twins_of_a_candidate_are_those_of_its_group_the_cheapest_first() -> None:
    assert [twins().of(0, candidate).tolist() for candidate in range(4)] == [[2, 0], [2, 0], [2, 0], [3]]


def test_the_twins_of_a_wish_stand_behind_those_that_are_listed() -> None:
    both = TwinsOfBoth(
        listed=twins(),
        first=5,
        members=np.array([0, 1]),
        same=np.array([[[True, False], [True, True], [False, False]]]),
        top_ups_cents=np.array([[700, 600]]),
    )
    passes = np.array([[True] * 8])
    assert both.cheapest_cents(passes)[0, 5:].tolist() == [700, 600, NO_TWIN]
    assert both.cheapest_cents(passes)[0, :5].tolist() == [1_000, 1_000, 1_000, 500, NO_TWIN]
    passes[0, 6] = False
    assert both.cheapest_cents(passes)[0, 5:].tolist() == [700, 700, NO_TWIN]
    assert both.of(0, 4 - 1).tolist() == [3]
    assert [both.of(0, candidate).tolist() for candidate in (5, 6, 7)] == [[5], [5, 6], []]


def terms(**columns: list[int]) -> Any:
    names = ("template", "device", "extras", "discount_cents", "credit_cents", "trade_in", "top_up_cents")
    count = len(columns["commitment_months"])
    return SimpleNamespace(
        **{name: np.array([columns.get(name, [0] * count)]) for name in (*names, "commitment_months")}
    )


def test_twins_share_everything_but_months_and_top_up() -> None:
    found = find_twins(
        terms(commitment_months=[12, 24, 12, 24], top_up_cents=[300, 0, 100, 0]), np.array(["a", "b", "c", "d"])
    )
    assert (found.members.tolist(), found.top_ups_cents.tolist()) == ([2, 0], [100, 300])
    assert found.group.tolist() == [0, 0, 0, 0]
    tied = find_twins(terms(commitment_months=[12, 12, 24]), np.array(["b", "a", "c"]))
    assert tied.members.tolist() == [1, 0]


@pytest.mark.parametrize("name", ["template", "device", "extras", "discount_cents", "credit_cents", "trade_in"])
def test_another_service_is_no_twin(name: str) -> None:
    found = find_twins(terms(commitment_months=[12, 24, 24], **{name: [1, 1, 2]}), np.array(["a", "b", "c"]))
    assert found.group.tolist() == [0, 0, -1]


def test_each_service_has_twins_of_its_own() -> None:
    found = find_twins(
        terms(commitment_months=[12, 24, 12, 24, 24, 12], template=[1, 1, 2, 2, 4, 3]), np.array(list("abcdef"))
    )
    assert (found.members.tolist(), found.starts.tolist()) == ([0, 2, 5], [0, 1, 2])
    assert found.group.tolist() == [0, 0, 1, 1, -1, 2]


def test_a_wish_without_twelve_months_has_no_twin() -> None:
    none = TwinsOfBoth(twins(), 5, np.array([], dtype=np.int64), np.zeros((1, 1, 0), dtype=bool), np.zeros((1, 0)))
    assert none.cheapest_cents(np.array([[True] * 6])).tolist() == [[1_000, 1_000, 1_000, 500, NO_TWIN, NO_TWIN]]


def test_without_twelve_months_nobody_has_a_twin() -> None:
    assert find_twins(terms(commitment_months=[24, 11, 13]), np.array(["a", "b", "c"])).group.tolist() == [-1, -1, -1]
