"""Snapshots: one row a contract and day on which it ran, and whether it ended within the horizon."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from intake.calendar import add_months
from intake.columns import Columns
from intake.mapping import Snapshots


def running_on(columns: Columns, snapshots: Snapshots) -> tuple[pl.Series, pl.Series]:
    """The days on which contracts begin and end (null: still running); rejects those without a beginning."""
    begin, end = columns.day(snapshots.begin), columns.day(snapshots.end)
    columns.rejects.reject(columns.raw(snapshots.begin).is_null(), snapshots.begin, "is missing")
    columns.rejects.reject(begin > end, snapshots.end, f"lies before {snapshots.begin}", end.cast(pl.String))
    return begin, end


def snapshot_rows(
    begin: pl.Series, end: pl.Series, days: Sequence[date], horizon_months: int
) -> tuple[NDArray[np.int64], pl.Series, NDArray[np.bool_]]:
    """The rows that run on each day (begin <= day < end), that day, and whether they end by day + horizon."""
    rows, dates, left = [], [], []
    for day in days:
        running = ((begin <= day) & (end.is_null() | (end > day))).fill_null(False)
        at = running.arg_true().to_numpy().astype(np.int64)
        rows.append(at)
        dates.append(pl.repeat(day, len(at), dtype=pl.Date, eager=True))
        ended = (end <= add_months(day, horizon_months)).fill_null(False)
        left.append(ended.to_numpy()[at])
    return np.concatenate(rows), pl.concat(dates), np.concatenate(left)
