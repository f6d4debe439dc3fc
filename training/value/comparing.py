"""The mean of a figure, and its difference between two sides, with a 95 % interval that knows the accounts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as students_t

from training.interval import CONFIDENCE, Interval

FEWEST_ACCOUNTS = 30
FEWEST_ENDINGS = 5
"""Contracts of each side that left, and that stayed, before a side is compared: below, the spread is a guess."""
FEWEST_IN_A_STRATUM = 2
"""Accounts of each side; a stratum with fewer shows no spread on that side, and is left out."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Sides:
    """n contracts: which are on the first side, whose account each is, and within which stratum it is compared."""

    first: NDArray[np.bool_]
    account: NDArray[Any]
    stratum: NDArray[Any]

    def accounts(self, first: bool) -> int:
        """How many accounts a side has."""
        return len(np.unique(self.account[self.first == first]))


def mean(values: Numbers, account: NDArray[Any]) -> Interval:
    """The mean of a figure over contracts [n] of two accounts or more, the account being the unit of chance."""
    return _around(float(values.mean()), _pulls(values, account), account, len(np.unique(account)) - 1)


def difference(values: Numbers, sides: Sides) -> Interval | None:
    """The mean of the first side less that of the other [n]: within each stratum, weighed as Mantel and Haenszel do.

    One stratum is the plain difference of two means. None where no stratum has both sides.
    """
    pull, value, weights, used = np.zeros(len(values)), 0.0, 0.0, np.zeros(len(values), dtype=bool)
    for ours, theirs in _strata(sides):
        weight = ours.sum() * theirs.sum() / (ours.sum() + theirs.sum())
        value += weight * float(values[ours].mean() - values[theirs].mean())
        pull[ours] = weight * _pulls(values[ours], sides.account[ours])
        pull[theirs] = -weight * _pulls(values[theirs], sides.account[theirs])
        weights += weight
        used |= ours | theirs
    if not weights:
        return None
    fewest = min(len(np.unique(sides.account[used & side])) for side in (sides.first, ~sides.first))
    return _around(value / weights, pull / weights, sides.account, fewest - 1)


def too_little(left: NDArray[np.bool_], sides: Sides, names: tuple[str, str]) -> str | None:
    """Why two sides are not compared, in words; None where there is enough of both. `names`: of each."""
    for is_first, name in zip((True, False), names, strict=True):
        mine, accounts = sides.first == is_first, sides.accounts(is_first)
        if accounts < FEWEST_ACCOUNTS:
            held = "no outcome is known" if not accounts else f"outcomes of {accounts} accounts are known"
            return f"{name}: {held}, {FEWEST_ACCOUNTS} are needed"
        fewer = min(int(left[mine].sum()), int((~left[mine]).sum()))
        if fewer < FEWEST_ENDINGS:
            return f"{name}: fewer than {FEWEST_ENDINGS} contracts left, or fewer than {FEWEST_ENDINGS} stayed"
    return None


def _strata(sides: Sides) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    for name in np.unique(sides.stratum):
        here = sides.stratum == name
        pair = here & sides.first, here & ~sides.first
        if min(len(np.unique(sides.account[side])) for side in pair) >= FEWEST_IN_A_STRATUM:
            yield pair


def _pulls(values: Numbers, account: NDArray[Any]) -> Numbers:
    """How far each contract draws the mean of its side, [n]; the spread of few accounts is scaled up."""
    accounts = len(np.unique(account))
    return (values - values.mean()) / len(values) * np.sqrt(accounts / (accounts - 1))


def _around(value: float, pull: Numbers, account: NDArray[Any], degrees: int) -> Interval:
    _, place = np.unique(account, return_inverse=True)
    spread = float(np.sqrt((np.bincount(place, weights=pull) ** 2).sum()))
    half = float(students_t.ppf((1 + CONFIDENCE) / 2, degrees)) * spread
    return Interval(value, value - half, value + half)
