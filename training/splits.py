"""Who is fitted on and who is judged: never the same customer, never the future."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from training.rows import Rows

Split = tuple[NDArray[np.int64], NDArray[np.int64]]
Mask = NDArray[np.bool_]

SHARE_JUDGED = 0.1
FEWEST_LEAVERS = 50
STREAM = tuple(b"folds")
"""Keeps these draws apart from those of whoever made the data with the same small seed."""


def splits(rows: Rows, folds: int, seed: int) -> Iterator[Split]:
    """Pairs of row numbers to fit on and to judge on; each judged row is judged once.

    Forward in time where the dates allow it: folds of customers, fitted on what was known of the other customers when
    the latest period began, judged on that period. Otherwise stratified folds of whole customers, shuffled with `seed`.
    """
    if (periods := forward_periods(rows)) is not None:
        yield from _forward(rows, periods, folds, seed)
    elif rows.customers is not None and len(np.unique(rows.customers)) < len(rows):
        grouped = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
        yield from grouped.split(rows.left, rows.left, rows.customers)
    else:
        yield from StratifiedKFold(folds, shuffle=True, random_state=seed).split(rows.left, rows.left)


def forward_periods(rows: Rows) -> tuple[Mask, Mask] | None:
    """The rows whose end was known when the latest period began, and that period's rows; None without enough dates.

    The latest period begins on the last day from which on lies a tenth of the rows. What became of a row is known a
    window of the label after its date.
    """
    if rows.dates is None:
        return None
    begins = np.sort(rows.dates)[-int(np.ceil(SHARE_JUDGED * len(rows)))]
    latest = rows.dates >= begins
    known = _months_later(rows.dates, max(rows.window_months, 0)) <= begins
    earlier = known & ~latest
    enough = min(rows.left[earlier].sum(), rows.left[latest].sum()) >= FEWEST_LEAVERS
    return (earlier, latest) if enough else None


def _forward(rows: Rows, periods: tuple[Mask, Mask], folds: int, seed: int) -> Iterator[Split]:
    earlier, latest = periods
    customers = np.arange(len(rows)) if rows.customers is None else rows.customers
    known, position = np.unique(customers, return_inverse=True)
    fold_of = (np.random.default_rng([*STREAM, seed]).permutation(len(known)) % folds)[position]
    for fold in range(folds):
        judged = fold_of == fold
        yield np.flatnonzero(~judged & earlier), np.flatnonzero(judged & latest)


def _months_later(dates: NDArray[np.datetime64], months: int) -> NDArray[np.datetime64]:
    month = dates.astype("datetime64[M]")
    return (month + months).astype("datetime64[D]") + (dates - month.astype("datetime64[D]"))
