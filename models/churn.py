"""The fitted churn model: one table of log-odds a feature, one a pair of features, and their exact sum.

Whatever was fitted (logistic regression on splines, boosted trees of one or two features, a blend of them) is stored
in this one form. Log-odds are whole numbers of 2**-48, so a sum is the same in any order and one row is the batch, bit
for bit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.features import Encoding, FeatureColumns, feature_from_plain, feature_to_plain

UNIT = 2.0**-48
ROWS_AT_ONCE = 4096
FORMAT = 1


class WrongSchema(ValueError):
    """What was read is not a churn model of this format."""


@dataclass(frozen=True)
class Reason:
    """One feature of one customer and the log-odds it adds (or takes) beside the average customer."""

    feature: str
    log_odds: float


@dataclass(frozen=True)
class Churn:
    """log-odds of leaving = intercept + sum over the terms of table[offset + code(first) * stride + code(second)].

    A term of one feature has first = second and stride 0. `table` and `intercept` are in units of 2**-48. Every table
    is centred on the training customers: the intercept is the average customer, the rest is what sets one apart.
    """

    encoding: Encoding
    intercept: int
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    stride: NDArray[np.int64]
    offset: NDArray[np.int64]
    table: NDArray[np.int64]

    def logit(self, columns: FeatureColumns) -> NDArray[np.float64]:
        """Log-odds of leaving [n] of feature columns [n]; raises IncompatibleFeatures."""
        codes = self.encoding.codes(columns)
        total = np.empty(codes.shape[1], dtype=np.float64)
        for start in range(0, codes.shape[1], ROWS_AT_ONCE):
            part = slice(start, start + ROWS_AT_ONCE)
            total[part] = (self._terms(codes[:, part]).sum(axis=0) + self.intercept) * UNIT
        return total

    def probability(self, columns: FeatureColumns) -> NDArray[np.float64]:
        """Chance of leaving within the window [n] of feature columns [n]; raises IncompatibleFeatures."""
        return 1.0 / (1.0 + np.exp(-self.logit(columns)))

    def contributions(self, columns: FeatureColumns) -> NDArray[np.float64]:
        """Log-odds that each feature adds [n x features]; a pair counts half to each. With the intercept: the logit."""
        halves = self._halves @ self._terms(self.encoding.codes(columns))
        return halves.T.astype(np.float64) * np.float64(UNIT / 2)

    def reasons(self, columns: FeatureColumns, most: int = 3) -> list[tuple[Reason, ...]]:
        """The features that move each row furthest from the average customer, strongest first, at most `most` a row."""
        contributions = self.contributions(columns)
        order = np.argsort(-np.abs(contributions), axis=1, kind="stable")[:, :most]
        names = self.encoding.names
        return [
            tuple(Reason(names[j], float(row[j])) for j in best if row[j] != 0.0)
            for row, best in zip(contributions, order, strict=True)
        ]

    def _terms(self, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        places = codes[self.first]
        places *= self._stride_column
        places += codes[self.second]
        places += self._offset_column
        return self.table[places]

    @cached_property
    def _halves(self) -> NDArray[np.int64]:
        """How many halves of each term each feature takes, [features x terms]: both of its own, one of a pair."""
        feature = np.arange(len(self.encoding.features))[:, None]
        return (feature == self.first).astype(np.int64) + (feature == self.second)

    @cached_property
    def _stride_column(self) -> NDArray[np.int64]:
        return self.stride[:, None]

    @cached_property
    def _offset_column(self) -> NDArray[np.int64]:
        return self.offset[:, None]


def to_arrays(churn: Churn) -> dict[str, Any]:
    """The model as plain numbers, texts and arrays, for the artefact."""
    return {
        "format": FORMAT,
        "features": [feature_to_plain(feature) for feature in churn.encoding.features],
        "intercept": churn.intercept,
        **{name: getattr(churn, name) for name in ("first", "second", "stride", "offset", "table")},
    }


def from_arrays(plain: object) -> Churn:
    """The model of `to_arrays`; raises WrongSchema when a part is missing, of another kind, or points off its table."""
    if not isinstance(plain, Mapping) or plain.get("format") != FORMAT:
        raise WrongSchema(f"expected a churn model of format {FORMAT}")
    try:
        encoding = Encoding(tuple(feature_from_plain(feature) for feature in plain["features"]))
        arrays = {name: _whole_numbers(plain[name]) for name in ("first", "second", "stride", "offset", "table")}
        churn = Churn(encoding, int(plain["intercept"]), **arrays)
    except (KeyError, TypeError, ValueError) as error:
        raise WrongSchema(f"not a churn model: {error}") from error
    _check_places(churn)
    return churn


def _check_places(churn: Churn) -> None:
    counts = np.array([feature.codes_count for feature in churn.encoding.features])
    terms = (churn.first, churn.second, churn.stride, churn.offset)
    if len({len(array) for array in terms}) != 1 or any(array.min(initial=0) < 0 for array in terms):
        raise WrongSchema("the terms are not of one length, or point below the table")
    if max(churn.first.max(initial=0), churn.second.max(initial=0)) >= len(counts):
        raise WrongSchema("a term reads a feature that is not there")
    last = churn.offset + (counts[churn.first] - 1) * churn.stride + counts[churn.second] - 1
    if last.max(initial=0) >= len(churn.table):
        raise WrongSchema("a term points behind its table")


def _whole_numbers(array: Any) -> NDArray[np.int64]:
    if not isinstance(array, np.ndarray) or array.dtype != np.int64 or array.ndim != 1:
        raise WrongSchema("expected columns of whole numbers")
    return array
