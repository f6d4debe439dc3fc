"""What the source of a value must say, by the kind of the value: keys that mean something, units, words."""

from collections.abc import Iterator
from typing import Any

from engine.errors import Fault
from engine.fields import Field
from intake.documents import Document
from intake.shapes import shown
from intake.toml_lines import KeyPath

MONEY_UNITS = ("EUR incl. VAT", "EUR net", "cents incl. VAT", "cents net")
DATE_UNITS = ("date", "months before as-of", "days before as-of", "months after as-of", "days after as-of")
SHARE_UNITS = ("share", "percent")
NET_FACTS = ("cost_to_serve_cents",)
_KEYS_BY_KIND = {
    "identifier": ("prefix",),
    "text": ("values",),
    "choice": ("values",),
    "names": ("values",),
    "whole": ("times",),
    "date": ("unit",),
    "flag": ("yes", "no"),
    "probability": ("unit", "window_months"),
}


def check_source(document: Document, path: KeyPath, field: Field) -> Iterator[Fault]:
    """Every fault of the entry at a path of a mapping, which says where a field comes from."""
    entry = _entry(document, path)
    if isinstance(entry, dict):
        yield from _table(document, path, field, entry)
        column = entry["column"]
    else:
        column = entry
        if field.name.endswith("_cents"):
            yield _no_unit(document, path, field, column)
    yield from _column(document, path, field, column)


def _entry(document: Document, path: KeyPath) -> Any:
    entry: Any = document.data
    for key in path:
        entry = entry[key]
    return entry


def _column(document: Document, path: KeyPath, field: Field, column: str) -> Iterator[Fault]:
    derived = column in document.data.get("derived", {})
    numbers = field.kind in ("whole", "probability", "date")
    entry = _entry(document, path)
    unit = entry.get("unit", "") if isinstance(entry, dict) else ""
    if column.startswith("@") and not (column == "@line" and field.kind == "identifier"):
        what = f"{field.name} cannot be {column}"
        yield Fault("reserved-name", document.where(path), what, "a column; @line for an id")
    elif derived and not numbers:
        what = f"{column} is a derived number"
        yield Fault("wrong-kind", document.where(path), what, f"a column of text for {field.name}")
    elif derived and field.kind == "date" and unit in ("", "date"):
        fix = 'say unit = "months before as-of", or another count of months or days'
        yield Fault("wrong-kind", document.where(path), f"{column} is a derived number", "a date", fix)


def _no_unit(document: Document, path: KeyPath, field: Field, column: str) -> Fault:
    fix = f'write {field.name} = {{ column = {shown(column)}, unit = "EUR incl. VAT" }}'
    return Fault("missing-key", document.where(path), f"{field.name} has no unit", "one of the money units", fix)


def _table(document: Document, path: KeyPath, field: Field, entry: dict[str, Any]) -> Iterator[Fault]:
    money = field.name.endswith("_cents")
    allowed = ("unit",) if money else _KEYS_BY_KIND[field.kind]
    for key in entry:
        if key not in ("column", *allowed):
            what = f"{key} means nothing for {field.name}"
            yield Fault("wrong-kind", document.where((*path, key)), what, "only " + ", ".join(allowed))
    if money and "unit" not in entry:
        yield _no_unit(document, path, field, entry["column"])
    units = MONEY_UNITS if money else {"date": DATE_UNITS, "probability": SHARE_UNITS}.get(field.kind, ())
    unit = entry.get("unit")
    where = document.where((*path, "unit"))
    if unit and units and unit not in units:
        yield Fault("wrong-unit", where, f"{field.name} in {shown(unit)}", "one of " + ", ".join(units))
    elif money and unit and "money" not in document.data and ("net" in unit) != (field.name in NET_FACTS):
        yield Fault("missing-key", where, f"{field.name} needs a VAT rate", "", "add [money] vat_percent = 20")
    yield from _choices(document, path, field, entry.get("values", {}))
    yield from _yes_and_no(document, path, field, entry)


def _choices(document: Document, path: KeyPath, field: Field, values: dict[str, str]) -> Iterator[Fault]:
    for text, value in values.items():
        if field.choices and value not in field.choices:
            where = document.where((*path, "values", text))
            yield Fault("not-a-choice", where, f"{shown(value)} for {field.name}", "one of " + ", ".join(field.choices))


def _yes_and_no(document: Document, path: KeyPath, field: Field, entry: dict[str, Any]) -> Iterator[Fault]:
    where = document.where(path)
    if ("yes" in entry) != ("no" in entry):
        yield Fault("missing-key", where, f"{field.name} has only one of yes and no", "both")
    elif both := set(entry.get("yes", [])) & set(entry.get("no", [])):
        yield Fault("repeated-value", where, f"{shown(sorted(both)[0])} is both yes and no", "one of them")
