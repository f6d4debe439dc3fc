"""The rows to learn from, read from an operator's files through a mapping."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from intake.labelled import read_labelled
from intake.mapping import read_mapping
from intake.quarantine import BadRow
from training.card import Source
from training.protocol import usual_shuffles
from training.rows import Rows


@dataclass(frozen=True)
class History:
    """The rows, where they came from, and what the reader left out and recognised."""

    rows: Rows
    source: Source
    bad: list[BadRow]
    notes: list[str]


def read_history(
    paths: Sequence[Path], mapping_path: Path, true_rate: float | None = None, shuffles: int | None = None
) -> History:
    """Read the tables of a mapping; raises Faults for what cannot be read.

    `true_rate` is the share of customers who really leave, where the tables hold more; `shuffles` those of the trial,
    by the number of rows when None.
    What a model may not read is for the mapping to leave out: every feature it names is learned from.
    """
    mapping = read_mapping(mapping_path)
    labelled = read_labelled(paths, mapping, date.today())
    rows = Rows(
        columns=labelled.features,
        left=labelled.label == 1.0,
        customers=labelled.groups,
        dates=labelled.dates,
        window_months=labelled.window_months,
    )
    shuffles = shuffles or usual_shuffles(len(rows))
    source = Source(mapping.name, mapping.digest, mapping.caveats, labelled.digest, true_rate, shuffles)
    return History(rows, source, labelled.bad, labelled.notes)
