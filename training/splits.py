"""Who is fitted on and who is judged: never the same customer, never the future."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from training.rows import Rows

Split = tuple[NDArray[np.int64], NDArray[np.int64]]


def splits(rows: Rows, folds: int, seed: int) -> Iterator[Split]:
    """Pairs of row numbers to fit on and to judge on; each judged row is judged once.

    Without dates: stratified folds, shuffled with `seed`, and whole customers where one has several rows. With dates:
    folds of customers, fitted on the earlier dates of the other customers and judged on the last date.
    """
    if rows.dates is not None and len(np.unique(rows.dates)) > 1:
        yield from _forward(rows, rows.dates, folds, seed)
    elif rows.customers is not None and len(np.unique(rows.customers)) < len(rows):
        grouped = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
        yield from grouped.split(rows.left, rows.left, rows.customers)
    else:
        yield from StratifiedKFold(folds, shuffle=True, random_state=seed).split(rows.left, rows.left)


def _forward(rows: Rows, dates: NDArray[np.datetime64], folds: int, seed: int) -> Iterator[Split]:
    customers = np.arange(len(rows)) if rows.customers is None else rows.customers
    known, position = np.unique(customers, return_inverse=True)
    fold_of = (np.random.default_rng(seed).permutation(len(known)) % folds)[position]
    last = dates == dates.max()
    for fold in range(folds):
        judged = fold_of == fold
        yield np.flatnonzero(~judged & ~last), np.flatnonzero(judged & last)
