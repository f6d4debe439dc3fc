"""The figures of the card against scikit-learn, and against the definitions counted out one by one."""

import numpy as np
import pytest
from scipy.stats import beta
from sklearn.metrics import log_loss as sklearn_log_loss
from sklearn.metrics import roc_auc_score

from training.metrics import METRICS, auc, ece, empc, lift_10, log_loss


def sample(seed: int, rows: int = 900) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Who left, chances with many ties, and whole weights, some of them zero."""
    rng = np.random.default_rng(seed)
    p = np.round(rng.beta(1, 4, rows), 2)
    return rng.random(rows) < p**0.8, p, rng.integers(0, 4, rows).astype(float)


@pytest.mark.parametrize("seed", range(5))
def test_ranking_and_log_loss_agree_with_scikit_learn(seed: int) -> None:
    left, p, weight = sample(seed)
    p = np.clip(p, 0.005, 0.995)
    assert auc(left, p, weight) == pytest.approx(roc_auc_score(left, p, sample_weight=weight), abs=1e-12)
    assert log_loss(left, p, weight) == pytest.approx(sklearn_log_loss(left, p, sample_weight=weight), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_calibration_error_is_the_mean_gap_over_ten_bins(seed: int) -> None:
    left, p, _ = sample(seed, 1_000)
    order = np.argsort(p, kind="stable")
    gaps = [abs(left[part].mean() - p[part].mean()) for part in np.split(order, 10)]
    assert ece(left, p, np.ones(1_000)) == pytest.approx(np.mean(gaps), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_lift_is_the_rate_among_the_top_tenth_over_the_rate_of_all(seed: int) -> None:
    left, p, _ = sample(seed, 1_000)
    top = np.argsort(-p, kind="stable")[:100]
    assert lift_10(left, p, np.ones(1_000)) == pytest.approx(left[top].mean() / left.mean(), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_expected_maximum_profit_agrees_with_trying_every_threshold(seed: int) -> None:
    left, p, _ = sample(seed, 300)
    leavers, thresholds = left.mean(), [2.0, *np.unique(p)]
    caught = np.array([(p[left] >= t).mean() for t in thresholds])
    bothered = np.array([(p[~left] >= t).mean() for t in thresholds])
    steps = 20_000
    accept = (np.arange(steps) + 0.5) / steps
    per_leaver = 200.0 * (accept * (1 - 10 / 200) - 1 / 200)
    profit = per_leaver[:, None] * leavers * caught - (10 + 1) * (1 - leavers) * bothered
    expected = np.average(profit.max(axis=1), weights=beta.pdf(accept, 6, 14))
    assert empc(left, p, np.ones(300)) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("name", METRICS)
def test_a_weight_counts_as_so_many_equal_customers(name: str) -> None:
    # ten equal bins and a top tenth need whole customers: 1,000 of them, and no ties in the chance
    rng = np.random.default_rng(7)
    p = (rng.permutation(500) + 0.5) / 500
    left = rng.random(500) < p
    twice = METRICS[name](np.repeat(left, 2), np.repeat(p, 2), np.ones(1_000))
    assert METRICS[name](left, p, np.full(500, 2.0)) == pytest.approx(twice, abs=1e-12)


def test_a_perfect_ranking_has_the_best_figures() -> None:
    left = np.arange(100) >= 80
    p = np.where(left, 1.0, 0.0)
    assert auc(left, p, np.ones(100)) == 1.0
    assert lift_10(left, p, np.ones(100)) == pytest.approx(5.0)
    assert ece(left, p, np.ones(100)) == 0.0
    assert log_loss(left, p, np.ones(100)) == 0.0
