"""Rows that cannot be used: each with its line and its reasons, while the good rows pass."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self, TextIO

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.errors import Fault, Faults
from intake.shapes import shown


@dataclass(frozen=True)
class BadRow:
    """A row that is left out: its line, the first column at fault, every reason, its contract where it can be read."""

    line: int
    column: str
    reason: str
    contract_id: str = ""


@dataclass
class Rejects:
    """The rows of one chunk that turn out bad, while its columns are read."""

    rows: int
    _reasons: dict[int, list[tuple[str, str]]] = field(default_factory=dict)

    def reject(self, bad: pl.Series, column: str, what: str, values: pl.Series | None = None) -> None:
        """Marks the rows where `bad` is true: "`column`: `value` `what`"."""
        at = bad.fill_null(False).arg_true()
        if not len(at):
            return
        texts: Sequence[object] = values.gather(at).to_list() if values is not None else [None] * len(at)
        for row, value in zip(at.to_list(), texts, strict=True):
            reason = f"{column}: {shown(value)} {what}" if values is not None else f"{column}: {what}"
            self.reject_row(row, column, reason)

    def reject_row(self, row: int, column: str, reason: str) -> None:
        """Marks one row; the same reason counts once."""
        known = self._reasons.setdefault(row, [])
        if (column, reason) not in known:
            known.append((column, reason))

    def good(self) -> NDArray[np.bool_]:
        """True for the rows without a reason against them."""
        good = np.ones(self.rows, dtype=bool)
        good[list(self._reasons)] = False
        return good

    def bad_rows(self, lines: NDArray[np.int64]) -> list[BadRow]:
        """The rows left out, one each, in the order of the file; `lines` [rows] are their lines."""
        found: dict[int, list[tuple[str, str]]] = {}
        for row in sorted(self._reasons):
            known = found.setdefault(int(lines[row]), [])
            known += [reason for reason in self._reasons[row] if reason not in known]
        return [
            BadRow(line, reasons[0][0], "; ".join(reason for _, reason in reasons)) for line, reasons in found.items()
        ]


COLUMNS = ("line", "contract_id", "column", "reason")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a cell must not begin with, or a spreadsheet runs it; full-width signs count too."""


def quarantine_path(path: Path) -> Path:
    """Where the bad rows of a file go unless told otherwise: `contracts.csv.gz` has `contracts.quarantine.csv`."""
    return path.with_name(f"{path.name.split('.')[0] or path.name}.quarantine.csv")


class QuarantineFile:
    """The bad rows of one run as CSV, one line each, written as they come; no file where no row is bad.

    An earlier file of the same name is emptied, so that what it holds is always of the last run.
    Raises Faults where no file can stand, OSError where it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self._stream: TextIO | None = None

    def __enter__(self) -> Self:
        if not self.path.parent.is_dir():
            what = f"there is no folder {self.path.parent}"
            raise Faults([Fault("cannot-write", str(self.path), what, "a file in a folder that exists")])
        if self.path.is_dir():
            raise Faults([Fault("cannot-write", str(self.path), "it is a directory", "a file")])
        if self.path.exists():
            self._open()
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream:
            self._stream.close()

    def add(self, bad: Sequence[BadRow]) -> None:
        """Writes bad rows; a cell that a spreadsheet would run as a formula gets an apostrophe before it."""
        if bad:
            rows = ((row.line, row.contract_id, _inert(row.column), _inert(row.reason)) for row in bad)
            csv.writer(self._stream or self._open(), lineterminator="\n").writerows(rows)
            self.rows += len(bad)

    def _open(self) -> TextIO:
        self._stream = self.path.open("w", encoding="utf-8", newline="")
        csv.writer(self._stream, lineterminator="\n").writerow(COLUMNS)
        return self._stream


def _inert(text: str) -> str:
    return "'" + text if text.startswith(FORMULA_STARTS) else text
