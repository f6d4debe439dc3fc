"""The rows to learn from, read from an operator's files through a mapping."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from intake.labelled import Labelled, read_labelled
from intake.mapping import read_mapping
from training.card import Source
from training.rows import Rows


def read_history(paths: Sequence[Path], mapping_path: Path, true_rate: float | None) -> tuple[Rows, Source, Labelled]:
    """The rows, where they came from, and what the reader left out; raises Faults for what cannot be read.

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
    return rows, Source(mapping.name, mapping.digest, mapping.caveats, labelled.digest, true_rate), labelled
