"""Additive log-odds while a model is being made: one table a feature, one a pair, in floating point."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.churn import UNIT, Churn
from models.features import Encoding

Table = NDArray[np.float64]


@dataclass
class Terms:
    """log-odds = intercept + sum of mains[j][code j] + sum of pairs[i, j][code i, code j], with i < j."""

    intercept: float
    mains: list[Table]
    pairs: dict[tuple[int, int], Table] = field(default_factory=dict)

    def logit(self, codes: NDArray[np.int64]) -> NDArray[np.float64]:
        """Log-odds [n] of codes [features x n]."""
        total = np.full(codes.shape[1], self.intercept)
        for main, code in zip(self.mains, codes, strict=True):
            total += main[code]
        for (one, other), pair in self.pairs.items():
            total += pair[codes[one], codes[other]]
        return total

    def rescaled(self, shift: float, slope: float) -> "Terms":
        """The terms of shift + slope * log-odds."""
        pairs = {places: slope * pair for places, pair in self.pairs.items()}
        return Terms(shift + slope * self.intercept, [slope * main for main in self.mains], pairs)


def mean_of(parts: list[Terms]) -> Terms:
    """The terms of the mean log-odds of some models over the same codes."""
    share = 1.0 / len(parts)
    mean = Terms(sum(part.intercept for part in parts) * share, [np.zeros_like(main) for main in parts[0].mains])
    for part in parts:
        for total, main in zip(mean.mains, part.mains, strict=True):
            total += share * main
        for places, pair in part.pairs.items():
            mean.pairs[places] = mean.pairs.get(places, 0.0) + share * pair
    return mean


def to_churn(terms: Terms, encoding: Encoding, codes: NDArray[np.int64]) -> Churn:
    """The model that is served: the same log-odds, centred on the training codes [features x n] and in whole units.

    Codes that training never saw are made to add nothing.
    """
    shares = [np.bincount(code, minlength=len(main)) / len(code) for code, main in zip(codes, terms.mains, strict=True)]
    centred = _centred(terms, shares)
    tables = centred.mains + [centred.pairs[places] for places in sorted(centred.pairs)]
    places = [(j, j) for j in range(len(centred.mains))] + sorted(centred.pairs)
    sizes = [table.size for table in tables]
    return Churn(
        encoding,
        intercept=round(centred.intercept / UNIT),
        first=np.array([one for one, _ in places]),
        second=np.array([other for _, other in places]),
        stride=np.array([0 if table.ndim == 1 else table.shape[1] for table in tables]),
        offset=np.array([0, *np.cumsum(sizes)[:-1]]),
        table=np.rint(np.concatenate([table.ravel() for table in tables]) / UNIT).astype(np.int64),
    )


def _centred(terms: Terms, shares: list[Table]) -> Terms:
    """Move what a pair says of one feature alone to that feature, and every mean to the intercept."""
    centred = Terms(terms.intercept, [main.copy() for main in terms.mains])
    for (one, other), pair in terms.pairs.items():
        of_one, of_other = pair @ shares[other], shares[one] @ pair
        mean = float(of_one @ shares[one])
        centred.mains[one] += of_one
        centred.mains[other] += of_other - mean
        rest = pair - of_one[:, None] - of_other[None, :] + mean
        centred.pairs[one, other] = rest * np.outer(shares[one] > 0, shares[other] > 0)
    for place, share in enumerate(shares):
        mean = float(centred.mains[place] @ share)
        centred.intercept += mean
        centred.mains[place] = np.where(share > 0, centred.mains[place] - mean, 0.0)
    return centred
