"""Fewer customers where a file holds more than it takes: drawn whole, so that nobody is torn apart."""

import numpy as np
from numpy.typing import NDArray

from training.rows import Rows

MOST_ROWS_TO_CHOOSE = 50_000
"""So many are enough to compare candidates, to calibrate one and to say how good it is."""
MOST_ROWS_OF_ONE_LOGISTIC = 200_000
"""Its design has a column a knot and a level; more rows move its few hundred weights by less than they are worth."""
STREAM = tuple(b"sample")


def drawn_rows(rows: Rows, most: int) -> NDArray[np.int64]:
    """The numbers of at most `most` rows, in their order, of customers drawn with a fixed seed; all where they fit."""
    if len(rows) <= most:
        return np.arange(len(rows))
    customer = _numbered(rows)
    order = np.random.default_rng(STREAM).permutation(int(customer.max()) + 1)
    seen = np.cumsum(np.bincount(customer)[order])
    return np.flatnonzero(np.isin(customer, order[seen <= most]))


def evenly(rows: int, most: int) -> NDArray[np.int64]:
    """At most `most` row numbers, spread evenly from the first to the last."""
    return np.unique(np.linspace(0, rows - 1, min(rows, most)).astype(np.int64))


def _numbered(rows: Rows) -> NDArray[np.int64]:
    """Each row's customer as a number, by first appearance; far sooner than sorting their names."""
    if rows.customers is None:
        return np.arange(len(rows))
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(one, len(numbers)) for one in rows.customers.tolist()], dtype=np.int64)
