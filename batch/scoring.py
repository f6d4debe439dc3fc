"""Decides for a file of contracts, with the kernel and the scorer that answer /offer."""

import datetime
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from batch.columns import flatten, make_frame
from batch.files import replacing
from batch.outputs import writing_frames
from engine import VERSION
from engine.answers import write_answer
from engine.decide import decide
from engine.errors import Fault, Faults
from engine.rulebook import Rulebook
from engine.tables import Cases
from intake.quarantine import QuarantineFile
from intake.reading import Chunk, Reading
from ledger.records import Versions, canonical
from models.features import FeatureColumns
from models.scorer import score
from models.store import Release

ROWS_A_SLICE = 64
"""As many rows as the kernel decides at once: more leave the processor's cache, fewer pay the fixed cost more often."""

CHUNK_ROWS = 2_000
NO_MODEL = "none"
Advance = Callable[[int], None]


@dataclass(frozen=True)
class Job:
    """What decides every row of a run, fixed before the first: release (None: no model), rulebook, day, assumptions.

    `ends_within_days`: only contracts whose commitment ends from `today` to so many days later; None: all.
    """

    release: Release | None
    rulebook: Rulebook
    today: datetime.date
    assumptions: list[dict[str, Any]] = field(default_factory=list)
    ends_within_days: int | None = None

    @property
    def versions(self) -> Versions:
        """What stands in every row."""
        return Versions(self.release.version if self.release else NO_MODEL, self.rulebook.digest, VERSION)

    def of_the_run(self) -> dict[str, str]:
        """The values of `batch.columns.OF_THE_RUN`."""
        return {
            "decided_on": self.today.isoformat(),
            "assumptions": canonical(self.assumptions).decode(),
            "model_version": self.versions.model,
            "rulebook_digest": self.versions.rulebook,
            "engine_version": self.versions.engine,
        }


@dataclass
class Tally:
    """Where the rows of a run went: every row read is decided, not due, or quarantined."""

    decided: int = 0
    not_due: int = 0
    quarantined: int = 0
    degraded: int = 0
    stances: Counter[str] = field(default_factory=Counter)

    @property
    def rows(self) -> int:
        """All rows read."""
        return self.decided + self.not_due + self.quarantined

    def count(self, chunk: Chunk, frame: pl.DataFrame) -> None:
        """Takes one chunk and what was decided on it."""
        self.decided += frame.height
        self.not_due += chunk.cases.rows - frame.height
        self.quarantined += len(chunk.bad)
        self.degraded += int(frame["degraded"].is_not_null().sum())
        self.stances.update(frame["stance"].to_list())


def score_contracts(reading: Reading, job: Job, out: Path, advance: Advance, chunk_rows: int = CHUNK_ROWS) -> Tally:
    """Decide every good row into `out` and put the bad ones into `quarantine_of(out)`; both are whole or untouched.

    Raises Faults where the rulebook has no value on the day or the file changes while it is read, OSError.
    """
    job.rulebook.as_of(job.today)
    of_the_run, tally = job.of_the_run(), Tally()
    empty = make_frame([], of_the_run)
    with (
        writing_frames(out, empty) as add,
        replacing(quarantine_of(out)) as quarantine,
        QuarantineFile(quarantine) as bad_rows,
    ):
        for chunk in reading.chunks(chunk_rows):
            frame = make_frame(list(decide_rows(job, chunk.cases, chunk.features)), of_the_run)
            add(frame)
            bad_rows.add(chunk.bad)
            tally.count(chunk, frame)
            advance(tally.rows)
        if tally.rows != reading.rows:
            what = f"{tally.rows} rows where {reading.rows} were counted"
            raise Faults([Fault("file-changed", reading.main.name, what, "a file that stays as it is", "try again")])
    return tally


def quarantine_of(out: Path) -> Path:
    """Where the bad rows of a run go: beside its output."""
    return out.with_name(f"{out.name}.quarantine.csv")


def decide_rows(
    job: Job, cases: Cases, features: FeatureColumns, slice_rows: int = ROWS_A_SLICE
) -> Iterator[tuple[Any, ...]]:
    """The rows of `batch.columns.flatten` for the due contracts; the size of a slice changes nothing but the time."""
    due = np.flatnonzero(is_due(cases, job))
    for start in range(0, len(due), slice_rows):
        rows = due[start : start + slice_rows]
        some = {name: column[rows] for name, column in features.items()}
        yield from _decide_slice(job, cases.take(rows), some)


def _decide_slice(job: Job, cases: Cases, features: FeatureColumns) -> Iterator[tuple[Any, ...]]:
    decisions = decide(cases, score(job.release, cases, features, job.today), job.rulebook, job.today)
    reason = "no-release" if job.release is None else "score-unknown"
    for row in range(cases.rows):
        written = write_answer(decisions, row)
        degraded = [*written["degraded"], reason] if written["degraded"] else []
        yield flatten(cases["contract_id"][row], cases["language"][row], written, degraded)


def is_due(cases: Cases, job: Job) -> NDArray[np.bool_]:
    """True for contracts [n] whose commitment ends from today to `ends_within_days` later; all without that limit."""
    if job.ends_within_days is None:
        return np.ones(cases.rows, dtype=bool)
    today, ends = np.datetime64(job.today, "D"), cases["commitment_end"]
    return (ends >= today) & (ends <= today + np.timedelta64(job.ends_within_days, "D"))
