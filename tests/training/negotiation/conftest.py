"""One small market, lived once, and its customers talked to in every manner."""

from pathlib import Path

import numpy as np
import pytest

from engine.rulebook import Rulebook
from intake.rulebook import read_rulebook
from training.market import simulate_market
from training.negotiation.book import Book, open_book
from training.negotiation.comparing import Played, play_book
from training.negotiation.kernel import Kernel
from training.negotiation.talking import MANNERS

ROOT = Path(__file__).parents[3]
TODAY = np.datetime64("2026-11-01")
CONTRACTS, SEED = 200, 2


@pytest.fixture(scope="session")
def shipped() -> Rulebook:
    return read_rulebook(ROOT / "rulebook")


@pytest.fixture(scope="session")
def book() -> Book:
    return open_book(simulate_market(CONTRACTS, SEED, TODAY), ROOT / "mappings" / "simulated.toml")


@pytest.fixture(scope="session")
def kernel(book: Book, shipped: Rulebook) -> Kernel:
    return Kernel(shipped, book.today)


@pytest.fixture(scope="session")
def played(book: Book, kernel: Kernel) -> Played:
    return play_book(book, kernel, MANNERS)
