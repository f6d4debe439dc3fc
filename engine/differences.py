"""What one rulebook says that another does not: entries added and removed, keys changed, numbers from day to day."""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.changes import ONE_DAY
from engine.policy import in_force
from engine.rulebook import Rulebook

Entry = Mapping[str, Any]
_ABSENT = object()
_DAYS = ("from", "to")


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same: in which file, of which entry, which key (of a number: its days), was and now.

    `kind` is added, removed, changed or dated; `unit` that of a dated number; `since` and `until` the days between
    which a dated value is another one, `until` None without end.
    """

    kind: str
    file: str
    entry: str
    key: str = ""
    was: Any = None
    now: Any = None
    unit: str = ""
    since: datetime.date | None = None
    until: datetime.date | None = None


def differences(before: Rulebook, after: Rulebook) -> list[Difference]:
    """All that is not the same in two rulebooks, file by file."""
    return [found for name in after.documents for found in _of_a_file(name, before, after)]


def _of_a_file(name: str, before: Rulebook, after: Rulebook) -> Iterator[Difference]:
    was, now = (dict(_entries(book.documents.get(name, {}))) for book in (before, after))
    for entry in dict.fromkeys((*was, *now)):
        if entry not in was or entry not in now:
            yield Difference("removed" if entry in was else "added", name, entry)
        else:
            yield from _of_an_entry(Difference("changed", name, entry), was[entry], now[entry])


def _entries(document: Entry) -> Iterator[tuple[str, Entry]]:
    """The entries of a file by name: a list of tables by their ids, tables of tables one by one."""
    for name, value in document.items():
        if isinstance(value, list):
            yield from ((f"{name} {item['id']}", item) for item in value)
        elif "says" not in value and value and all(isinstance(item, Mapping) for item in value.values()):
            yield from ((f"{name} {key}", item) for key, item in value.items())
        else:
            yield name, value


def _of_an_entry(about: Difference, was: Entry, now: Entry) -> Iterator[Difference]:
    dated = "values" in was and "values" in now
    for key in dict.fromkeys((*was, *now)):
        old, new = was.get(key, _ABSENT), now.get(key, _ABSENT)
        if dated and key == "values":
            yield from _from_day_to_day(about, was, now)
        elif old != new:
            told_old, told_new = (None if value is _ABSENT else value for value in (old, new))
            yield Difference("changed", about.file, about.entry, key, told_old, told_new)


def _from_day_to_day(about: Difference, was: Entry, now: Entry) -> Iterator[Difference]:
    """The stretches of days on which a dated entry has another value, whatever lines say so."""
    days = sorted({day for entry in (was, now) for line in entry["values"] for day in _starts(line)})
    since, values = datetime.date.min, (None, None)
    for day in (*days, None):
        here = (None, None) if day is None else (_value(was, day), _value(now, day))
        if here == values and day is not None:
            continue
        if values[0] != values[1]:
            until = None if day is None else day - ONE_DAY
            yield Difference("dated", about.file, about.entry, "", *values, now.get("unit", ""), since, until)
        if day is not None:
            since, values = day, here


def _starts(line: Entry) -> Iterator[datetime.date]:
    yield line["from"]
    if "to" in line and line["to"] < datetime.date.max:
        yield line["to"] + ONE_DAY


def _value(entry: Entry, day: datetime.date) -> Any:
    """What holds on a day: the number itself, or the numbers of a rule of law by name; None where nothing does."""
    line = in_force(entry, day)
    if line is None:
        return None
    return line["value"] if "value" in line else {key: value for key, value in line.items() if key not in _DAYS}
