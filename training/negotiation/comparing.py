"""The measure: the same customers with the same chances, talked to in every manner, on several markets."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.rulebook import Rulebook
from training.market import simulate_market
from training.negotiation.book import Book, open_book
from training.negotiation.earning import earn, earn_nothing_offered
from training.negotiation.kernel import Kernel
from training.negotiation.talking import MANNERS, Manner, Talk, hold_talks


@dataclass(frozen=True)
class Outcome:
    """What one manner came to on one market: what customers asked [n] bring against making no offer, in euros each.

    `left` [n]: the chance that they leave within six months.
    """

    gain_eur: NDArray[np.float64]
    left: NDArray[np.float64]
    talks: dict[int, Talk]


@dataclass(frozen=True)
class Played:
    """One market played: its outcomes in the order of the manners; who leaves when nothing is offered [n].

    `in_touch` [n]: who got in touch on their own; the others are called, if anything is offered to them.
    """

    outcomes: tuple[Outcome, ...]
    left: NDArray[np.float64]
    in_touch: NDArray[np.bool_]


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
        earned = earn(book, kernel.in_force, called, talks)
        outcomes.append(Outcome(earned.euros - nothing.euros, earned.left, talks))
    return Played(tuple(outcomes), nothing.left, book.cases["channel"] != "phone_out")
