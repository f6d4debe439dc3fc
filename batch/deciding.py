"""Decides some contracts, with the kernel and the scorer that answer /offer."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batch.calls import with_calls
from batch.columns import Decided, Row, flatten
from batch.heard import Heard
from engine import VERSION
from engine.answers import amounts_on_the_table, write_answer
from engine.decide import decide
from engine.rulebook import Rulebook
from engine.tables import Cases
from ledger.journal import canonical
from ledger.records import Versions
from models import NO_RELEASE
from models.features import FeatureColumns
from models.scorer import score_or_degrade
from models.store import Release

ROWS_A_SLICE = 64
"""As many rows as the kernel decides at once: more leave the processor's cache, fewer pay the fixed cost more often."""

Slice = tuple[Cases, FeatureColumns]


@dataclass(frozen=True)
class Job:
    """What decides every row of a run, fixed before the first: release (None: no model), rulebook, day, assumptions.

    `ends_within_days`: only contracts whose commitment ends from `today` to so many days later; None: all.
    `processes`: how many share the work, which changes nothing but the time. `channel`: over which all customers are
    met; None: as their file says. `at`: the moment of `today` at which those whom we call are called, with its zone;
    None: it is not told. `draws`: the file that says what chance did, apart from the answers; None: nowhere. `heard`:
    what the desk has heard of the contracts; None: there is no desk.
    """

    release: Release | None
    rulebook: Rulebook
    today: datetime.date
    assumptions: list[dict[str, Any]] = field(default_factory=list)
    ends_within_days: int | None = None
    processes: int = 1
    channel: str | None = None
    at: datetime.datetime | None = None
    draws: Path | None = None
    heard: Heard | None = None

    @property
    def versions(self) -> Versions:
        """What stands in every row."""
        return Versions(self.release.version if self.release else NO_RELEASE, self.rulebook.digest, VERSION)

    def of_the_run(self) -> dict[str, str]:
        """The values of `batch.columns.OF_THE_RUN`."""
        return {
            "decided_on": self.today.isoformat(),
            "assumptions": canonical(self.assumptions).decode(),
            "model_version": self.versions.model,
            "rulebook_digest": self.versions.rulebook,
            "engine_version": self.versions.engine,
        }


def decide_rows(job: Job, cases: Cases, features: FeatureColumns, slice_rows: int = ROWS_A_SLICE) -> Iterator[Row]:
    """The rows of `batch.columns.flatten` for the due contracts; the size of a slice changes nothing but the time."""
    for some in slices(job, cases, features, slice_rows):
        yield from decide_slice(job, *some)


def slices(job: Job, cases: Cases, features: FeatureColumns, slice_rows: int = ROWS_A_SLICE) -> Iterator[Slice]:
    """The due contracts with their features, some rows at a time, in order."""
    due = np.flatnonzero(is_due(cases, job))
    for start in range(0, len(due), slice_rows):
        rows = due[start : start + slice_rows]
        yield cases.take(rows), {name: column[rows] for name, column in features.items()}


def decide_slice(job: Job, cases: Cases, features: FeatureColumns) -> Iterator[Row]:
    """The rows of `batch.columns.flatten` for contracts that are decided at once."""
    law = job.rulebook.as_of(job.today).law
    cases = with_calls(cases, law.market, job.at or job.today, job.channel)
    scored = score_or_degrade(job.release, cases, features, job.today)
    decisions = decide(cases, scored.scores, job.rulebook, job.today)
    for row in range(cases.rows):
        written = write_answer(decisions, row)
        degraded = [*written["degraded"], *scored.degraded[row]]
        amounts, since = amounts_on_the_table(decisions, row), cases["customer_since"][row]
        tenure = None if np.isnat(since) else int(decisions.question.facts["tenure_months"][row])
        contract_id, language = cases["contract_id"][row], cases["language"][row]
        yield flatten(Decided(contract_id, language, tenure, written, degraded, amounts, decisions.drawn(row)))


def is_due(cases: Cases, job: Job) -> NDArray[np.bool_]:
    """True for contracts [n] whose commitment ends from today to `ends_within_days` later; all without that limit."""
    if job.ends_within_days is None:
        return np.ones(cases.rows, dtype=bool)
    today, ends = np.datetime64(job.today, "D"), cases["commitment_end"]
    return (ends >= today) & (ends <= today + np.timedelta64(job.ends_within_days, "D"))
