"""How numbers and dates are written in a file: declared, or recognised in its first rows and said; never guessed."""

import re

import polars as pl

from engine.errors import Fault, Faults
from engine.fields import FIELD_BY_NAME
from intake.cells import SPACES, Writing, tidy, without_euros
from intake.contact_columns import TERMS
from intake.mapping import Dialect, Mapping
from intake.sources import FactSource

_GROUPED_COMMA = r"^[+-]?\d{1,3}([. \u00a0\u202f'\u2019]\d{3})+,\d+$|^[+-]?\d{1,3}(\.\d{3}){2,}$"
_COMMA = rf"{_GROUPED_COMMA}|^[+-]?\d*,(\d{{1,2}}|\d{{4,}})$|^[+-]?(\d{{4,}}|0),\d+$"
_GROUPED_POINT = r"^[+-]?\d{1,3}([, \u00a0\u202f'\u2019]\d{3})+\.\d+$|^[+-]?\d{1,3}(,\d{3}){2,}$"
_POINT = rf"{_GROUPED_POINT}|^[+-]?\d*\.(\d{{1,2}}|\d{{4,}})$|^[+-]?(\d{{4,}}|0)\.\d+$"
_UNCLEAR = r"^[+-]?[1-9]\d{0,2}[.,]\d{3}$"
_DAY_SHAPES = {
    "YYYY-MM-DD": r"^\d{4}-\d{1,2}-\d{1,2}",
    "YYYY/MM/DD": r"^\d{4}/\d{1,2}/\d{1,2}",
    "DD.MM.YYYY": r"^\d{1,2}\.\d{1,2}\.\d{4}",
    "DD-MM-YYYY": r"^\d{1,2}-\d{1,2}-\d{4}",
    "YYYYMMDD": r"^(19|20|21)\d{6}",
}
_EUROS = "€|EUR"
_LAST_DAY = r"^(9999[-/]?12[-/]?31|31[./-]12[./-]9999|12/31/9999)"
_SLASHED = r"^\d{1,2}/\d{1,2}/\d{4}"


def number_columns(mapping: Mapping) -> set[str]:
    """The columns of the file that are read as numbers."""
    names = list(mapping.numeric)
    for derived in mapping.derived.values():
        if derived.operation not in ("months_between", "lookup"):
            names += derived.inputs
    for fact, source in mapping.facts.items():
        counted = FIELD_BY_NAME[fact].kind == "date" and source.unit not in ("", "date")
        if counted or FIELD_BY_NAME[fact].kind in ("whole", "probability"):
            names.append(source.column)
    if mapping.contacts:
        terms = mapping.contacts.terms
        names += [mapping.contacts.probability.column]
        names += [source.column for name, source in terms.items() if TERMS[name].kind == "whole"]
    return {name for name in names if name not in mapping.derived and not name.startswith("@")}


def amount_columns(mapping: Mapping) -> set[str]:
    """The columns of numbers that may be amounts of money: all but those that a fact counts or takes for a share."""
    sources = _sources(mapping)
    money = {source.column for name, source in sources if name.endswith("_cents")}
    counted = {source.column for _, source in sources} - money
    return number_columns(mapping) - counted


def _sources(mapping: Mapping) -> list[tuple[str, FactSource]]:
    """Every fact and term with where it comes from."""
    contacts = mapping.contacts
    terms = [*contacts.terms.items(), ("probability", contacts.probability)] if contacts else []
    return [*mapping.facts.items(), *terms]


def day_columns(mapping: Mapping) -> set[str]:
    """The columns of the file that are read as days."""
    names = [used for derived in mapping.derived.values() if derived.operation == "months_between"
             for used in derived.inputs]  # fmt: skip
    for fact, source in mapping.facts.items():
        if FIELD_BY_NAME[fact].kind == "date" and source.unit in ("", "date"):
            names.append(source.column)
    if mapping.snapshots:
        names += [mapping.snapshots.begin, mapping.snapshots.end]
    if mapping.label and mapping.label.date_column:
        names.append(mapping.label.date_column)
    if mapping.contacts:
        names += filter(None, [mapping.contacts.date])
    return {name for name in names if not name.startswith("@")}


def recognise(frame: pl.DataFrame, dialect: Dialect, mapping: Mapping, name: str) -> tuple[Writing, list[str]]:
    """The writing of a file's text columns and what was recognised. Raises Faults where two readings are possible."""
    numbers = _texts(frame, number_columns(mapping), mapping)
    amounts = _texts(frame, amount_columns(mapping), mapping)
    said_euros = "euro signs" if _any(amounts, _EUROS) else ""
    _refuse_euros_in_cents(frame, mapping, name)
    numbers = without_euros(numbers)
    days = _texts(frame, day_columns(mapping), mapping)
    decimal, said_decimal = (dialect.decimal, "") if dialect.decimal else _decimal(numbers, dialect, name)
    thousands = dialect.thousands or _thousands(numbers, decimal)
    writing, said_days = (dialect.dates, "") if dialect.dates else _dates(days, name)
    said_end = "the last day of 9999 as no end" if _any(_texts(frame, _ends(mapping), mapping), _LAST_DAY) else ""
    if thousands == decimal:
        fault = Fault("unclear-numbers", f"{name}:1", f"{decimal!r} is both decimal mark and thousands mark", "", _FIX)
        raise Faults([fault])
    return Writing(decimal, thousands, writing), list(filter(None, (said_decimal, said_euros, said_days, said_end)))


def _refuse_euros_in_cents(frame: pl.DataFrame, mapping: Mapping, name: str) -> None:
    in_cents = {source.column for _, source in _sources(mapping) if source.unit.startswith("cents")}
    for column in sorted(in_cents & set(frame.columns)):
        if _any(_texts(frame, {column}, mapping), _EUROS):
            what = f"{column} is declared in cents and written with a euro sign"
            raise Faults([Fault("unclear-numbers", f"{name}:1", what, "one unit", 'declare unit = "EUR ..."')])


def _ends(mapping: Mapping) -> set[str]:
    return {mapping.snapshots.end} if mapping.snapshots else set()


def _texts(frame: pl.DataFrame, wanted: set[str], mapping: Mapping) -> pl.Series:
    found = [
        tidy(frame[name], (*mapping.missing.get("*", ()), *mapping.missing.get(name, ()))).drop_nulls().rename("text")
        for name in frame.columns
        if name in wanted
    ]
    return pl.concat(found) if found else pl.Series("text", [], dtype=pl.String)


def _any(texts: pl.Series, shape: str) -> bool:
    return bool(texts.str.contains(shape).any())


_FIX = 'declare [dialect] decimal = "," or decimal = "."'


def _decimal(texts: pl.Series, dialect: Dialect, name: str) -> tuple[str, str]:
    marked = texts.filter(texts.str.contains("[.,]"))
    comma, point, unclear = (_any(marked, shape) for shape in (_COMMA, _POINT, _UNCLEAR))
    if comma and point:
        what = "some numbers have a decimal comma, others a decimal point"
        raise Faults([Fault("unclear-numbers", f"{name}:1", what, "one decimal mark", _FIX)])
    if comma or point:
        return ("," if comma else "."), f"decimal {'comma' if comma else 'point'}"
    if unclear and (dialect.separator != "," or _any(marked, ",")):
        example = marked.filter(marked.str.contains(_UNCLEAR))[0]
        what = f"{example} may be thousands or decimals"
        raise Faults([Fault("unclear-numbers", f"{name}:1", what, "a number that can be read in one way", _FIX)])
    return ".", ""


def _thousands(texts: pl.Series, decimal: str) -> str:
    other = "." if decimal == "," else ","
    if _any(texts, rf"^[+-]?\d{{1,3}}({re.escape(other)}\d{{3}})+({re.escape(decimal)}\d+)?$"):
        return other
    return "'" if _any(texts, r"\d['\u2019]\d{3}") and not _any(texts, rf"\d{SPACES}\d{{3}}") else "space"


def _dates(texts: pl.Series, name: str) -> tuple[str, str]:
    found = [writing for writing, shape in _DAY_SHAPES.items() if _any(texts, shape)]
    if _any(texts, _SLASHED):
        found.append(_slashed(texts, name))
    if len(found) > 1:
        raise _unclear_dates(name, f"days are written both {' and '.join(found)}")
    return (found[0], f"days written {found[0]}") if found else ("YYYY-MM-DD", "")


def _slashed(texts: pl.Series, name: str) -> str:
    parts = texts.str.extract_groups(r"^(\d{1,2})/(\d{1,2})/\d{4}").struct.unnest()
    day_first = bool((parts["1"].cast(pl.Int8) > 12).any())
    month_first = bool((parts["2"].cast(pl.Int8) > 12).any())
    if day_first and not month_first:
        return "DD/MM/YYYY"
    if month_first and not day_first:
        return "MM/DD/YYYY"
    raise _unclear_dates(name, "days and months cannot be told apart")


def _unclear_dates(name: str, what: str) -> Faults:
    fix = 'declare [dialect] dates = "JJ/MM/AAAA" or another'
    return Faults([Fault("unclear-dates", f"{name}:1", what, "days that can be read in one way", fix)])
