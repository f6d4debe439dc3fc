"""Qini: how well an order of customers puts those first whom a treatment moves, on a randomised trial."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.evaluation.intervals import Numbers
from training.interval import CONFIDENCE, Interval

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
    best = _Order(_best(treated, outcome), treated, outcome)
    return _Order(score, treated, outcome).share(best, np.ones(len(score)))


def qini_interval(score: Numbers, treated: Truth, outcome: Truth, seed: int = 0) -> Interval:
    """Qini with the middle 95 % of 500 resamplings of customers; the score is taken as given."""
    return middle(qini(score, treated, outcome), resampled_qini(score[None], treated, outcome, seed)[:, 0])


def resampled_qini(scores: Numbers, treated: Truth, outcome: Truth, seed: int = 0) -> Numbers:
    """Qini of k scores (k, n) on 500 resamplings of customers, the same for all: (500, k)."""
    rng, rows = np.random.default_rng(seed), len(treated)
    drawn = (np.bincount(rng.integers(0, rows, rows), minlength=rows) for _ in range(RESAMPLINGS))
    best = _Order(_best(treated, outcome), treated, outcome)
    orders = [_Order(score, treated, outcome) for score in scores]
    return np.array([[order.share(best, often) for order in orders] for often in drawn])


def middle(value: float, again: Numbers) -> Interval:
    """A figure with the middle 95 % of what it came to on resamplings [r]."""
    low, high = np.quantile(again, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Interval(value, float(low), float(high))


def _best(treated: Truth, outcome: Truth) -> Numbers:
    return np.where(outcome, np.where(treated, 1.0, -1.0), 0.0)


class _Order:
    """Customers [n] by falling score; a resampling is how often each of them comes, [n]."""

    def __init__(self, score: Numbers, treated: Truth, outcome: Truth) -> None:
        self.order = np.argsort(-score, kind="stable")
        ordered = score[self.order]
        self.last_of_equals = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), len(score) - 1)
        self.treated, self.outcome = treated[self.order], outcome[self.order]

    def share(self, best: "_Order", often: Any) -> float:
        """The area between this curve and chance, as a share of that of the best order."""
        (ours, at_random), (most, _) = self.areas(often), best.areas(often)
        return (ours - at_random) / (most - at_random)

    def areas(self, often: Any) -> tuple[float, float]:
        """(area under the Qini curve, area under chance), in outcomes times customers."""
        often = often[self.order]
        counts = (self.treated, ~self.treated, self.treated & self.outcome, ~self.treated & self.outcome)
        with_it, without, won, lost = (np.cumsum(often * count)[self.last_of_equals] for count in counts)
        gains = won - np.divide(lost * with_it, without, out=np.zeros(len(won)), where=without > 0)
        customers = np.concatenate([[0.0], with_it + without])
        curve = float(np.trapezoid(np.concatenate([[0.0], gains]), customers))
        return curve, float(gains[-1] * customers[-1] / 2)
