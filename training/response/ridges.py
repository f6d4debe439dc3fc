"""How tightly parameters are held, so that the data are most likely: one ridge for all of a name, a factor for a fact.

Of twenty facts a few tell of a customer: all the parameters of a fact say together how tightly to hold each of them
(MacKay 1992; automatic relevance determination).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
Parts = Mapping[str, Numbers]
"""Numbers of the parameters of a mixture, by name; slopes have their columns of facts [D] first."""
LEAST_RIDGE, MOST_RIDGE, TYPICAL_VARIANCE = 0.5, 1e5, 1 / 400
LEAST_FACTOR, MOST_FACTOR, DRAWN = 0.02, 100.0, 10.0
FIRST_RIDGES = {
    "willing": 0.02, "weights": 1.0, "willing_by": 100.0, "tastes_by": 200.0, "terms": 3.0, "terms_by": 1000.0,
    "shares": 0.1, "shares_by": 100.0,
}  # fmt: skip
KEPT_RIDGES = {"willing", "shares", "terms"}
"""Nothing is known beforehand of the first two. What a term is worth may be stated wrong by a factor of 1.8, and the
terms that were offered often say nothing of those that were not: their evidence would hold the others to the priors."""
SLOPES = ("willing_by", "tastes_by", "terms_by", "shares_by")


@dataclass(frozen=True)
class Ridges:
    """One for all the parameters of a name; slopes are held by as many times as much as `factors` [D] says."""

    by_name: Mapping[str, float]
    factors: Numbers

    def of_each(self, parts: Parts) -> dict[str, Numbers]:
        """The ridge of every parameter, in its place."""
        return {name: self.by_name[name] * self._factors(name, part) for name, part in parts.items()}

    def evident(self, found: Parts, sharp: Parts, of_fact: Whole) -> "Ridges":
        """The ridges that the data make likely, from what they were found to be and the information that told them.

        A ridge for each taste would follow chance where a taste was offered to few: a slope from two dozen acceptances.
        """
        held, by_name = self.of_each(found), dict(self.by_name)
        told = {name: sharp[name] / (sharp[name] + held[name]) for name in found}
        for name in by_name.keys() - KEPT_RIDGES:
            squares = (self._factors(name, found[name]) * found[name] ** 2).sum()
            evident = (told[name].sum() + 1) / (squares + TYPICAL_VARIANCE)
            by_name[name] = float(np.clip(evident, LEAST_RIDGE, MOST_RIDGE))
        asks = {name: by_name[name] * found[name] ** 2 for name in SLOPES}
        return Ridges(by_name, fact_factors(_by_column(told), _by_column(asks), of_fact, DRAWN))

    def _factors(self, name: str, part: Numbers) -> Numbers:
        if name not in SLOPES:
            return np.ones_like(part)
        return self.factors.reshape(-1, *[1] * (part.ndim - 1)) * np.ones_like(part)


def first_ridges(width: int) -> Ridges:
    """The ridges before any evidence, alike for all columns of facts."""
    return Ridges(FIRST_RIDGES, np.ones(width))


def fact_factors(told: Numbers, asks: Numbers, of_fact: Whole, drawn: float) -> Numbers:
    """By how much a common ridge is to be multiplied for each column of facts [D]; one number for a fact.

    `told` [D]: how many parameters of a column the data tell; `asks` [D]: their squares times the common ridge, as many
    where that is right; `of_fact` [D]: which fact a column is of; `drawn`: parameters that would speak for 1.
    """
    tell, ask = (np.bincount(of_fact, of_column) + drawn for of_column in (told, asks))
    return np.asarray(np.clip(tell / ask, LEAST_FACTOR, MOST_FACTOR)[of_fact])


def _by_column(slopes: Parts) -> Numbers:
    return np.asarray(sum(slopes[name].reshape(len(slopes[name]), -1).sum(axis=1) for name in SLOPES))
