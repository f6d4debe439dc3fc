"""How tightly what is learned is held: a fact that tells nothing is held tighter, and what tells is found better."""

import numpy as np
import pytest

from training.response import leaving
from training.response.leaving import Leaving, NotAccepted, fit_leaving
from training.response.ridges import FIRST_RIDGES, fact_factors, first_ridges

FACTS, COLUMNS_A_FACT, CUSTOMERS = 12, 3, 3_000
OF_FACT = np.repeat(np.arange(FACTS), COLUMNS_A_FACT)
NOBODY = 1e12


def test_all_columns_of_a_fact_are_held_alike_and_one_that_tells_is_held_looser() -> None:
    told, asks = np.full(6, 1.0), np.array([9.0, 9.0, 9.0, 0.1, 0.0, 0.2])
    telling, silent = fact_factors(told, asks, np.repeat([0, 1], 3), drawn=1.0).reshape(2, 3)
    assert len(set(telling)) == len(set(silent)) == 1
    assert telling[0] == (3 + 1) / (27 + 1)
    assert silent[0] == pytest.approx((3 + 1) / (0.3 + 1))


def test_what_was_drawn_for_nobody_holds_every_fact_as_the_others() -> None:
    factors = fact_factors(np.ones(6), np.arange(6.0), np.repeat([0, 1], 3), NOBODY)
    assert factors == pytest.approx(1, abs=1e-9)


def test_a_factor_moves_slopes_alone() -> None:
    """What does not come from facts, such as what a term is worth to all, keeps the ridge of its name."""
    ridges = first_ridges(2)
    parts = {name: np.zeros((2, 4) if name.endswith("_by") else (4,)) for name in FIRST_RIDGES}
    sharp = {name: np.full(part.shape, 50.0) for name, part in parts.items()}
    parts["willing_by"][0] = 0.5
    held = ridges.evident(parts, sharp, np.arange(2)).of_each(parts)
    assert (held["tastes_by"][0] < held["tastes_by"][1]).all()
    assert len(set(held["weights"])) == len(set(held["terms"])) == 1


def test_where_few_facts_tell_they_are_found_better_than_under_one_ridge_for_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ten drawn markets whose truth is known: two of twelve facts say who leaves, one whom a call wakes."""
    markets = [_market(seed) for seed in range(10)]
    by_fact = [_error(fit_leaving(seen), *truth) for seen, truth in markets]
    monkeypatch.setattr(leaving, "DRAWN", NOBODY)
    one_for_all = [_error(fit_leaving(seen), *truth) for seen, truth in markets]
    assert sum(by_fact) < 0.6 * sum(one_for_all)
    assert sum(ours < theirs for ours, theirs in zip(by_fact, one_for_all, strict=True)) >= 9


def _market(seed: int) -> tuple[NotAccepted, tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(seed)
    columns = rng.normal(0, 1, (CUSTOMERS, len(OF_FACT)))
    main, woken = np.zeros(len(OF_FACT)), np.zeros(len(OF_FACT))
    main[OF_FACT < 2], woken[OF_FACT == 2] = 0.4, 0.5
    called = rng.random(CUSTOMERS) < 0.8
    odds = -1.5 + columns @ main + called * (0.4 + columns @ woken)
    left = rng.random(CUSTOMERS) < 1 / (1 + np.exp(-odds))
    return NotAccepted(columns, called, left, np.ones(CUSTOMERS), OF_FACT), (main, woken)


def _error(found: Leaving, main: np.ndarray, woken: np.ndarray) -> float:
    return float(((found.main - main) ** 2).sum() + ((found.woken_by - woken) ** 2).sum())
