"""A mean or a ratio of sums over customers, with a 95 % interval that allows for heavy weights and rare rewards.

Empirical likelihood (Owen): the interval holds every value that does not make the data too unlikely, so it follows
their skewness and never leaves their range, and the bias of a ratio does not enter. What is too unlikely is read off
Student's t, with the degrees of freedom that heavy tails leave to the variance (Satterthwaite), less half of what
skewness adds to them, for the likelihood follows it already. docs/learning.md shows how often such intervals hold.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import t as students_t

from training.interval import CONFIDENCE, Interval

Numbers = NDArray[np.float64]
NEAREST = 1e-7
"""How near the end of an interval is found, against the distance from the figure."""


def by_customer(values: Numbers, customers: NDArray[Any]) -> Numbers:
    """Sums of `values` [n] over the rows of each customer."""
    _, place = np.unique(customers, return_inverse=True)
    sums: Numbers = np.bincount(place, weights=values).astype(np.float64)
    return sums


def ratio_interval(above: Numbers, below: Numbers) -> Interval:
    """The ratio of the sums of two columns, a row a customer [m], none of `below` negative; a mean where it counts.

    Both ends are the figure itself where nothing varies.
    """
    value = float(above.sum() / below.sum())
    gaps = above - value * below
    spread = float(np.sqrt((gaps**2).mean()))
    if spread <= 1e-12 * float(np.abs(above).max()):
        return Interval(value, value, value)
    ratios = above[below > 0] / below[below > 0]
    standard_error = spread * len(gaps) ** 0.5 / float(below.sum())
    most = _quantile(gaps, spread) ** 2
    counts = (above != 0) | (below != 0)
    columns = above[counts], below[counts]

    def end(step: float, bound: float) -> float:
        return _end(columns, value, _Outwards(step, bound, most))

    return Interval(value, end(-standard_error, float(ratios.min())), end(standard_error, float(ratios.max())))


def _quantile(gaps: Numbers, spread: float) -> float:
    """How many standard errors a figure of so many gaps may be away."""
    skewness, kurtosis = (float(((gaps / spread) ** power).mean()) for power in (3, 4))
    freedom = 2 * len(gaps) / max(kurtosis - 1 - skewness**2 / 2, 1e-6)
    return float(students_t.ppf((1 + CONFIDENCE) / 2, freedom))


@dataclass(frozen=True)
class _Outwards:
    """Where to look for an end: in steps from the figure, never past the bound, for so much unlikelihood."""

    step: float
    bound: float
    most: float


def _end(columns: tuple[Numbers, Numbers], value: float, outwards: _Outwards) -> float:
    """The value between the figure and the bound at which the data are as unlikely as they may be."""
    above, below = columns
    inside, outside = value, value + outwards.step
    while _unlikelihood(above - outside * below) <= outwards.most:
        inside, outside = outside, outside + (outside - value)
        if abs(outside - value) >= abs(outwards.bound - value):
            outside = outwards.bound
            break
    while abs(outside - inside) > NEAREST * abs(outside - value):
        middle = (inside + outside) / 2
        if _unlikelihood(above - middle * below) <= outwards.most:
            inside = middle
        else:
            outside = middle
    return inside


def _unlikelihood(gaps: Numbers) -> float:
    """-2 log of the empirical likelihood ratio of a mean of 0; infinite where all lie on one side of it."""
    low, high = float(gaps.min()), float(gaps.max())
    if low >= 0 or high <= 0:
        return float("inf")
    scaled = gaps / max(high, -low)
    low, high = float(scaled.min()), float(scaled.max())

    def pull(tilt: float) -> float:
        return float((scaled / (1 + tilt * scaled)).sum())

    inwards = 1 - 1e-10
    tilt = brentq(pull, -inwards / high, -inwards / low, xtol=1e-12, rtol=1e-12)
    return 2 * float(np.log1p(tilt * scaled).sum())
