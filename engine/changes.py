"""The days on which a rulebook says something else than the day before."""

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from engine.rulebook import Rulebook

BEGINS, ENDS = ("from", "valid_from"), ("to", "valid_to")
ONE_DAY = datetime.timedelta(1)


def days_of_change(rulebook: Rulebook) -> list[datetime.date]:
    """Every day on which a number, a rule of law or an offer of any file begins, or has just ended, in order."""
    return sorted({day for document in rulebook.documents.values() for day in _days(document)})


def days_from(rulebook: Rulebook, today: datetime.date) -> list[datetime.date]:
    """Today, and every later day on which something changes, in order."""
    return [today, *(day for day in days_of_change(rulebook) if day > today)]


def check_days(rulebook: Rulebook, today: datetime.date) -> None:
    """Raise Faults for the first day, from today on, on which a number that every decision needs has no value."""
    for day in days_from(rulebook, today):
        rulebook.as_of(day)


def _days(value: Any) -> Iterator[datetime.date]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(item, datetime.date):
                if key in BEGINS:
                    yield item
                elif key in ENDS and item < datetime.date.max:
                    yield item + ONE_DAY
            else:
                yield from _days(item)
    elif isinstance(value, list):
        for item in value:
            yield from _days(item)
