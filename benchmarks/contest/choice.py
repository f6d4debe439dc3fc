"""What every contender does: learn from contacts, then choose an offer, or nothing, for each customer."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.markets import Contacts, Shelf
from benchmarks.markets.people import Floats, People

NOTHING = -1


@dataclass(frozen=True)
class Choice:
    """For each customer the candidate chosen, or NOTHING, [n], and what it promises in EUR, [n]; None: no promise."""

    offered: NDArray[np.int64]
    promised: Floats | None = None


Policy = Callable[[People], Choice]
Learn = Callable[[Contacts, Shelf], Policy]


def nothing_for_all(people: People) -> Choice:
    """Calling nobody."""
    return Choice(np.full(len(people), NOTHING), np.zeros(len(people)))


def best_above_nothing(values: Floats) -> Choice:
    """The candidate of the highest value [n, C] where that is above 0, else NOTHING."""
    best, most = values.argmax(axis=1), values.max(axis=1)
    return Choice(np.where(most > 0, best, NOTHING), np.maximum(most, 0.0))
