"""An operator's files read through a mapping: in chunks for scoring, whole for training."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.errors import Fault, Faults
from engine.fields import CASE_FIELDS, IDENTIFIER_PATTERN
from engine.tables import Cases, Column
from intake.columns import Columns
from intake.csv_table import RawChunk
from intake.facts import keep_good, read_facts
from intake.features import blank_objectors, read_features
from intake.mapping import Mapping
from intake.quarantine import BadRow
from intake.repeats import Repeats
from intake.snapshots import running_on
from intake.tables import JoinedTables

CHUNK_ROWS = 50_000
_IDENTIFIER = re.compile(IDENTIFIER_PATTERN)


@dataclass(frozen=True)
class Chunk:
    """Some rows of a file: the good ones as `cases` and `features` [rows], with their `lines`; the others as `bad`.

    `features`: float64 with NaN for missing, or str objects with "" for missing. They are all missing for a customer
    who objects to profiling.
    """

    cases: Cases
    features: dict[str, Column]
    lines: NDArray[np.int64]
    bad: list[BadRow]


class Reading:
    """Files opened for scoring: the `main` one, its `rows` to come, `notes` on what was recognised, and the chunks."""

    def __init__(self, paths: Sequence[Path], mapping: Mapping, as_of: date) -> None:
        require_facts(mapping)
        self._tables = JoinedTables(paths, mapping.for_scoring())
        self._mapping, self._as_of = mapping, as_of
        self.main = self._tables.main.path
        self.rows = self._tables.rows
        self.notes = self._tables.notes

    def chunks(self, rows: int = CHUNK_ROWS) -> Iterator[Chunk]:
        """The rows in the order of the file, at most `rows` at a time; the split changes nothing but the split."""
        repeats = Repeats()
        for raw in self._tables.chunks():
            bad = raw.bad
            for start in range(0, max(1, raw.frame.height), rows):
                part = slice(start, start + rows)
                rest = [row for row in bad if row.line > raw.lines[part.stop]] if part.stop < len(raw.lines) else []
                here = bad[: len(bad) - len(rest)]
                yield self._chunk(RawChunk(raw.frame[part], raw.lines[part], here), repeats)
                bad = rest

    def _chunk(self, raw: RawChunk, repeats: Repeats) -> Chunk:
        as_of = pl.repeat(self._as_of, raw.frame.height, dtype=pl.Date, eager=True)
        columns = Columns(raw.frame, as_of, self._mapping, self._tables.writings)
        self._refuse_others(columns)
        facts = read_facts(columns, raw.lines, self._mapping)
        features = read_features(columns, self._mapping)
        repeats.reject(columns.rejects, pl.Series(facts["contract_id"], dtype=pl.String), raw.lines)
        good = columns.rejects.good()
        kept = {name: column[good] for name, column in features.items()}
        cases = keep_good(facts, good)
        found = named(columns.rejects.bad_rows(raw.lines), raw.lines, facts["contract_id"])
        bad = sorted([*raw.bad, *found], key=lambda row: row.line)
        return Chunk(cases, blank_objectors(kept, cases["objects_to_profiling"]), raw.lines[good], bad)

    def _refuse_others(self, columns: Columns) -> None:
        """Contracts that do not run on the day of the reading are left out."""
        snapshots = self._mapping.snapshots
        if snapshots:
            begin, end = running_on(columns, snapshots)
            day = self._as_of
            columns.rejects.reject(begin > day, snapshots.begin, f"begins after {day}", begin.cast(pl.String))
            columns.rejects.reject(end <= day, snapshots.end, f"ended by {day}", end.cast(pl.String))


def named(bad: list[BadRow], lines: NDArray[np.int64], contract_ids: Column) -> list[BadRow]:
    """The same rows with their contracts; what is no identifier is not repeated."""
    found = contract_ids[np.searchsorted(lines, [row.line for row in bad])]
    known = (contract_id if _IDENTIFIER.fullmatch(contract_id) else "" for contract_id in found)
    return [replace(row, contract_id=contract_id) for row, contract_id in zip(bad, known, strict=True)]


def require_facts(mapping: Mapping) -> None:
    """Raises Faults for every fact that a decision needs and the mapping does not have."""
    known = {*mapping.facts, *(assumption.fact for assumption in mapping.assumptions)}
    if faults := [
        Fault(
            "missing-fact",
            f"{mapping.file}:1",
            f"the mapping has no {field.name}",
            f"{field.meaning}",
            "add it under [facts] or [assumptions]",
        )
        for field in CASE_FIELDS
        if field.required and field.name not in known
    ]:
        raise Faults(faults)
