"""A table written in any dialect and read back is the same table, whether the dialect is declared or recognised."""

import csv
import gzip
import io
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as some

from tests.intake.small_files import SMALL, Read, file_of, mapping_of

DATES = {"YYYY-MM-DD": "%Y-%m-%d", "JJ/MM/AAAA": "%d/%m/%Y", "DD.MM.YYYY": "%d.%m.%Y", "YYYYMMDD": "%Y%m%d"}
SPACES = {" ": "space", "\u00a0": "space", "\u202f": "space", "'": "'", "": "none"}
IN_CP1252 = "abcXYZ éàçœ€;,|\"'.-/0123456789"


@dataclass(frozen=True)
class Row:
    """One contract: its price in cents, a day or none, usage in thousandths or none, and a plan."""

    cents: int
    day: date | None
    thousandths: int | None
    plan: str


@dataclass(frozen=True)
class Habit:
    """How a file is written."""

    separator: str
    decimal: str
    group: str
    dates: str
    encoding: str
    line_end: str
    quote_all: bool
    packed: bool

    def declared(self) -> str:
        encoding = "utf-8" if self.encoding == "utf-8-sig" else self.encoding
        separator = "\\t" if self.separator == "\t" else self.separator
        return (
            f'[dialect]\nseparator = "{separator}"\ndecimal = "{self.decimal}"\nthousands = "{SPACES[self.group]}"\n'
            f'dates = "{self.dates}"\nencoding = "{encoding}"\n'
        )

    def number(self, thousandths: int, decimals: int) -> str:
        whole, rest = divmod(abs(thousandths), 1_000)
        sign = "-" if thousandths < 0 else ""
        grouped = f"{whole:,}".replace(",", self.group)
        return f"{sign}{grouped}{self.decimal}{rest:03d}"[: None if decimals == 3 else -1]

    def file(self, rows: list[Row]) -> bytes:
        written = io.StringIO()
        quoting = csv.QUOTE_ALL if self.quote_all else csv.QUOTE_MINIMAL
        writer = csv.writer(written, delimiter=self.separator, lineterminator=self.line_end, quoting=quoting)
        writer.writerow(["id", "price", "since", "usage", "plan"])
        for number, row in enumerate(rows):
            day = row.day.strftime(DATES[self.dates]) if row.day else ""
            usage = "" if row.thousandths is None else self.number(row.thousandths, 3)
            writer.writerow([f"C{number}", self.number(row.cents * 10, 2), day, usage, row.plan])
        content = written.getvalue().encode(self.encoding)
        return gzip.compress(content) if self.packed else content


rows = some.lists(
    some.builds(
        Row,
        cents=some.integers(0, 1_000_000),
        day=some.none() | some.dates(date(1900, 1, 1), date(2199, 12, 31)),
        thousandths=some.none() | some.integers(-(10**12), 10**12),
        plan=some.text(IN_CP1252, max_size=12).map(str.strip),
    ),
    min_size=1,
    max_size=8,
)
habits = some.builds(
    Habit,
    separator=some.sampled_from([",", ";", "\t", "|"]),
    decimal=some.sampled_from([".", ","]),
    group=some.sampled_from(list(SPACES)),
    dates=some.sampled_from(list(DATES)),
    encoding=some.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
    line_end=some.sampled_from(["\n", "\r\n"]),
    quote_all=some.booleans(),
    packed=some.booleans(),
).filter(lambda habit: not (habit.encoding == "cp1252" and habit.group == "\u202f"))

TELLS_ALL = Row(123_456_789 % 1_000_000, date(2016, 12, 31), 1_234_500, "é")
"""A row from which every habit can be recognised."""


def comes_back(habit: Habit, table: list[Row], extra: str) -> bool:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        read = Read([file_of(folder, habit.file(table))], mapping_of(folder, SMALL + extra))
    return (
        read.bad == []
        and read.rows == len(table)
        and read.fact("price_cents") == [row.cents for row in table]
        and read.fact("customer_since") == [row.day.isoformat() if row.day else "NaT" for row in table]
        and read.feature("usage") == [None if row.thousandths is None else row.thousandths / 1_000 for row in table]
        and read.feature("plan") == [row.plan for row in table]
    )


@settings(max_examples=150, deadline=None)
@given(habit=habits, table=rows)
def test_a_table_written_in_a_declared_dialect_comes_back(habit: Habit, table: list[Row]) -> None:
    assert comes_back(habit, table, habit.declared())


@settings(max_examples=150, deadline=None)
@given(habit=habits, table=rows)
def test_a_table_written_in_a_recognisable_dialect_comes_back(habit: Habit, table: list[Row]) -> None:
    assert comes_back(habit, [TELLS_ALL, *table], "")
