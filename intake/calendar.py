"""Whole months on the calendar, for single days."""

from datetime import date

from engine import dates


def add_months(day: date, months: int) -> date:
    """The same day of the month, `months` later; the last day of a shorter month."""
    later: date = dates.add_months(dates.day(day), months).item()
    return later


def first_days(first: date, last: date) -> list[date]:
    """The first days of the months from `first` to `last`, both included."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return [add_months(first, ahead) for ahead in range(months + 1)]
