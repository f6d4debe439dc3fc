"""How far customers have moved: nothing where they have not, what the definition says where they have."""

import math

import numpy as np
import pytest

from models.features import Categorical, Encoding, Numeric
from training.drift import drifts, profile_of, stability_index

ENCODING = Encoding((Numeric("age", np.array([10.0, 20.0])), Categorical("net", ("dsl", "fibre"))))
BEFORE = {"age": [500, 300, 200, 0], "net": [600, 400, 0]}


def test_the_same_customers_have_not_moved() -> None:
    for drift in drifts(ENCODING, BEFORE, BEFORE):
        assert drift.psi == pytest.approx(0.0)
        assert not drift.is_above(0.0)


def test_the_index_is_that_of_the_definition() -> None:
    psi, _ = stability_index(np.array([6_000_000, 4_000_000]), np.array([4_000_000, 6_000_000]))
    assert psi == pytest.approx(2 * 0.2 * math.log(1.5), abs=1e-6)


def test_what_moved_is_named_first_with_the_value_that_grew() -> None:
    now = {"age": [500, 300, 200, 0], "net": [100, 900, 0]}
    first, second = drifts(ENCODING, BEFORE, now)
    assert (first.feature, first.grew, first.is_above(0.25)) == ("net", "fibre", True)
    assert (second.feature, second.is_above(0.0)) == ("age", False)


def test_what_is_missing_all_at_once_is_a_drift_of_its_own() -> None:
    now = {"age": [250, 150, 100, 500], "net": [600, 400, 0]}
    drift = drifts(ENCODING, BEFORE, now)[0]
    assert (drift.feature, drift.grew, drift.is_above(0.25)) == ("age", "missing", True)


def test_chance_alone_passes_its_bound_once_in_a_hundred_times() -> None:
    rng, share = np.random.default_rng(5), np.append(np.full(40, 0.024), [0.04])
    above = 0
    for _ in range(2_000):
        psi, by_chance = stability_index(rng.multinomial(3_000, share), rng.multinomial(800, share))
        above += psi > by_chance
    assert 5 <= above <= 45


def test_a_profile_counts_every_code_with_what_is_missing_and_unseen_last() -> None:
    columns = {"age": np.array([5.0, 15.0, np.nan]), "net": np.array(["fibre", "cable", ""], dtype=object)}
    assert profile_of(ENCODING, columns) == {"age": [1, 1, 0, 1], "net": [0, 1, 2]}
