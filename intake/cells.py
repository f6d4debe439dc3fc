"""Text cells become numbers, dates and words: whole columns at once, every cell that does not fit named by its row."""

import re
from dataclasses import dataclass

import polars as pl

from intake.quarantine import Rejects

MAX_TEXT_CHARACTERS = 200
SPACES = "[ \u00a0\u202f]"
_DATE_PATTERNS = {
    "YYYY-MM-DD": "%Y-%m-%d",
    "DD/MM/YYYY": "%d/%m/%Y",
    "JJ/MM/AAAA": "%d/%m/%Y",
    "MM/DD/YYYY": "%m/%d/%Y",
    "DD.MM.YYYY": "%d.%m.%Y",
    "DD-MM-YYYY": "%d-%m-%Y",
    "YYYY/MM/DD": "%Y/%m/%d",
    "YYYYMMDD": "%Y%m%d",
}
_TIME = r"[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d([.,]\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?$"
_GROUPS = {"space": SPACES, ".": r"\.", ",": ",", "'": "['\u2019]"}
_EURO = rf"^([+-]?)(?:€|EUR){SPACES}*|{SPACES}*(?:€|EUR)$"
EARLIEST, LATEST, NO_END = pl.date(1900, 1, 1), pl.date(2199, 12, 31), pl.date(9999, 12, 31)


@dataclass(frozen=True)
class Writing:
    """How numbers and dates are written in one column; `euros`: a euro sign may stand before or after an amount."""

    decimal: str = "."
    thousands: str = "space"
    dates: str = "YYYY-MM-DD"
    euros: bool = False


def tidy(cells: pl.Series, missing: tuple[str, ...]) -> pl.Series:
    """Cells without spaces around them; blank ones and the missing codes become null."""
    stripped = cells.str.strip_chars()
    return stripped.set(stripped.is_in(["", *(code.strip() for code in missing)]), None)


def without_euros(cells: pl.Series) -> pl.Series:
    """The same cells without the one euro sign, or EUR, that stands before or after each."""
    return cells.str.replace(_EURO, "${1}")


def number_texts(cells: pl.Series, writing: Writing) -> pl.Series:
    """The same numbers as plain text: a point before the decimals, no groups; null where it is no number."""
    group = _GROUPS.get(writing.thousands)
    whole = rf"(\d+|\d{{1,3}}({group}\d{{3}})+)" if group else r"\d+"
    decimal = r"\." if writing.decimal == "." else ","
    shape = rf"^[+-]?({whole}({decimal}\d*)?|{decimal}\d+)([eE][+-]?\d{{1,3}})?$"
    plain = without_euros(cells) if writing.euros else cells
    plain = plain.set(~plain.str.contains(shape), None)
    if group:
        plain = plain.str.replace_all(group, "")
    return plain.str.replace(",", ".", literal=True) if writing.decimal == "," else plain


def numbers(cells: pl.Series, writing: Writing, rejects: Rejects) -> pl.Series:
    """Float64 with null for missing; rejects cells that are no finite number."""
    found = _fast_numbers(cells, writing)
    if found is None:
        found = number_texts(cells, writing).cast(pl.Float64, strict=False)
        found = found.set(found.is_infinite(), None)
    rejects.reject(found.is_null() & cells.is_not_null(), cells.name, "is not a number", cells)
    return found.alias(cells.name)


def _fast_numbers(cells: pl.Series, writing: Writing) -> pl.Series | None:
    """The plain reading of a column in which every cell is a plain number; else None."""
    if writing.decimal != "." or cells.str.contains(r"[^0-9.\-]").any():
        return None
    found = cells.cast(pl.Float64, strict=False)
    return found if found.null_count() == cells.null_count() and not found.is_infinite().any() else None


def micro_units(cells: pl.Series, writing: Writing, rejects: Rejects) -> pl.Series:
    """Amounts as whole millionths (Int64), exact to the sixth decimal; rejects what is no amount below 10^9."""
    texts = number_texts(cells, writing)
    shape = r"^([+-]?)(\d{0,9})(?:\.(\d{0,6})\d*)?$"
    found = texts.str.extract_groups(shape).struct.unnest()
    whole = found["2"].replace("", "0").cast(pl.Int64, strict=False)
    fraction = found["3"].fill_null("").str.pad_end(6, "0").cast(pl.Int64, strict=False)
    sign = pl.select(pl.when(found["1"] == "-").then(-1).otherwise(1)).to_series()
    micro = (whole * 1_000_000 + fraction) * sign
    micro = micro.set(found["2"].is_null(), None)
    rejects.reject(micro.is_null() & cells.is_not_null(), cells.name, "is not an amount", cells)
    return micro.alias(cells.name)


def dates(cells: pl.Series, writing: Writing, rejects: Rejects, ends: bool = False) -> pl.Series:
    """Days (Date) with null for missing; a time of day is dropped; rejects what is no day of 1900 to 2199.

    `ends`: the last day there is, 31 December 9999, means that there is no end, and is null too.
    """
    days = cells.str.replace(_TIME, "") if cells.str.contains(":", literal=True).any() else cells
    shape = f"^{_shape(writing.dates)}$"
    days = days.set(~days.str.contains(shape), None)
    found = days.str.to_date(_DATE_PATTERNS[writing.dates], strict=False)
    rejects.reject(found.is_null() & cells.is_not_null(), cells.name, f"is not a day written {writing.dates}", cells)
    inside = pl.select(found.is_between(EARLIEST, LATEST)).to_series()
    known = inside | pl.select(found == NO_END).to_series() if ends else inside
    rejects.reject(~known, cells.name, _BEYOND, cells)
    return found.set(~inside, None).alias(cells.name)


_BEYOND = "lies outside 1900 to 2199; where it means none, list it under [missing]"


def _shape(dates: str) -> str:
    """The shape of a day: 31/12/2026 and 1/2/2026 are both DD/MM/YYYY, while YYYYMMDD has no room for less."""
    two = r"\d{2}" if dates == "YYYYMMDD" else r"\d{1,2}"
    parts = {"YYYY": r"\d{4}", "AAAA": r"\d{4}", "DD": two, "JJ": two, "MM": two, ".": r"\."}
    return re.sub(r"YYYY|AAAA|DD|JJ|MM|\.", lambda found: parts[found[0]], dates)


def words(cells: pl.Series, rejects: Rejects) -> pl.Series:
    """Texts with null for missing; rejects those that are too long or hold control characters."""
    distinct = cells.unique()
    long = distinct.filter(distinct.str.len_chars() > MAX_TEXT_CHARACTERS)
    controls = distinct.filter(distinct.str.contains(r"[\x00-\x1f\x7f-\x9f]"))
    if len(long) or len(controls):
        what = f"is longer than {MAX_TEXT_CHARACTERS} characters"
        rejects.reject(cells.is_in(long.implode()), cells.name, what, cells)
        rejects.reject(cells.is_in(controls.implode()), cells.name, "holds control characters", cells)
    return cells
