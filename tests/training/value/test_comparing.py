"""Differences and their intervals: by hand on few, and by how often they hold the truth on many."""

import numpy as np
import pytest
from scipy.stats import binom

from training.value.comparing import Sides, difference, mean, too_little

RUNS = 300
FEWEST_HELD, MOST_HELD = binom.interval(0.99, RUNS, 0.95)
SEED = 20_261_122


def sides(first: list[int], account: list[int] | None = None, stratum: list[int] | None = None) -> Sides:
    many = range(len(first))
    return Sides(np.array(first, dtype=bool), np.array(account or [*many]), np.array(stratum or [0 for _ in many]))


def test_a_difference_in_one_stratum_is_that_of_the_means() -> None:
    found = difference(np.array([10.0, 20.0, 30.0, 5.0, 7.0]), sides([1, 1, 1, 0, 0]))
    assert found is not None
    # sum of squares 200 and 2; 200/9 * 3/2 + 2/4 * 2 = 34.3333; Student's t with one degree of freedom is 12.7062
    half = 12.7062047362 * 34.333333333333336**0.5
    assert (found.value, found.low, found.high) == pytest.approx((14.0, 14.0 - half, 14.0 + half))


def test_contracts_of_one_account_count_as_one_draw() -> None:
    values = np.array([1.0, 1.0, 5.0, 5.0, 2.0, 2.0, 4.0, 4.0])
    each = difference(values, sides([1, 1, 1, 1, 0, 0, 0, 0]))
    together = difference(values, sides([1, 1, 1, 1, 0, 0, 0, 0], account=[0, 0, 1, 1, 2, 2, 3, 3]))
    alone = difference(values[::2], sides([1, 1, 0, 0]))
    assert each is not None
    assert together is not None
    assert together == alone
    assert together.high - together.low > each.high - each.low


def test_strata_are_weighed_as_mantel_and_haenszel_do() -> None:
    left = np.array([1, 1, 0, 0, 0, 1, 0, 0, 0, 0], dtype=float)
    found = difference(left, sides([1, 1, 1, 0, 0, 1, 1, 0, 0, 0], stratum=[0, 0, 0, 0, 0, 1, 1, 1, 1, 1]))
    assert found is not None
    # 3 * 2 / 5 of a difference of 2/3, 2 * 3 / 5 of one of 1/2
    assert found.value == pytest.approx((1.2 * 2 / 3 + 1.2 * 0.5) / 2.4)


def test_a_stratum_with_one_side_says_nothing() -> None:
    left = np.array([1, 0, 0, 0, 1, 1, 1], dtype=float)
    one = sides([1, 1, 0, 0, 1, 1, 1], stratum=[0, 0, 0, 0, 1, 1, 1])
    found, without = difference(left, one), difference(left[:4], sides([1, 1, 0, 0]))
    assert found == without
    assert difference(left[4:], sides([1, 1, 1])) is None


def test_the_interval_of_the_net_holds_the_truth_as_often_as_it_says() -> None:
    chance, held = np.random.default_rng(SEED), 0
    one_in_five, three_in_ten = -1.19023216, -0.74161432  # of the sum of two standard normals
    for _ in range(RUNS):
        account = np.repeat(np.arange(320), chance.integers(1, 4, 320))
        treated = (np.arange(320) < 250)[account]
        house = chance.normal(size=320)[account]  # the lines of an account leave together
        left = house + chance.normal(size=len(account)) < np.where(treated, one_in_five, three_in_ten)
        net = np.where(left, 4_000.0, 34_000.0) - np.where(treated, 900.0, 0.0)
        found = difference(net, Sides(treated, account, np.zeros(len(account))))
        assert found is not None
        held += found.low <= 30_000 * (0.3 - 0.2) - 900 <= found.high
    assert FEWEST_HELD <= held <= MOST_HELD


def test_the_interval_of_an_adjusted_difference_holds_the_truth_as_often_as_it_says() -> None:
    chance, held, plain = np.random.default_rng(SEED + 1), 0, 0
    for _ in range(RUNS):
        risk = chance.integers(0, 4, 400)
        served_badly = chance.random(400) < 0.1 + 0.15 * risk
        left = (chance.random(400) < 0.05 + 0.1 * risk + 0.1 * served_badly).astype(float)
        found = difference(left, Sides(served_badly, np.arange(400), risk))
        crude = difference(left, Sides(served_badly, np.arange(400), np.zeros(400)))
        assert found is not None
        assert crude is not None
        held += found.low <= 0.1 <= found.high
        plain += crude.low <= 0.1 <= crude.high
    assert FEWEST_HELD <= held <= MOST_HELD
    assert plain < FEWEST_HELD  # who is served badly was likelier to leave anyway


def test_a_mean_has_the_interval_of_its_accounts() -> None:
    found = mean(np.array([1.0, 1.0, 3.0, 3.0]), np.array([0, 0, 1, 1]))
    assert (found.value, found.low, found.high) == pytest.approx((2.0, 2.0 - 12.7062047362, 2.0 + 12.7062047362))


@pytest.mark.parametrize(
    ("control_accounts", "control_left", "said"),
    [
        (29, 10, "control: outcomes of 29 accounts are known, 30 are needed"),
        (30, 4, "control: fewer than 5 contracts left, or fewer than 5 stayed"),
        (30, 26, "control: fewer than 5 contracts left, or fewer than 5 stayed"),
        (0, 0, "control: no outcome is known, 30 are needed"),
        (30, 5, None),
    ],
)
def test_too_small_a_side_is_refused_in_words(control_accounts: int, control_left: int, said: str | None) -> None:
    left = np.array(
        [number < 20 for number in range(60)] + [number < control_left for number in range(control_accounts)]
    )
    first = [1] * 60 + [0] * control_accounts
    assert too_little(left, sides(first), ("treated", "control")) == said
