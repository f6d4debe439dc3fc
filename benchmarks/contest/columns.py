"""Customers as the columns that boosted trees read."""

import numpy as np

from benchmarks.markets.files import features_of
from benchmarks.markets.people import Floats, People


class Table:
    """Which columns are categories, and their codes, as first seen in some customers."""

    def __init__(self, people: People) -> None:
        self._names = {
            name: {word: code for code, word in enumerate(sorted(set(column)))}
            for name, column in features_of(people).items()
            if column.dtype == object
        }
        self.categorical = [name in self._names for name in features_of(people)]

    def columns(self, people: People) -> Floats:
        """All that is known of customers, [n, columns]; a word never seen is missing."""
        return np.column_stack([self._coded(name, column) for name, column in features_of(people).items()])

    def _coded(self, name: str, column: np.ndarray) -> Floats:
        if name not in self._names:
            return column
        codes = self._names[name]
        return np.array([codes.get(word, np.nan) for word in column], dtype=np.float64)
