"""A churn model of random tables, and random customers for it: no training needed."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.churn import Churn
from models.features import Categorical, Encoding, Numeric

LEVELS = ("fibre", "cable", "dsl")


def random_churn(seed: int, numeric: int = 14, categorical: int = 11) -> Churn:
    """A model over numeric and categorical features, with a table for each and for 60 pairs of them."""
    rng = np.random.default_rng(seed)
    features = [Numeric(f"n{i}", np.sort(rng.normal(size=rng.integers(0, 63)))) for i in range(numeric)]
    encoding = Encoding((*features, *(Categorical(f"c{i}", LEVELS) for i in range(categorical))))
    counts = np.array([feature.codes_count for feature in encoding.features])
    alone = np.arange(len(counts))
    pairs = np.array(sorted({tuple(sorted(rng.choice(len(counts), 2, replace=False))) for _ in range(60)}))
    first, second = np.concatenate([alone, pairs[:, 0]]), np.concatenate([alone, pairs[:, 1]])
    stride = np.where(first == second, 0, counts[second])
    sizes = np.where(first == second, 1, counts[first]) * counts[second]
    table = rng.integers(-(2**46), 2**46, sizes.sum())
    return Churn(encoding, -(2**48), first, second, stride, np.cumsum(sizes) - sizes, table)


ODD = (np.nan, np.inf, -np.inf, 0.0, 1e308)


def random_customers(churn: Churn, rows: int, seed: int, odd: tuple[float, ...] = ODD) -> dict[str, NDArray[Any]]:
    """Feature columns with odd numbers and missing and unseen texts among the usual ones."""
    rng = np.random.default_rng(seed)
    columns: dict[str, NDArray[Any]] = {}
    for feature in churn.encoding.features:
        if isinstance(feature, Numeric):
            usual = rng.normal(size=rows)
            columns[feature.name] = np.where(rng.random(rows) < 0.1, rng.choice(odd, rows), usual)
        else:
            columns[feature.name] = rng.choice(np.array([*LEVELS, "", "satellite"], dtype=object), rows)
    return columns
