"""What the dated files of a rulebook must mean beside their shape: values within their bounds, days in order."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

from engine.errors import Fault
from engine.law import FILE_OF, UNION
from engine.policy import NUMBERS, Bounds
from intake.documents import Day, Document
from intake.shapes import shown

CAPPED_SINCE = date(2008, 6, 1)
"""Since this day some rule of law-fr.toml caps what leaving a commitment of over 12 months costs."""

_NEEDED = {
    "law-eu.toml": ("EU-24", "EU-107", "EU-BEST", "GDPR-21", "AIA-5"),
    "law-fr.toml": (
        *("FR-VAT", "FR-MAX24", "FR-TWIN12", "FR-TWINGAP", "FR-DEBT", "FR-PERF", "FR-UNI"),
        *("FR-EXIT-A", "FR-EXIT-B", "FR-EXIT-C", "FR-EXIT-D", "FR-EXIT-E"),
        *("FR-CALL-H", "FR-CALL-N", "FR-CALL-60", "FR-CALL-OPTIN", "FR-PORT"),
    ),
    "law-be.toml": ("BE-VAT", "BE-24", "BE-6M", "BE-6M-B", "BE-DEV", "BE-AUTO", "BE-VOID", "BE-DNCM"),
}
"""The rules that code reads: a file without one would lift a limit that nobody meant to lift."""


def check_policy(document: Document) -> Iterator[Fault]:
    """Every number of its unit, inside the kernel's bounds and its own narrower ones, its days in order."""
    for name, entry in document.data.items():
        bounds, faults = _bounds(document, name)
        yield from faults
        for index, line in enumerate(entry["values"]):
            fault = bounds.fault(name, line["value"], document.where((name, "values", index, "value")))
            if fault:
                yield fault
        yield from _days(document, name)


def _bounds(document: Document, name: str) -> tuple[Bounds, list[Fault]]:
    """What a number may be by the kernel and by its file, and the faults of what the file says about it."""
    entry, kernel = document.data[name], NUMBERS[name]
    faults = []
    if entry["unit"] != kernel.unit:
        what = f"{name} is in {entry['unit']}"
        faults.append(Fault("wrong-unit", document.where((name, "unit")), what, kernel.unit))
    key = "choices" if kernel.choices else "range"
    where = document.where((name, key))
    if key not in entry:
        return kernel, [*faults, Fault("missing-key", where, f"{name} has no {key}", f"the key {key}")]
    if kernel.choices:
        if set(entry["choices"]) <= set(kernel.choices):
            return replace(kernel, choices=tuple(entry["choices"])), faults
        words = ", ".join(kernel.choices)
        return kernel, [*faults, Fault("too-wide", where, f"{name} offers other words", f"only {words}")]
    low, high = entry["range"]
    if kernel.low <= low <= high <= kernel.high:
        return replace(kernel, low=low, high=high), faults
    what, within = f"the range of {name} is {shown([low, high])}", f"a range within {kernel.low} to {kernel.high}"
    return kernel, [*faults, Fault("too-wide", where, what, within)]


def _days(document: Document, name: str) -> Iterator[Fault]:
    """Days that exist, one after the other."""
    earlier = date.min
    for index, line in enumerate(document.data[name]["values"]):
        days = {}
        for key in ("from", "to"):
            if key in line:
                if not isinstance(line[key], Day):
                    where = document.where((name, "values", index, key))
                    yield Fault("wrong-type", where, f"{shown(line[key])} is a text", "a day without quotes")
                    return
                days[key] = date.fromisoformat(line[key])
        where = document.where((name, "values", index))
        if days["from"] <= earlier or days.get("to", date.max) < days["from"]:
            yield Fault("invalid-time", where, f"{name} does not go forward in time", "later days on later lines")
        earlier = days["from"]


def check_law(document: Document) -> Iterator[Fault]:
    """Every rule with its days in order, and some rule of leaving on every day since there is one."""
    faults = [*_names(document), *(fault for name in document.data for fault in _days(document, name))]
    faults += _windows(document)
    yield from faults or (_gaps(document) if document.name == FILE_OF["FR"] else ())


def _names(document: Document) -> Iterator[Fault]:
    """The rules that code reads, and none of another file."""
    for name in _NEEDED[document.name]:
        if name not in document.data:
            yield Fault("missing-key", document.where(()), f"the file has no {name}", f"the key {name}")
    for name in document.data:
        file = FILE_OF.get(name.partition("-")[0], UNION)
        if file != document.name:
            yield Fault("unknown-key", document.where((name,)), f"{name} stands in the wrong file", f"it in {file}")


def _windows(document: Document) -> Iterator[Fault]:
    """Windows in which one may call, each with an end after its beginning, one after the other."""
    for index, line in enumerate(document.data.get("FR-CALL-H", {}).get("values", ())):
        clocks = [clock for window in line["windows"] for clock in window.split("-")]
        if any(later <= earlier for earlier, later in pairwise(clocks)):
            where = document.where(("FR-CALL-H", "values", index, "windows"))
            yield Fault("invalid-time", where, "the windows do not go forward in time", "10:00-13:00, 14:00-20:00")


def _gaps(document: Document) -> Iterator[Fault]:
    """Days on which a long commitment could be left under no rule: a limit that nobody meant to lift."""
    for rule in ("FR-EXIT-A", "FR-EXIT-B"):
        covered = CAPPED_SINCE.toordinal()
        for begin, end in sorted([*_periods(document.data[rule]), *_periods(document.data["FR-EXIT-C"])]):
            if begin > covered:
                break
            covered = max(covered, end + 1)
        if covered <= date.max.toordinal():
            what = f"neither {rule} nor FR-EXIT-C holds on {date.fromordinal(covered)}"
            yield Fault("gap-in-time", document.where((rule,)), what, f"one of them on every day from {CAPPED_SINCE}")


def _periods(rule: dict[str, Any]) -> Iterator[tuple[int, int]]:
    """The first and the last day of every line, as ordinals; a line holds until the next one starts."""
    lines = rule["values"]
    starts = [date.fromisoformat(line["from"]).toordinal() for line in lines]
    for line, start, following in zip(lines, starts, [*starts[1:], date.max.toordinal() + 1], strict=True):
        ends = date.fromisoformat(line["to"]) if "to" in line else date.max
        yield start, min(ends.toordinal(), following - 1)
