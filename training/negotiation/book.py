"""The customers of a market whom the product may ask: what the operator has on file of them, and how they lean."""

import datetime
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.tables import Cases, Column
from intake.labelled import read_labelled
from intake.mapping import Mapping, read_mapping
from intake.reading import Reading
from models.churn import Churn
from training.fit import fit
from training.market import Market
from training.market.exports import CONTRACTS, HISTORY, write_market
from training.market.lines import take
from training.market.people import Table
from training.market.talks import Talks, talk_to
from training.rows import Rows

SEED = 0


@dataclass(frozen=True)
class Book:
    """Customers [n] who did not object to profiling: as they are (`lines`), as they are on file, and the talks ahead.

    `cases` hold the chance of leaving that a model fitted to this market's own history gives them.
    """

    market: Market
    today: datetime.date
    lines: Table
    cases: Cases
    talks: Talks


def open_book(market: Market, mapping_path: Path) -> Book:
    """Write a market's files, read them as an operator's through a mapping, and learn from its history."""
    mapping, today = read_mapping(mapping_path), market.today.day.astype(datetime.date)
    with tempfile.TemporaryDirectory() as folder:
        write_market(market, Path(folder))
        cases, features = _on_file(Path(folder) / CONTRACTS, mapping, today)
        churn, window_months = _learn(Path(folder) / HISTORY, mapping, today)
    window = np.full(cases.rows, window_months)
    scored = Cases({**cases, "p_churn": churn.probability(features), "p_churn_window_months": window})
    asked = np.flatnonzero(~cases["objects_to_profiling"])
    lines = take(market.today.lines, asked)
    return Book(market, today, lines, scored.take(asked), talk_to(market, lines))


def _on_file(path: Path, mapping: Mapping, today: datetime.date) -> tuple[Cases, dict[str, Column]]:
    chunks = list(Reading([path], mapping, today).chunks())
    names = chunks[0].features
    cases = Cases({name: np.concatenate([chunk.cases[name] for chunk in chunks]) for name in chunks[0].cases})
    return cases, {name: np.concatenate([chunk.features[name] for chunk in chunks]) for name in names}


def _learn(path: Path, mapping: Mapping, today: datetime.date) -> tuple[Churn, int]:
    """A model of who leaves, and its window in months."""
    read = read_labelled([path], mapping, today)
    rows = Rows(read.features, read.label == 1.0, read.groups, read.dates, read.window_months)
    return fit(rows, SEED).churn, read.window_months
