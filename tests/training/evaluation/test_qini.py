"""Qini against its definition written out, and on a real trial beside the baselines."""

from pathlib import Path

import numpy as np
import pytest

from training.evaluation.hillstrom import LEARNERS, read_trial, study
from training.evaluation.qini import qini, qini_interval

HILLSTROM = Path(__file__).parents[3] / "../shared/data/hillstrom.csv.gz"


def slow_area(order: list[int], treated: np.ndarray, outcome: np.ndarray) -> float:
    """The area under the curve, customer by customer; the order has no ties."""
    area = last = 0.0
    for place in range(1, len(order) + 1):
        first = order[:place]
        with_it = [one for one in first if treated[one]]
        without = [one for one in first if not treated[one]]
        won, lost = sum(outcome[one] for one in with_it), sum(outcome[one] for one in without)
        gain = won - (lost * len(with_it) / len(without) if without else 0.0)
        area, last = area + (last + gain) / 2, gain
    return float(area)


@pytest.mark.parametrize("seed", range(5))
def test_qini_is_the_area_above_chance_over_the_best_there_is(seed: int) -> None:
    rng = np.random.default_rng(seed)
    treated, outcome, score = rng.random(60) < 0.5, rng.random(60) < 0.4, rng.normal(size=60)
    worth = np.where(outcome, np.where(treated, 1, -1), 0)
    blocks = [np.flatnonzero(worth == one) for one in (1, 0, -1)]
    ours = slow_area(np.argsort(-score).tolist(), treated, outcome)
    end = outcome[treated].sum() - outcome[~treated].sum() * treated.sum() / (~treated).sum()
    gains, sizes = [0.0], [0]
    for upto in (1, 2, 3):
        first = np.concatenate(blocks[:upto])
        seen, unseen = treated[first].sum(), (~treated[first]).sum()
        lost = outcome[first][~treated[first]].sum()
        gains.append(outcome[first][treated[first]].sum() - (lost * seen / unseen if unseen else 0))
        sizes.append(len(first))
    best = sum((gains[i] + gains[i + 1]) / 2 * (sizes[i + 1] - sizes[i]) for i in range(3))
    at_random = end * 60 / 2
    assert qini(score, treated, outcome) == pytest.approx((ours - at_random) / (best - at_random))


def trial(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(who is moved, treated, outcome)."""
    rng = np.random.default_rng(seed)
    moved, treated = rng.random(rows) < 0.3, rng.random(rows) < 0.5
    return moved.astype(float), treated, rng.random(rows) < 0.1 + 0.3 * moved * treated


def test_a_score_that_says_nothing_earns_nothing() -> None:
    _, treated, outcome = trial(4_000)
    assert qini(np.ones(4_000), treated, outcome) == 0.0
    chance = [qini(np.random.default_rng(seed).normal(size=4_000), treated, outcome) for seed in range(40)]
    assert abs(np.mean(chance)) < 4 * np.std(chance) / 40**0.5


def test_equal_scores_may_come_in_any_order_of_rows() -> None:
    moved, treated, outcome = trial(4_000)
    mixed = np.random.default_rng(9).permutation(4_000)
    assert qini(moved, treated, outcome) == pytest.approx(qini(moved[mixed], treated[mixed], outcome[mixed]))


def test_the_wrong_way_round_costs_as_much() -> None:
    moved, treated, outcome = trial(4_000)
    assert qini(moved, treated, outcome) > 0.1
    assert qini(-moved, treated, outcome) < -0.1


def test_the_interval_of_a_good_score_lies_above_nothing() -> None:
    moved, treated, outcome = trial(4_000)
    found = qini_interval(moved, treated, outcome)
    assert 0 < found.low < found.value < found.high


@pytest.mark.parametrize("treated", [np.zeros(5, dtype=bool), np.ones(5, dtype=bool)])
def test_without_a_trial_there_is_no_qini(treated: np.ndarray) -> None:
    with pytest.raises(ValueError, match="nobody is treated"):
        qini(np.arange(5.0), treated, np.ones(5, dtype=bool))


def test_the_trial_has_as_many_rows_as_its_makers_say() -> None:
    features, treated, outcome = read_trial(HILLSTROM)
    assert (len(features), int(treated.sum())) == (42_693, 21_387)
    assert (outcome[treated].mean(), outcome[~treated].mean()) == pytest.approx((0.1514, 0.1062), abs=1e-4)


@pytest.mark.long
def test_on_a_real_trial_ours_is_above_the_published_baselines_and_those_measured_beside_it() -> None:
    found = {name: (by_seed, mean, more) for name, by_seed, mean, more in study(HILLSTROM, seeds=2)}
    ours, *baselines = (found[name] for name in LEARNERS)
    assert ours[1].value >= 0.061
    assert all(ours[1].value >= one[1].value for one in baselines)
    assert ours[1].low > 0
    assert baselines[0][1].value == pytest.approx(0.061, abs=0.004)
    assert baselines[1][1].value == pytest.approx(0.060, abs=0.008)
