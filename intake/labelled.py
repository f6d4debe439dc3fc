"""Rows whose end is known, for training: features, label, customers and days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import file_digest, sha256
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.errors import Fault, Faults
from engine.tables import Column
from intake.columns import Columns
from intake.csv_table import RawChunk
from intake.facts import read_fact
from intake.features import read_features
from intake.mapping import Label, Mapping, Snapshots
from intake.quarantine import BadRow
from intake.repeats import Repeats
from intake.snapshots import running_on, snapshot_rows
from intake.tables import MOST_SHOWN, JoinedTables


@dataclass(frozen=True)
class Labelled:
    """Training rows: `features` by name [rows], `label` (1.0 left, 0.0 stayed), `groups` (the customer of each row).

    `dates` [rows] as datetime64[D], or None where the mapping has no dates. `window_months`: -1 where not stated.
    `bad` are the rows left out, `notes` what was recognised and left out, `digest` the SHA-256 over all files.
    """

    features: dict[str, Column]
    label: NDArray[np.float64]
    groups: Column
    dates: Column | None
    window_months: int
    bad: list[BadRow]
    notes: list[str]
    digest: str


@dataclass(frozen=True)
class _Rows:
    """Rows of text with their lines and their day, the day of the reading or of the snapshot."""

    frame: pl.DataFrame
    lines: NDArray[np.int64]
    as_of: pl.Series


def read_labelled(paths: Sequence[Path], mapping: Mapping, as_of: date) -> Labelled:
    """Reads whole files for training. Raises Faults when the mapping has no label or no row is good."""
    if mapping.label is None and mapping.snapshots is None:
        what = "the mapping says nowhere who left"
        raise Faults([Fault("missing-key", f"{mapping.file}:1", what, "a table [label] or [snapshots]")])
    mapping = mapping.for_training()
    tables = JoinedTables(paths, mapping)
    reader = _Reader(mapping, tables, as_of)
    for raw in tables.chunks():
        reader.read(raw)
    parts = reader.parts
    if not any(len(label) for _, label, _, _ in parts):
        raise Faults(no_rows(tables.main.path.name, reader.bad))
    dated = bool(mapping.snapshots or (mapping.label and mapping.label.date_column))
    return Labelled(
        features={name: np.concatenate([features[name] for features, *_ in parts]) for name in parts[0][0]},
        label=np.concatenate([label for _, label, _, _ in parts]),
        groups=np.concatenate([groups for *_, groups, _ in parts]),
        dates=np.concatenate([dates for *_, dates in parts]) if dated else None,
        window_months=mapping.window_months,
        bad=reader.bad,
        notes=[*tables.notes, *reader.notes()],
        digest=digest_of_files(paths),
    )


class _Reader:
    """Collects the good rows of chunk after chunk."""

    def __init__(self, mapping: Mapping, tables: JoinedTables, as_of: date) -> None:
        self._mapping, self._tables, self._as_of = mapping, tables, as_of
        self._repeats = Repeats()
        self._objectors = 0
        self.bad: list[BadRow] = []
        self.parts: list[tuple[dict[str, Column], NDArray[np.float64], Column, Column]] = []

    def notes(self) -> list[str]:
        """What was left out beside the bad rows."""
        return [f"{self._objectors} rows left out: the customer objects to profiling"] if self._objectors else []

    def read(self, raw: RawChunk) -> None:
        """Takes the good rows of one chunk."""
        today = pl.repeat(self._as_of, raw.frame.height, dtype=pl.Date, eager=True)
        rows = _Rows(raw.frame, raw.lines, today)
        bad = list(raw.bad)
        if self._mapping.snapshots:
            bad += self._read_snapshots(rows, self._mapping.snapshots)
        elif self._mapping.label:
            bad += self._read_label(rows, self._mapping.label)
        self.bad += sorted(bad, key=lambda row: row.line)

    def _columns(self, rows: _Rows) -> Columns:
        return Columns(rows.frame, rows.as_of, self._mapping, self._tables.writings)

    def _read_label(self, rows: _Rows, label: Label) -> list[BadRow]:
        columns = self._columns(rows)
        texts = columns.text(label.column)
        left = texts.is_in(label.left)
        known = left | (texts.is_in(label.stayed) if label.stayed else texts.is_not_null())
        columns.rejects.reject(~known | texts.is_null(), label.column, "does not say who left", texts)
        days = rows.as_of
        if label.date_column:
            days = columns.day(label.date_column)
            columns.rejects.reject(columns.raw(label.date_column).is_null(), label.date_column, "is missing")
        ids = self._fact(columns, rows, "contract_id")
        self._repeats.reject(columns.rejects, ids + " " + days.cast(pl.String).fill_null(""), rows.lines)
        self._take(columns, rows, left, days)
        return columns.rejects.bad_rows(rows.lines)

    def _read_snapshots(self, rows: _Rows, snapshots: Snapshots) -> list[BadRow]:
        columns = self._columns(rows)
        begin, end = running_on(columns, snapshots)
        self._repeats.reject(columns.rejects, self._fact(columns, rows, "contract_id"), rows.lines)
        good = columns.rejects.good()
        at, days, left = snapshot_rows(begin.filter(good), end.filter(good), snapshots.dates, snapshots.horizon_months)
        at = np.flatnonzero(good)[at]
        expanded = _Rows(rows.frame[at], rows.lines[at], days)
        more = self._columns(expanded)
        self._take(more, expanded, pl.Series(left), days)
        return [*columns.rejects.bad_rows(rows.lines), *more.rejects.bad_rows(expanded.lines)]

    def _fact(self, columns: Columns, rows: _Rows, name: str) -> pl.Series:
        return pl.Series(read_fact(columns, rows.lines, self._mapping, name), dtype=pl.String)

    def _take(self, columns: Columns, rows: _Rows, left: pl.Series, days: pl.Series) -> None:
        customer = "customer_id" if "customer_id" in self._mapping.facts else "contract_id"
        groups = read_fact(columns, rows.lines, self._mapping, customer)
        features = read_features(columns, self._mapping)
        good = columns.rejects.good()
        if "objects_to_profiling" in self._mapping.facts:
            objects = read_fact(columns, rows.lines, self._mapping, "objects_to_profiling")
            good = columns.rejects.good()
            self._objectors += int((good & objects).sum())
            good &= ~objects
        kept = {name: column[good] for name, column in features.items()}
        dates = days.to_numpy().astype("datetime64[D]")[good]
        self.parts.append((kept, left.cast(pl.Float64).to_numpy()[good], groups[good], dates))


def no_rows(file: str, bad: list[BadRow]) -> list[Fault]:
    """That no row is good, and why, for the first of them."""
    reasons = [Fault("bad-row", f"{file}:{row.line}", row.reason, "a row to learn from") for row in bad[:MOST_SHOWN]]
    return [Fault("no-rows", f"{file}:1", "no row is good", "rows with a label"), *reasons]


def digest_of_files(paths: Sequence[Path]) -> str:
    """The SHA-256 in hex over the digests of files, in the order of their names."""
    total = sha256()
    for path in sorted(paths, key=lambda path: path.name):
        with path.open("rb") as stream:
            total.update(file_digest(stream, "sha256").digest())
    return total.hexdigest()
