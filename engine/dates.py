"""Calendar arithmetic in whole months, on columns of days."""

import datetime
import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.datetime64]


@functools.lru_cache(maxsize=1_024)
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
    (month, day_of_month), (this_month, this_day) = _split(np.where(np.isnat(begin), today, begin)), _split_one(today)
    months: NDArray[np.int64] = np.maximum(this_month - month - (day_of_month > this_day), 0)
    return months


def months_left(end: Days, today: np.datetime64) -> NDArray[np.int64]:
    """Months from today to each last day [n], a begun month counted whole; 0 where unknown or past."""
    (month, day_of_month), (this_month, this_day) = _split(np.where(np.isnat(end), today, end)), _split_one(today)
    months: NDArray[np.int64] = np.maximum(month - this_month + (day_of_month > this_day), 0)
    return months


def _split(date: Any) -> tuple[Any, Any]:
    """(months since 1970, days since the first of the month) of days, same shape."""
    month = date.astype("datetime64[M]")
    return month.astype(np.int64), (date - month).astype(np.int64)


_split_one = functools.lru_cache(maxsize=64)(_split)
