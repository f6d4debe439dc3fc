"""Qini: how well an order of customers puts those first whom a treatment moves, on a randomised trial."""

import numpy as np
from numpy.typing import NDArray

from training.evaluation.intervals import CONFIDENCE, Interval, Numbers

Truth = NDArray[np.bool_]
RESAMPLINGS = 500


def qini(score: Numbers, treated: Truth, outcome: Truth) -> float:
    """The area between the Qini curve and chance, as a share of that of the best possible order: 0 chance, 1 best.

    The curve: outcomes among the treated so far, less those of the untreated brought to as many; customers [n] of equal
    score are taken together. The best order has the treated with an outcome first, the untreated with one last.
    Raises ValueError where nobody, or everybody, is treated.
    """
    if not 0 < treated.sum() < len(treated):
        raise ValueError("nobody is treated, or everybody")
    best: Numbers = np.where(outcome, np.where(treated, 1.0, -1.0), 0.0)
    at_random = _area(np.zeros(len(score)), treated, outcome)
    return (_area(score, treated, outcome) - at_random) / (_area(best, treated, outcome) - at_random)


def qini_interval(score: Numbers, treated: Truth, outcome: Truth, seed: int = 0) -> Interval:
    """Qini with the middle 95 % of 500 resamplings of customers; the score is taken as given."""
    return middle(qini(score, treated, outcome), resampled_qini(score[None], treated, outcome, seed)[:, 0])


def resampled_qini(scores: Numbers, treated: Truth, outcome: Truth, seed: int = 0) -> Numbers:
    """Qini of k scores (k, n) on 500 resamplings of customers, the same for all: (500, k)."""
    rng, rows = np.random.default_rng(seed), len(treated)
    drawn = (rng.integers(0, rows, rows) for _ in range(RESAMPLINGS))
    return np.array([[qini(score[some], treated[some], outcome[some]) for score in scores] for some in drawn])


def middle(value: float, again: Numbers) -> Interval:
    """A figure with the middle 95 % of what it came to on resamplings [r]."""
    low, high = np.quantile(again, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Interval(value, float(low), float(high))


def _area(score: Numbers, treated: Truth, outcome: Truth) -> float:
    """The area under the Qini curve of an order, in outcomes times customers."""
    order = np.argsort(-score, kind="stable")
    ordered = score[order]
    last_of_equals = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), len(order) - 1)
    gains = _gains(treated[order], outcome[order])[last_of_equals]
    return float(np.trapezoid(np.concatenate([[0.0], gains]), np.concatenate([[0], last_of_equals + 1])))


def _gains(treated: Truth, outcome: Truth) -> Numbers:
    """Outcomes that the treatment has brought among the first 1, 2, ... n rows."""
    with_it, without = np.cumsum(treated), np.cumsum(~treated)
    won, lost = np.cumsum(treated & outcome), np.cumsum(~treated & outcome)
    gains: Numbers = won - np.divide(lost * with_it, without, out=np.zeros(len(won)), where=without > 0)
    return gains
