"""Intervals against an empirical likelihood maximised the slow way, and against how often they must hold."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import t as students_t

from training.evaluation.coverage import DESIGNS, RUNS, Design, band, make_world, measure
from training.evaluation.coverage import _draw as draw
from training.evaluation.intervals import by_customer, ratio_interval


def unlikelihood(above: np.ndarray, below: np.ndarray, value: float) -> float:
    """-2 log of the likelihood ratio, by maximising over the shares of all customers at once."""
    gaps = (above - value * below) / np.abs(above - value * below).max()
    rows = len(gaps)
    constraints = [
        {"type": "eq", "fun": lambda shares: shares.sum() - 1, "jac": lambda shares: np.ones(rows)},
        {"type": "eq", "fun": lambda shares: shares @ gaps, "jac": lambda shares: gaps},
    ]
    found = minimize(
        lambda shares: -np.log(rows * shares).sum(),
        np.full(rows, 1 / rows),
        jac=lambda shares: -1 / shares,
        bounds=[(1e-9, 1)] * rows,
        constraints=constraints,
        method="SLSQP",
        options={"ftol": 1e-13, "maxiter": 1_000},
    )
    assert found.success, found.message
    return float(2 * found.fun)


@pytest.mark.parametrize("seed", range(4))
def test_the_ends_are_as_unlikely_as_they_may_be(seed: int) -> None:
    rng = np.random.default_rng(seed)
    below = rng.choice([1.0, 2.0, 5.0], 40)
    above = below * rng.gamma(1.5, 10.0, 40)
    found = ratio_interval(above, below)
    gaps = above - found.value * below
    moments = [float((gaps**power).mean()) for power in (2, 3, 4)]
    skewness, kurtosis = moments[1] / moments[0] ** 1.5, moments[2] / moments[0] ** 2
    most = students_t.ppf(0.975, 2 * 40 / (kurtosis - 1 - skewness**2 / 2)) ** 2
    assert unlikelihood(above, below, found.low) == pytest.approx(most, rel=1e-3)
    assert unlikelihood(above, below, found.high) == pytest.approx(most, rel=1e-3)


def test_many_even_gaps_give_the_interval_of_the_textbook() -> None:
    above = np.random.default_rng(0).normal(50, 3, 20_000)
    found = ratio_interval(above, np.ones(20_000))
    half = 1.96 * above.std() / 20_000**0.5
    assert found.value == pytest.approx(above.mean())
    assert (found.low, found.high) == pytest.approx((found.value - half, found.value + half), abs=0.01 * half)


def test_rare_rewards_reach_further_up_than_down_and_never_below_nothing() -> None:
    above = np.zeros(400)
    above[:5] = 100.0
    found = ratio_interval(above, np.ones(400))
    assert 0 < found.low < found.value
    assert found.high - found.value > 1.5 * (found.value - found.low)


def test_customers_who_matched_nothing_move_the_interval_next_to_nothing() -> None:
    rng = np.random.default_rng(3)
    weight = np.full(500, 4.0)
    above = weight * rng.normal(10, 2, 500)
    alone, among = (
        ratio_interval(above, weight),
        ratio_interval(*(np.append(one, np.zeros(1_500)) for one in (above, weight))),
    )
    assert among.value == alone.value
    assert (among.low, among.high) == pytest.approx((alone.low, alone.high), rel=1e-3)


def test_what_does_not_vary_has_no_width() -> None:
    found = ratio_interval(np.full(9, 2.5), np.ones(9))
    assert found.low == found.value == found.high == 2.5


def test_rows_of_a_customer_are_added_up() -> None:
    assert by_customer(np.array([1.0, 2.0, 4.0]), np.array(["b", "a", "b"])).tolist() == [2.0, 5.0]


@pytest.mark.parametrize("rewards", sorted({design.rewards for design in DESIGNS}))
def test_the_truth_of_a_world_is_the_mean_of_what_its_policy_draws(rewards: str) -> None:
    world = make_world(Design(4, "skewed", rewards), 7)
    rng = np.random.default_rng(8)
    kind = rng.choice(len(world.shares), 400_000, p=world.shares)
    drawn = draw(rng, rewards, world.levels[kind, world.policy[kind]])
    error = drawn.std() / len(drawn) ** 0.5
    assert world.truth_cents == pytest.approx(drawn.mean(), abs=4 * error)


@pytest.mark.parametrize("design", [DESIGNS[0], DESIGNS[2], DESIGNS[3]], ids=str)
def test_intervals_hold_the_truth_as_often_as_they_say(design: Design) -> None:
    held = measure(design, 60, seed=1)
    low, high = band(held.told, certainty=0.9999)
    assert held.told >= 57
    assert low <= held.snips <= high
    assert low <= held.doubly_robust <= high


@pytest.mark.long
@pytest.mark.parametrize("design", DESIGNS, ids=str)
def test_intervals_hold_the_truth_in_95_of_100_of_500_logs(design: Design) -> None:
    held = measure(design, RUNS, seed=DESIGNS.index(design))
    low, high = band(held.told)
    assert held.told >= 0.95 * RUNS
    assert low <= held.snips <= high
    assert low <= held.doubly_robust <= high
