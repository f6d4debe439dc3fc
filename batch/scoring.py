"""Decides for a whole file of contracts, chunk by chunk, and accounts for every row."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from batch.columns import COLUMNS, DRAWS, make_frame
from batch.deciding import Job
from batch.files import replacing
from batch.outputs import Add, WritingFrames, format_of
from batch.workers import deciding
from engine.errors import Fault, Faults
from intake.quarantine import QuarantineFile
from intake.reading import Chunk, Reading

CHUNK_ROWS = 2_000
Advance = Callable[[int], None]


@dataclass
class Tally:
    """Where the rows of a run went: every row read is decided, not due, or quarantined."""

    decided: int = 0
    not_due: int = 0
    quarantined: int = 0
    degraded: int = 0
    not_to_be_called: int = 0
    heard_of: int = 0
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
        self.not_to_be_called += int(frame["call_rules"].is_not_null().sum())
        self.stances.update(frame["stance"].to_list())


def score_contracts(reading: Reading, job: Job, out: Path, advance: Advance, chunk_rows: int = CHUNK_ROWS) -> Tally:
    """Decide every good row into `out` and put the bad ones into `quarantine_of(out)`; both are moved there at the end.

    Raises Faults where the rulebook has no value on the day or the file changes while it is read, OSError.
    """
    job.rulebook.as_of(job.today)
    of_the_run, tally = job.of_the_run(), Tally()
    parts = _parts(out, job)
    with (
        replacing(quarantine_of(out), *(part.target for part in parts)) as (quarantine, *paths),
        _writing(parts, paths) as add,
        QuarantineFile(quarantine) as bad_rows,
        deciding(job) as decide,
    ):
        add(make_frame([], of_the_run))
        for chunk in _as_heard(reading.chunks(chunk_rows), job, tally):
            frame = make_frame(list(decide(chunk.cases, chunk.features)), of_the_run)
            add(frame)
            bad_rows.add(chunk.bad)
            tally.count(chunk, frame)
            advance(tally.rows)
        if tally.rows != reading.rows:
            what = f"{tally.rows} rows where {reading.rows} were counted"
            raise Faults([Fault("file-changed", reading.main.name, what, "a file that stays as it is", "try again")])
    return tally


def _as_heard(chunks: Iterator[Chunk], job: Job, tally: Tally) -> Iterator[Chunk]:
    """The chunks of a file with what the desk has heard since, where there is a desk."""
    for chunk in chunks:
        cases, heard_of = job.heard.overlay(chunk.cases) if job.heard else (chunk.cases, 0)
        tally.heard_of += heard_of
        yield replace(chunk, cases=cases)


@dataclass(frozen=True)
class _Part:
    """A file of a run, how it is written, and its columns."""

    target: Path
    writing: WritingFrames
    names: Sequence[str]


def _parts(out: Path, job: Job) -> list[_Part]:
    """The files of a run, the output last: what chance did stands apart from the answers."""
    columns: dict[Path, Sequence[str]] = {**({job.draws: DRAWS} if job.draws else {}), out: list(COLUMNS)}
    return [_Part(target, format_of(target), names) for target, names in columns.items()]


@contextmanager
def _writing(parts: Sequence[_Part], paths: Sequence[Path]) -> Iterator[Add]:
    """Writes of each frame to each part the columns that it holds."""
    with ExitStack() as opened:
        files = [opened.enter_context(part.writing(path)) for part, path in zip(parts, paths, strict=True)]

        def add(frame: pl.DataFrame) -> None:
            for part, write in zip(parts, files, strict=True):
                write(frame.select(part.names))

        yield add


def quarantine_of(out: Path) -> Path:
    """Where the bad rows of a run go: beside its output."""
    return out.with_name(f"{out.name}.quarantine.csv")
