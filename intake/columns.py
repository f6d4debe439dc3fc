"""The columns of one chunk by name, read through a mapping: raw or derived, as numbers, amounts, days or words."""

from collections.abc import Callable

import polars as pl

from intake import cells
from intake.cells import Writing
from intake.mapping import AS_OF, Derived, Mapping
from intake.quarantine import Rejects

MAX_NUMBER = 1e15


class Columns:
    """Reads columns of a frame of text; what cannot be read is marked in `rejects`."""

    def __init__(self, frame: pl.DataFrame, as_of: pl.Series, mapping: Mapping, writings: dict[str, Writing]) -> None:
        self.rows = frame.height
        self.as_of = as_of
        self.rejects = Rejects(frame.height)
        self._frame, self._mapping, self._writings = frame, mapping, writings
        self._read: dict[tuple[str, str], pl.Series] = {}

    def raw(self, name: str) -> pl.Series:
        """The cells of a column, null where missing."""
        codes = (*self._mapping.missing.get("*", ()), *self._mapping.missing.get(name, ()))
        return self._once("raw", name, lambda: cells.tidy(self._frame[name], codes))

    def text(self, name: str) -> pl.Series:
        """Words (String)."""
        return self._once("text", name, lambda: cells.words(self.raw(name), self.rejects))

    def number(self, name: str) -> pl.Series:
        """Numbers (Float64), raw or derived."""
        derived = self._mapping.derived.get(name)
        if derived:
            return self._once("number", name, lambda: self._derive(name, derived))
        return self._once("number", name, lambda: self._bounded(self._plain_number(name), name))

    def day(self, name: str) -> pl.Series:
        """Days (Date); `@as_of` is the day of the reading or of the snapshot."""
        if name == AS_OF:
            return self.as_of
        ends = self._mapping.snapshots is not None and name == self._mapping.snapshots.end
        return self._once("day", name, lambda: cells.dates(self.raw(name), self._writing(name), self.rejects, ends))

    def micro(self, name: str) -> pl.Series:
        """Amounts in whole millionths of their unit (Int64)."""
        if name in self._mapping.derived:
            return (self.number(name) * 1e6).round().cast(pl.Int64, strict=False)
        return self._once("micro", name, lambda: cells.micro_units(self.raw(name), self._writing(name), self.rejects))

    def _once(self, kind: str, name: str, read: Callable[[], pl.Series]) -> pl.Series:
        if (kind, name) not in self._read:
            self._read[kind, name] = read()
        return self._read[kind, name]

    def _writing(self, name: str) -> Writing:
        return self._writings.get(name, Writing())

    def _plain_number(self, name: str) -> pl.Series:
        return cells.numbers(self.raw(name), self._writing(name), self.rejects)

    def _bounded(self, found: pl.Series, name: str) -> pl.Series:
        self.rejects.reject(found.is_not_null() & ~(found.abs() <= MAX_NUMBER), name, "is too large", found)
        return found

    def _derive(self, name: str, derived: Derived) -> pl.Series:
        if derived.operation == "lookup":
            found = self._look_up(derived)
        elif derived.operation == "months_between":
            found = months_between(*map(self.day, derived.inputs))
        else:
            inputs = pl.DataFrame({str(index): self.number(used) for index, used in enumerate(derived.inputs)})
            found = inputs.select(_FORMULAS[derived.operation](len(derived.inputs))).to_series()
        return self._bounded(found.alias(name), name)

    def _look_up(self, derived: Derived) -> pl.Series:
        texts = self.text(derived.inputs[0])
        known = list(derived.values)
        found = texts.replace_strict(known, list(derived.values.values()), default=None, return_dtype=pl.Float64)
        unknown = texts.is_not_null() & ~texts.is_in(known)
        self.rejects.reject(unknown, texts.name, f"is none of {', '.join(known)}", texts)
        return found


def months_between(begin: pl.Series, end: pl.Series) -> pl.Series:
    """Whole calendar months from one day to another (Float64); below zero when the end comes first."""
    frame = pl.DataFrame({"begin": begin, "end": end})
    first, last = pl.col("begin").dt, pl.col("end").dt
    months = (last.year() - first.year()).cast(pl.Int64) * 12 + last.month().cast(pl.Int64) - first.month()
    return frame.select((months - (last.day() < first.day()).cast(pl.Int64)).cast(pl.Float64)).to_series()


def _sum(inputs: int) -> pl.Expr:
    total = pl.col("0")
    for index in range(1, inputs):
        total = total + pl.col(str(index))
    return total


_BY = pl.when(pl.col("1") != 0).then(pl.col("1"))
_FORMULAS: dict[str, Callable[[int], pl.Expr]] = {
    "sum": _sum,
    "difference": lambda _: pl.col("0") - pl.col("1"),
    "ratio": lambda _: pl.col("0") / _BY,
    "remainder": lambda _: pl.col("0") - (pl.col("0") / _BY).floor() * _BY,
}
