"""The encoding a model reads, taken from the rows it is fitted on."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.features import Categorical, Encoding, Feature, FeatureColumns, Numeric

MOST_BINS = 64
FEWEST_ROWS_A_LEVEL = 10


def fit_encoding(columns: FeatureColumns) -> Encoding:
    """The encoding of feature columns: numbers in at most 64 bins of equal mass, texts by level, in the order given."""
    return Encoding(tuple(_fit_feature(name, column) for name, column in columns.items()))


def typical_values(feature: Numeric) -> NDArray[np.float64]:
    """One number for each code but the last (missing): the middle of its bin, outer bins as wide as the next."""
    edges = feature.edges
    if len(edges) < 2:
        return np.arange(len(edges) + 1, dtype=np.float64)
    outer = np.concatenate([[2 * edges[0] - edges[1]], edges, [2 * edges[-1] - edges[-2]]])
    middles: NDArray[np.float64] = (outer[1:] + outer[:-1]) / 2
    return middles


def _fit_feature(name: str, column: NDArray[Any]) -> Feature:
    if column.dtype.kind == "O":
        levels, counts = np.unique(column.astype(str), return_counts=True)
        return Categorical(name, tuple(str(level) for level in levels[counts >= FEWEST_ROWS_A_LEVEL] if level))
    return Numeric(name, _edges(column[np.isfinite(column)]))


def _edges(values: NDArray[np.float64]) -> NDArray[np.float64]:
    distinct = np.unique(values)
    if len(distinct) > MOST_BINS:
        below = np.unique(np.quantile(values, np.linspace(0, 1, MOST_BINS + 1)[1:-1], method="lower"))
        above = distinct[np.minimum(distinct.searchsorted(below, side="right"), len(distinct) - 1)]
        return np.unique((below + above) / 2)
    return (distinct[1:] + distinct[:-1]) / 2
