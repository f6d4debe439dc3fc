"""Calendar arithmetic in whole months, on columns of days."""

import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.datetime64]


def day(date: datetime.date) -> np.datetime64:
    """One calendar date as numpy counts days."""
    return np.datetime64(date, "D")


def add_months(date: Any, months: Any) -> Any:
    """The same day of the month `months` later, or the last day of a shorter month; any shape of days and months."""
    month = date.astype("datetime64[M]")
    day_of_month = (date - month.astype("datetime64[D]")).astype(np.int64)
    target = month + np.asarray(months, dtype="timedelta64[M]")
    last = ((target + np.timedelta64(1, "M")).astype("datetime64[D]") - target.astype("datetime64[D]")).astype(np.int64)
    return target.astype("datetime64[D]") + np.minimum(day_of_month, last - 1).astype("timedelta64[D]")


def whole_months_since(begin: Days, today: np.datetime64) -> NDArray[np.int64]:
    """Full months from each day to today [n]; 0 where the day is unknown or ahead."""
    known = np.where(np.isnat(begin), today, begin)
    months = (today.astype("datetime64[M]") - known.astype("datetime64[M]")).astype(np.int64)
    months -= _day_of_month(today) < _day_of_month(known)
    return np.maximum(months, 0)


def months_left(end: Days, today: np.datetime64) -> NDArray[np.int64]:
    """Months from today to each last day [n], a begun month counted whole; 0 where unknown or past."""
    known = np.where(np.isnat(end), today, end)
    months = (known.astype("datetime64[M]") - today.astype("datetime64[M]")).astype(np.int64)
    months += _day_of_month(known) > _day_of_month(today)
    return np.maximum(months, 0)


def _day_of_month(date: Any) -> Any:
    return (date - date.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64)
