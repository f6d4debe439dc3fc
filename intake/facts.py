"""The engine's facts out of an operator's columns: integer cents, days, counts, flags and words in our terms."""

from collections.abc import Callable
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.conditions import STORED_SCORE
from engine.dates import add_months
from engine.fields import FIELD_BY_NAME, IDENTIFIER_PATTERN, Field, default_column, dtype_of
from engine.tables import Cases, Column
from intake.columns import Columns
from intake.mapping import LINE, Assumption, Mapping
from intake.money import to_cents
from intake.places import is_department, is_zone
from intake.sources import FactSource

MAX_MONTHS, MAX_DAYS = 1_200, 36_600
YES = ("1", "true", "yes", "y", "oui", "o", "vrai", "ja", "j", "waar")
NO = ("0", "false", "no", "n", "non", "faux", "nee", "onwaar")
PLACES: dict[str, tuple[Callable[[str], bool], str]] = {
    "time_zone": (is_zone, "is no time zone"),
    "department": (is_department, "is no number of a French department"),
}
"""The texts that must name a place that is known, and what is wrong with others."""


def read_facts(columns: Columns, lines: NDArray[np.int64], mapping: Mapping) -> dict[str, Column]:
    """Every mapped fact as a column [rows] in the engine's type and unit; what does not fit is rejected."""
    reader = FactReader(columns, lines, mapping)
    facts = {name: reader.fact(FIELD_BY_NAME[name], source) for name, source in mapping.facts.items()}
    for assumption in mapping.assumptions:
        facts[assumption.fact] = _assumed(assumption, columns.rows, facts)
    return facts


def read_fact(columns: Columns, lines: NDArray[np.int64], mapping: Mapping, name: str) -> Column:
    """One mapped fact as a column [rows]; what does not fit is rejected."""
    return FactReader(columns, lines, mapping).fact(FIELD_BY_NAME[name], mapping.facts[name])


def keep_good(facts: dict[str, Column], good: NDArray[np.bool_]) -> Cases:
    """The rows that nothing speaks against, as the kernel takes them; who objects to profiling has no stored score."""
    kept = {name: column[good] for name, column in facts.items()}
    if "objects_to_profiling" in kept:
        for name in kept.keys() & STORED_SCORE:
            kept[name][kept["objects_to_profiling"]] = FIELD_BY_NAME[name].default
    return Cases(kept)


def _assumed(assumption: Assumption, rows: int, facts: dict[str, Column]) -> Column:
    field = FIELD_BY_NAME[assumption.fact]
    if assumption.share_of_price is None:
        column = np.empty(rows, dtype=dtype_of(field))
        column[:] = assumption.value
        return column
    above, below = assumption.share_of_price.as_integer_ratio()
    cents: Column = (2 * facts["price_cents"] * above + below) // (2 * below)
    return cents


class FactReader:
    """Reads values out of columns in the type and unit of their field; what does not fit is rejected."""

    def __init__(self, columns: Columns, lines: NDArray[np.int64], mapping: Mapping) -> None:
        self._columns, self._lines, self._mapping = columns, lines, mapping

    def fact(self, field: Field, source: FactSource) -> Column:
        """One value a row [rows]."""
        reading: dict[str, Callable[[Field, FactSource], Column]] = {
            "identifier": self._identifier,
            "text": self._text,
            "choice": self._text,
            "names": self._days if field.name == "calls_made" else self._names,
            "whole": self._cents if field.name.endswith("_cents") else self._count,
            "date": self._day,
            "flag": self._flag,
            "probability": self._probability,
        }
        return reading[field.kind](field, source)

    def shown(self, source: FactSource) -> pl.Series:
        """The cells as they stand, or the derived numbers; null where missing."""
        derived = source.column in self._mapping.derived
        return self._columns.number(source.column) if derived else self._columns.raw(source.column)

    def _reject(self, bad: pl.Series, source: FactSource, what: str, values: pl.Series | None = None) -> None:
        self._columns.rejects.reject(bad, source.column, what, values)

    def _identifier(self, field: Field, source: FactSource) -> Column:
        if source.column == LINE:
            found = pl.Series(source.column, self._lines).cast(pl.String)
        else:
            found = self._columns.text(source.column)
        found = source.prefix + found
        self._reject(~found.str.contains(f"^{IDENTIFIER_PATTERN}$"), source, "is no identifier", found)
        return self._filled(field, source, found)

    def _text(self, field: Field, source: FactSource) -> Column:
        found = self._columns.text(source.column)
        if source.values:
            found = found.replace(source.values)
        if field.choices:
            bad = found.is_not_null() & ~found.is_in(field.choices)
            self._reject(bad, source, f"is none of {', '.join(field.choices)}", found)
        if field.name in PLACES:
            is_known, what = PLACES[field.name]
            unknown = [text for text in found.drop_nulls().unique() if not is_known(text)]
            self._reject(found.is_in(unknown).fill_null(False), source, what, found)
        return self._filled(field, source, found)

    def _names(self, field: Field, source: FactSource) -> Column:
        found = self._columns.text(source.column)
        split = {
            text: tuple(
                dict.fromkeys(source.values.get(name, name) for name in map(str.strip, text.split(";")) if name)
            )
            for text in found.drop_nulls().unique()
        }
        column = default_column(field, len(found))
        for row, text in enumerate(found):
            if text is not None:
                column[row] = split[text]
        return column

    def _days(self, field: Field, source: FactSource) -> Column:
        """Several days in one text: each as often as it stands there."""
        found = self._columns.text(source.column)
        split = {text: tuple(part.strip() for part in text.split(";")) for text in found.drop_nulls().unique()}
        bad = [text for text, days in split.items() if not all(map(_is_day, days))]
        self._reject(found.is_in(bad).fill_null(False), source, "is no days as YYYY-MM-DD with ';' between", found)
        column = default_column(field, len(found))
        for row, text in enumerate(found):
            if text is not None:
                column[row] = split[text]
        return column

    def _cents(self, field: Field, source: FactSource) -> Column:
        micro = self._columns.micro(source.column)
        cents = to_cents(micro, source.unit, field.name, self._mapping.vat_percent)
        bad = micro.is_not_null() & ~cents.is_between(field.low, field.high).fill_null(False)
        self._reject(bad, source, f"is not between {field.low} and {field.high} cents", self.shown(source))
        return self._filled(field, source, cents)

    def _count(self, field: Field, source: FactSource) -> Column:
        found = self._columns.number(source.column) * source.times
        if field.name.endswith("_per_month"):
            found = (found + 0.5).floor()
        whole = found == found.floor()
        bad = found.is_not_null() & ~(whole & found.is_between(max(field.low, 0), field.high))
        self._reject(bad, source, f"is no whole number from 0 to {field.high}", found)
        return self._filled(field, source, found.set(bad.fill_null(False), None).cast(pl.Int64))

    def _day(self, field: Field, source: FactSource) -> Column:
        if source.unit in ("", "date"):
            return self._filled(field, source, self._columns.day(source.column))
        found = self._columns.number(source.column)
        months = source.unit.startswith("months")
        most = MAX_MONTHS if months else MAX_DAYS
        bad = found.is_not_null() & ~((found == found.floor()) & found.is_between(0, most))
        self._reject(bad, source, f"is no whole number from 0 to {most}", found)
        counts = found.set(bad.fill_null(False), None).fill_null(0).cast(pl.Int64).to_numpy()
        signed = -counts if "before" in source.unit else counts
        as_of = self._columns.as_of.to_numpy().astype("datetime64[D]")
        days = add_months(as_of, signed) if months else as_of + signed.astype("timedelta64[D]")
        return np.where(found.is_null().to_numpy(), np.datetime64("NaT", "D"), days)

    def _flag(self, field: Field, source: FactSource) -> Column:
        found = self._columns.text(source.column)
        if source.yes:
            yes, no = found.is_in(source.yes), found.is_in(source.no)
        else:
            lower = found.str.to_lowercase()
            yes, no = lower.is_in(YES), lower.is_in(NO)
        self._reject(found.is_not_null() & ~yes & ~no, source, "is neither yes nor no", found)
        return self._filled(field, source, yes)

    def _probability(self, field: Field, source: FactSource) -> Column:
        found = self._columns.number(source.column)
        shares = found / 100 if source.unit == "percent" else found
        self._reject(shares.is_not_null() & ~shares.is_between(0, 1), source, "is no probability", found)
        return self._filled(field, source, shares)

    def _filled(self, field: Field, source: FactSource, found: pl.Series) -> Column:
        if field.required and source.column != LINE:
            self._reject(self.shown(source).is_null(), source, f"is missing, and {field.name} needs it")
        default = {"whole": 0, "identifier": ""}.get(field.kind) if field.required else field.default
        if field.kind == "date":
            return found.to_numpy().astype("datetime64[D]")
        return found.fill_null(default).to_numpy().astype(dtype_of(field))


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
