"""What a mapping must mean beside its shape: names that exist, kinds that fit, dates that follow one another."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from engine.errors import Fault
from engine.fields import FIELD_BY_NAME, Field
from intake.calendar import add_months, first_days
from intake.contact_checks import check_contacts
from intake.contact_columns import contact_columns
from intake.documents import Document
from intake.forbidden import check_forbidden
from intake.shapes import shown
from intake.source_checks import check_source
from intake.toml_lines import KeyPath

FIRST_YEAR, LAST_YEAR = 1900, 2199
_OPERATIONS = ("sum", "difference", "ratio", "remainder", "months_between", "lookup")


def check_meaning(document: Document) -> list[Fault]:
    """Every fault of meaning in a mapping of good shape, in the order of its parts."""
    checks = (_tables, _derived, _facts, _assumptions, _features, check_forbidden, _label, _snapshots, check_contacts)
    return [fault for check in checks for fault in check(document)]


def _tables(document: Document) -> Iterator[Fault]:
    tables = document.data.get("tables", {})
    seen = {tables.get("main")}
    for index, join in enumerate(tables.get("join", [])):
        if join["table"] in seen:
            where = document.where(("tables", "join", index, "table"))
            yield Fault("repeated-value", where, f"table {shown(join['table'])} is named twice", "every table once")
        seen.add(join["table"])


def _derived(document: Document) -> Iterator[Fault]:
    known: set[str] = set()
    names = document.data.get("derived", {})
    for name, entry in names.items():
        path: KeyPath = ("derived", name)
        operations = [key for key in entry if key in _OPERATIONS]
        if len(operations) != 1 or ("values" in entry) != ("lookup" in entry):
            expected = "one of sum, difference, ratio, remainder, months_between, or lookup with values"
            yield Fault("not-one-operation", document.where(path), f"{name} has {', '.join(entry)}", expected)
        if name.startswith("@"):
            yield Fault("reserved-name", document.where(path), f"{name} begins with @", "a name of your own")
        for operation in operations:
            inputs = [entry[operation]] if operation == "lookup" else entry[operation]
            for used in inputs:
                yield from _input(document, (*path, operation), used, known, names)
        known.add(name)


def _input(document: Document, path: KeyPath, used: str, known: set[str], names: dict[str, Any]) -> Iterator[Fault]:
    if used in names and used not in known:
        yield Fault(
            "used-before", document.where(path), f"{path[1]} uses {used}, which is not yet derived", "", "move it up"
        )
    elif used == "@as_of" and path[-1] != "months_between":
        yield Fault("not-a-number", document.where(path), "@as_of is a date", "@as_of only in months_between")
    elif used.startswith("@") and used != "@as_of":
        yield Fault("reserved-name", document.where(path), f"{used} cannot be computed with", "@as_of")
    elif used in known and path[-1] in ("months_between", "lookup"):
        expected = "dates of the file" if path[-1] == "months_between" else "a column of the file"
        yield Fault("wrong-kind", document.where(path), f"{used} is a derived number", expected)


def _facts(document: Document) -> Iterator[Fault]:
    for name in document.data["facts"]:
        yield from check_source(document, ("facts", name), FIELD_BY_NAME[name])


def _assumptions(document: Document) -> Iterator[Fault]:
    for name, entry in document.data.get("assumptions", {}).items():
        where = document.where(("assumptions", name))
        if name in document.data["facts"]:
            yield Fault("repeated-value", where, f"{name} is both a fact and an assumption", "one of them")
        if ("value" in entry) == ("share_of_price" in entry):
            yield Fault("missing-key", where, f"{name} is not assumed once", "either value or share_of_price")
        if "value" in entry:
            yield from _assumed(FIELD_BY_NAME[name], entry["value"], where)
        elif name != "cost_to_serve_cents":
            yield Fault("wrong-kind", where, f"{name} is no share of the price", "a value")


def _assumed(field: Field, value: Any, where: str) -> Iterator[Fault]:
    types = {"whole": (int,), "flag": (bool,), "probability": (int, float)}.get(field.kind, (str,))
    if type(value) not in types:
        yield Fault("wrong-type", where, f"{field.name} is {shown(value)}", f"a value of kind {field.kind}")
    elif field.kind == "whole" and not field.low <= value <= field.high:
        yield Fault("out-of-range", where, f"{field.name} is {value}", f"{field.low} to {field.high}")
    elif field.kind == "probability" and not 0 <= value <= 1:
        yield Fault("out-of-range", where, f"{field.name} is {value}", "0 to 1")
    elif field.choices and value not in field.choices:
        yield Fault("not-a-choice", where, f"{field.name} is {shown(value)}", "one of " + ", ".join(field.choices))
    elif field.kind in ("date", "names"):
        yield Fault("wrong-kind", where, f"{field.name} cannot be assumed", "a fact of the file")


def _features(document: Document) -> Iterator[Fault]:
    features = document.data.get("features", {})
    derived = document.data.get("derived", {})
    for kind in ("numeric", "categorical"):
        for index, name in enumerate(features.get(kind, [])):
            where = document.where(("features", kind, index))
            if name.startswith("@"):
                yield Fault("reserved-name", where, f"{name} is no feature", "a column or a derived column")
            if kind == "categorical" and name in derived:
                yield Fault("wrong-kind", where, f"{name} is a derived number", "a numeric feature")
            if kind == "categorical" and name in features.get("numeric", []):
                yield Fault("repeated-value", where, f"{name} is both numeric and categorical", "one of them")
            if name in _answers(document):
                what = f"{name} is the label, the end of the contract, or of a contact"
                yield Fault("knows-the-answer", where, what, "", "drop it")


def _answers(document: Document) -> set[str]:
    names = {document.data.get("label", {}).get("column"), document.data.get("snapshots", {}).get("end")} - {None}
    if "contacts" in document.data:
        contacts = contact_columns(document.data["contacts"])
        names |= {*contacts.columns} - {contacts.date}
    for name, entry in document.data.get("derived", {}).items():
        inputs = [used for value in entry.values() for used in ([value] if isinstance(value, str) else value)]
        if names & set(inputs):
            names.add(name)
    return {str(name) for name in names}


def _label(document: Document) -> Iterator[Fault]:
    label = document.data.get("label")
    if not label:
        return
    if "snapshots" in document.data:
        where = document.where(("label",))
        yield Fault("repeated-value", where, "both a label and snapshots", "one of them")
    if both := set(label["left"]) & set(label.get("stayed", [])):
        where = document.where(("label", "stayed"))
        yield Fault("repeated-value", where, f"{shown(sorted(both)[0])} both left and stayed", "one of them")
    for key in ("column", "date"):
        name = label.get(key, "")
        if name.startswith("@") or name in document.data.get("derived", {}):
            yield Fault("wrong-kind", document.where(("label", key)), f"{name} is not in the file", "a column")


def _snapshots(document: Document) -> Iterator[Fault]:
    snapshots = document.data.get("snapshots")
    if not snapshots:
        return
    for key in ("begin", "end"):
        name = snapshots[key]
        if name.startswith("@") or name in document.data.get("derived", {}):
            yield Fault("wrong-kind", document.where(("snapshots", key)), f"{name} is not in the file", "a date column")
    days: dict[str, Any] = {}
    for key in ("first", "last", "observed_until", "dates"):
        texts = snapshots.get(key, [])
        for index, text in enumerate([texts] if isinstance(texts, str) else texts):
            path: KeyPath = ("snapshots", key, index) if key == "dates" else ("snapshots", key)
            day = _day(text)
            if day is None:
                expected = f"a day of the years {FIRST_YEAR} to {LAST_YEAR}"
                yield Fault("invalid-time", document.where(path), f"{text} is not a day", expected)
                return
            days.setdefault(key, []).append(day)
    yield from _range(document, days)


def _day(text: str) -> date | None:
    """A day of the years that data may speak of."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def _range(document: Document, days: dict[str, list[date]]) -> Iterator[Fault]:
    if ("dates" in days) == ("first" in days or "last" in days) or ("first" in days) != ("last" in days):
        where = document.where(("snapshots",))
        yield Fault("missing-key", where, "the days of the snapshots", "either dates, or first and last")
        return
    dates = days.get("dates", [])
    if "first" in days:
        first, last = days["first"][0], days["last"][0]
        where = document.where(("snapshots", "last"))
        if first.day != 1 or last.day != 1 or last < first or (last.year - first.year) > 20:
            expected = "first days of months, first before last, 20 years at most"
            yield Fault("invalid-time", where, f"{first} to {last}", expected)
            return
        dates = first_days(first, last)
    horizon = document.data["snapshots"]["horizon_months"]
    for observed in days.get("observed_until", []):
        if add_months(max(dates), horizon) > observed:
            where = document.where(("snapshots", "observed_until"))
            what = f"what happens within {horizon} months of {max(dates)} is not known on {observed}"
            yield Fault("invalid-time", where, what, "earlier snapshots or a shorter horizon")
