"""Whole months on the calendar, for single days and for columns of days."""

from datetime import date, timedelta


def add_months(day: date, months: int) -> date:
    """The same day of the month, `months` later; the last day of a shorter month."""
    ahead = day.year * 12 + day.month - 1 + months
    first = date(ahead // 12, ahead % 12 + 1, 1)
    following = date((ahead + 1) // 12, (ahead + 1) % 12 + 1, 1)
    return min(first + timedelta(days=day.day - 1), following - timedelta(days=1))


def first_days(first: date, last: date) -> list[date]:
    """The first days of the months from `first` to `last`, both included."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return [add_months(first, ahead) for ahead in range(months + 1)]
