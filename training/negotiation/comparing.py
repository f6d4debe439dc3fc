"""The measure: the same customers with the same chances, talked to in every manner, on several markets."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as students_t

from engine.rulebook import Rulebook
from training.market import simulate_market
from training.negotiation.book import Book, open_book
from training.negotiation.earning import Earned, earn, earn_nothing_offered
from training.negotiation.kernel import Kernel
from training.negotiation.talking import MANNERS, Manner, Talk, hold_talks

WINDOW_MONTHS = 6
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """A mean over markets, and its 95 % interval; the market is the unit, for its customers share a rival."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Outcome:
    """What one manner came to on one market: customers asked [n] against making them no offer, in euros each."""

    gain_eur: NDArray[np.float64]
    left: NDArray[np.bool_]
    talks: dict[int, Talk]
    limits_broken: int


@dataclass(frozen=True)
class Played:
    """One market played: its outcomes in the order of MANNERS, and who leaves when nothing is offered [n]."""

    outcomes: tuple[Outcome, ...]
    left: NDArray[np.bool_]


def play(contracts: int, seed: int, day: np.datetime64, rulebook: Rulebook, mapping: Path) -> Played:
    """One market, lived up to `day`, whose customers are asked in every manner."""
    book = open_book(simulate_market(contracts, seed, day), mapping)
    kernel = Kernel(rulebook, book.today)
    return play_book(book, kernel, MANNERS)


def play_book(book: Book, kernel: Kernel, manners: Sequence[Manner]) -> Played:
    """The customers of one book asked in some manners."""
    nothing = earn_nothing_offered(book, kernel.in_force)
    first = kernel.first_questions(book.cases)
    gets_an_offer = np.array([bool(table) for table in kernel.tables(first)])
    called = gets_an_offer & (book.cases["channel"] == "phone_out")
    outcomes = []
    for manner in manners:
        talks = hold_talks(book, kernel, manner, first)
        accepted = [talk for talk in talks.values() if talk.accepted]
        broken = kernel.breaks_a_limit([talk.last for talk in accepted], [talk.accepted or {} for talk in accepted])
        earned = earn(book, kernel.in_force, called, talks)
        outcomes.append(Outcome(earned.euros - nothing.euros, _left(earned), talks, sum(broken)))
    return Played(tuple(outcomes), _left(nothing))


def _left(earned: Earned) -> NDArray[np.bool_]:
    return earned.left_in < WINDOW_MONTHS


def interval(means: Sequence[float]) -> Interval:
    """The mean of figures of several markets with its interval by Student's t."""
    mean, spread = float(np.mean(means)), float(np.std(means, ddof=1)) / len(means) ** 0.5
    half = float(students_t.ppf((1 + CONFIDENCE) / 2, len(means) - 1)) * spread
    return Interval(mean, mean - half, mean + half)
