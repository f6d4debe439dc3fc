"""A simulated market whose truth is known: who accepts what, who leaves, and what every offer would be worth.

A customer is in a state that nobody sees: a class, tastes, how easily they wake. The truth given the facts is the mean
over states: an exact sum over classes, or fixed points spread evenly over the unseen tastes.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.markets.economics import worth
from benchmarks.markets.people import BRANDS, Floats, People, draw_people
from benchmarks.markets.shelf import Shelf

CONTROL_SHARE = 0.2
POINTS = 96
GROUPS = ("control", "offered")
REACTIONS = ("none", "accepted", "declined", "not_reached")
ROWS = 500


@dataclass(frozen=True)
class State:
    """What nobody sees of n customers: class and share [n] of a state, tastes [n, T], hassle in EUR, hazards [n].

    `hazard` of leaving when not called, `woken` when called, reached and not accepting; `reached` the chance of that.
    """

    share: Any
    kind: Any
    tastes: Floats
    hassle: Floats
    hazard: Floats
    woken: Floats
    reached: Floats


@dataclass(frozen=True)
class Chances:
    """The truth given the facts: p_accept and p_leave when offered [n, C], p_leave when not called [n]."""

    accept: Floats
    leave: Floats
    leave_uncontacted: Floats


@dataclass(frozen=True)
class Contacts:
    """n contacts of an experiment: who, `offered` [n] the candidate or -1 (control), its chance, what came of it.

    `probability` is that of the group and the terms together; `reaction` is an index of REACTIONS.
    """

    people: People
    offered: NDArray[np.int64]
    probability: Floats
    reaction: NDArray[np.int64]
    left: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.offered)


class Market(ABC):
    """A market: `worths` [K, T, C] what terms are worth to each class a unit of taste, in EUR; `takes` [K, C]."""

    spread_eur = 30.0

    def __init__(self, shelf: Shelf, seed: int) -> None:
        self.shelf = shelf
        self.rng = np.random.default_rng([seed, sum(map(ord, type(self).__name__))])
        self.worths, self.takes = self.terms()

    @abstractmethod
    def terms(self) -> tuple[Floats, NDArray[np.bool_]]:
        """What terms are worth to each class, and which candidates it would take at all."""

    @abstractmethod
    def states(self, people: People) -> Iterator[State]:
        """Every state the customers may be in, with its share."""

    @abstractmethod
    def draw_states(self, people: People, rng: np.random.Generator) -> State:
        """The state each customer is in, drawn."""

    def people(self, n: int, rng: np.random.Generator) -> People:
        """n customers of the market."""
        return draw_people(n, rng)

    def draw_contacts(self, n: int, rng: np.random.Generator) -> Contacts:
        """n contacts at random: a fifth left alone, the others offered one of their allowed candidates."""
        people = self.people(n, rng)
        allowed = self.shelf.allowed(people)
        choices = allowed.sum(axis=1)
        control = (rng.random(n) < CONTROL_SHARE) | (choices == 0)
        offered = np.where(control, -1, _nth_allowed(allowed, (rng.random(n) * choices).astype(np.int64)))
        probability = np.where(control, CONTROL_SHARE, (1 - CONTROL_SHARE) / np.maximum(choices, 1))
        reaction, left = self.react(people, offered, rng)
        return Contacts(people, offered, probability, reaction, left)

    def react(self, people: People, offered: Any, rng: np.random.Generator) -> tuple[Any, Any]:
        """What customers offered a candidate or none (-1) do, drawn: (index of REACTIONS [n], who leaves [n])."""
        state, called = self.draw_states(people, rng), offered >= 0
        accepts, reached, leaves = rng.random((3, len(people)))
        reached = called & (reached < state.reached)
        p_accept = self._accepts(state, np.maximum(offered, 0))
        accepted = reached & (accepts < p_accept)
        hazard = np.where(reached, state.woken, state.hazard)
        left = ~accepted & (leaves < _gone(hazard))
        return np.where(accepted, 1, np.where(reached, 2, np.where(called, 3, 0))), left

    def _accepts(self, state: State, column: Any = None) -> Floats:
        """The chance that who is reached accepts: a candidate each [n], or every candidate [n, C]."""
        if column is None:
            gain, takes, hassle = state.tastes @ self.worths[state.kind], self.takes[state.kind], state.hassle[:, None]
        else:
            gain = np.einsum("nt,nt->n", state.tastes, self.worths[state.kind, :, column])
            takes, hassle = self.takes[state.kind, column], state.hassle
        x = (gain - hassle) / self.spread_eur
        return takes * 0.5 * (1 + x / np.sqrt(x * x + 2))

    def chances(self, people: People) -> Chances:
        """The truth given the facts, the mean over everything unseen."""
        parts = [self._chances(people.take(slice(start, start + ROWS))) for start in range(0, len(people), ROWS)]
        return Chances(
            *(np.concatenate(column) for column in zip(*(vars(part).values() for part in parts), strict=True))
        )

    def _chances(self, people: People) -> Chances:
        n, candidates = len(people), len(self.shelf)
        accept, leave, uncontacted = np.zeros((n, candidates)), np.zeros((n, candidates)), np.zeros(n)
        for state in self.states(people):
            alone, woken = _gone(state.hazard), _gone(state.woken)
            p = self._accepts(state) * state.reached[:, None]
            share = np.broadcast_to(state.share, (n,))[:, None]
            accept += share * p
            leave += share * (state.reached[:, None] - p) * woken[:, None]
            leave += share * ((1 - state.reached) * alone)[:, None]
            uncontacted += share[:, 0] * alone
        return Chances(accept, leave, uncontacted)

    def true_values(self, people: People) -> Floats:
        """EUR that each offer is expected to bring beside not calling, [n, C]; -inf where a hard limit refuses."""
        chances = self.chances(people)
        value = worth(people, self.shelf).expected(chances.accept, chances.leave, chances.leave_uncontacted)
        return np.where(self.shelf.allowed(people), value, -np.inf)

    def true_p_accept(self, people: People) -> Floats:
        """The chance that each offer is accepted, [n, C]."""
        return self.chances(people).accept

    def true_p_leave_contacted(self, people: People) -> Floats:
        """The chance of leaving within the window after each offer, [n, C]."""
        return self.chances(people).leave

    def true_p_leave_no_contact(self, people: People) -> Floats:
        """The chance of leaving within the window when not called, [n]."""
        return self.chances(people).leave_uncontacted

    def brand_worth(self, of_price: float) -> Floats:
        """What devices are worth in EUR by brand, [brands, C]: less than in proportion to the price in the shop."""
        by_brand = self.shelf.brand == np.arange(len(BRANDS))[:, None]
        return by_brand * 400 * (self.shelf.device_price / 400) ** of_price

    def extras_months(self) -> Floats:
        """Months of each extra as people feel them, [8, C]: the later ones count less."""
        return self.shelf.extras.T * self.shelf.extras_months**0.85


def _nth_allowed(allowed: NDArray[np.bool_], nth: NDArray[np.int64]) -> NDArray[np.int64]:
    """The column of each customer's nth allowed candidate, [n]."""
    starts = np.cumsum(allowed.sum(axis=1)) - allowed.sum(axis=1)
    flat = np.flatnonzero(allowed)
    found: NDArray[np.int64] = flat[np.minimum(starts + nth, len(flat) - 1)] % allowed.shape[1]
    return found


def _gone(hazard: Floats) -> Floats:
    return 1 - np.exp(-hazard)


def even_points(dimensions: int, points: int = POINTS) -> Floats:
    """Points [points, dimensions] spread evenly over independent standard normals, the same in every run."""
    root = 2.0
    for _ in range(50):
        root = (1 + root) ** (1 / (dimensions + 1))
    steps = (1 / root) ** np.arange(1, dimensions + 1)
    share = (0.5 + np.outer(np.arange(1, points + 1), steps)) % 1
    normal = np.vectorize(NormalDist().inv_cdf)(np.clip(share, 0.5 / points, 1 - 0.5 / points))
    centred = normal - normal.mean(axis=0)
    independent: Floats = np.linalg.solve(np.linalg.cholesky(np.cov(centred.T, bias=True)), centred.T).T
    return independent
