"""One market as an operator would hand it over, read back cell by cell without the product's own reader."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from intake.contacts import Contacts, read_contacts
from intake.mapping import read_mapping
from intake.rulebook import read_rulebook
from training.market import simulate_market
from training.market.exports import write_market

ROOT = Path(__file__).parents[3]
TODAY = np.datetime64("2026-11-01")
Rows = list[dict[str, str]]


def number(cell: str) -> float:
    """A number with a decimal comma; NaN for an empty cell."""
    return float(cell.replace(",", ".")) if cell else float("nan")


def day(cell: str) -> date:
    """A date written JJ/MM/AAAA."""
    return datetime.strptime(cell, "%d/%m/%Y").date()


def read_rows(path: Path) -> Rows:
    """The rows of one export."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


@dataclass(frozen=True)
class Export:
    """The files of one market."""

    folder: Path
    contracts: Rows
    history: Rows
    contacts: Rows


@pytest.fixture(scope="session")
def write(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int, int], Export]:
    """Simulates a market of so many contracts from a seed, and reads its files."""

    def simulated(contracts: int, seed: int) -> Export:
        folder = tmp_path_factory.mktemp("market")
        write_market(simulate_market(contracts, seed, TODAY), folder)
        return Export(folder, *(read_rows(folder / f"{name}.csv") for name in ("contracts", "history", "contacts")))

    return simulated


@pytest.fixture(scope="session")
def market(write: Callable[[int, int], Export]) -> Export:
    """The market of the default size and seed."""
    return write(5_000, 1)


@pytest.fixture(scope="session")
def drawn(market: Export) -> Contacts:
    """The experiment of that market, read through its mapping."""
    mapping, rulebook = read_mapping(ROOT / "mappings" / "simulated.toml"), read_rulebook(ROOT / "rulebook")
    return read_contacts([market.folder / "contacts.csv"], mapping, rulebook, TODAY.item())


def left(rows: Rows) -> NDArray[np.bool_]:
    """Who left within six months."""
    return np.array([row["resilie_6_mois"] == "oui" for row in rows])


def difference(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> tuple[float, float]:
    """The 95 % interval of how much larger the first share is."""
    gap = one.mean() - other.mean()
    error = 1.96 * np.sqrt(one.var() / len(one) + other.var() / len(other))
    return float(gap - error), float(gap + error)
