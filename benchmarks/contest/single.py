"""The best single offer learned from the same data, or none: the mean value of terms by their levers, shrunk.

What a contact came to, less what customers of that margin come to when not called, is regressed on the levers of the
terms offered. The offer is chosen on a part of the contacts and its worth measured on the other, both ways: no offer is
made to all unless it earns where it was not chosen.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.contest.choice import NOTHING, Choice, Policy, nothing_for_all
from benchmarks.markets import Contacts, Shelf
from benchmarks.markets.economics import worth
from benchmarks.markets.market import REACTIONS
from benchmarks.markets.people import BRANDS, Floats, People

RIDGES = (10.0, 30.0, 100.0, 300.0, 1_000.0, 3_000.0)
PARTS = 4
SEED = 20


@dataclass(frozen=True)
class Outcomes:
    """n contacts as the learner sees them: `levers` [n, F] (0 in control), `gain` [n] in EUR, `called` [n]."""

    levers: Floats
    gain: Floats
    called: NDArray[np.bool_]

    def take(self, rows: NDArray[np.bool_]) -> "Outcomes":
        """Some of the contacts."""
        return Outcomes(self.levers[rows], self.gain[rows], self.called[rows])

    def split(self, parts: NDArray[np.int64]) -> list["Outcomes"]:
        """The contacts of each part [n], in the order of the parts."""
        return [self.take(parts == part) for part in range(PARTS)]


def lever_columns(shelf: Shelf) -> Floats:
    """The levers of every candidate, [C, F], each on a scale of about one; the last is 1."""
    template = shelf.in_force.catalogue.listed.priced.terms.template[0]
    kinds = template[:, None] == np.unique(template)
    brands = shelf.brand[:, None] == np.arange(len(BRANDS))
    bound = shelf.commitment[:, None] == [12, 24]
    subsidy = (shelf.device_net - shelf.top_up / 1.2) / 100
    paid = shelf.top_up / np.maximum(shelf.device_price, 1.0)
    money = [subsidy, paid, shelf.top_up / 300, shelf.discount / 5, shelf.discount * shelf.discount_months / 80]
    others = [shelf.credit / 40, shelf.taken_back / 100, np.ones(len(shelf))]
    return np.column_stack([kinds, brands, bound, shelf.extras, *money, *others])


def outcomes(contacts: Contacts, shelf: Shelf) -> Outcomes:
    """What the contacts of an experiment came to, beside what customers of their margin come to when not called."""
    economics, called = worth(contacts.people, shelf), contacts.offered >= 0
    came_to = economics.realised(contacts.offered, contacts.reaction == REACTIONS.index("accepted"), contacts.left)
    left = contacts.left[~called].mean()
    usual = economics.margin * (left * economics.months_left + (1 - left) * economics.months_uncontacted)
    levers = lever_columns(shelf)[contacts.offered] * called[:, None]
    return Outcomes(levers, came_to - usual, called)


def effects(seen: Outcomes, levers: Floats) -> Floats:
    """The mean gain in EUR of every candidate [C] of levers [C, F], by the ridge that does best on what is unseen."""
    parts = np.random.default_rng(SEED).integers(0, PARTS, len(seen.gain))
    grams, crosses = (np.stack(moment) for moment in zip(*map(_moments, seen.split(parts)), strict=True))
    gram, cross = grams.sum(axis=0), crosses.sum(axis=0)
    missed = []
    for ridge in RIDGES:
        weights = np.stack([_solve(gram - own, cross - ours, ridge) for own, ours in zip(grams, crosses, strict=True)])
        missed.append(np.einsum("pf,pfg,pg", weights, grams, weights) - 2 * np.einsum("pf,pf", weights, crosses))
    found: Floats = levers @ _solve(gram, cross, RIDGES[int(np.argmin(missed))])[:-1]
    return found


def _moments(seen: Outcomes) -> tuple[Floats, Floats]:
    columns = np.column_stack([seen.levers, np.ones(len(seen.gain))])
    return columns.T @ columns, columns.T @ seen.gain


def _solve(gram: Floats, cross: Floats, ridge: float) -> Floats:
    free = np.full(len(gram), ridge)
    free[-2:] = 1e-6
    return np.asarray(np.linalg.solve(gram + np.diag(free), cross), dtype=np.float64)


def best_offer(seen: Outcomes, levers: Floats, usable: NDArray[np.bool_]) -> tuple[int, float]:
    """(the single offer of the highest mean gain, its gain in EUR where it was not chosen, less a standard error)."""
    half = np.random.default_rng(SEED + 1).random(len(seen.gain)) < 0.5
    honest = [_came_true(effects(seen.take(one), levers), seen.take(~one), levers, usable) for one in (half, ~half)]
    return int(np.where(usable, effects(seen, levers), -np.inf).argmax()), float(np.mean(honest))


def _came_true(told: Floats, others: Outcomes, levers: Floats, usable: NDArray[np.bool_]) -> float:
    """The gain of the offer told to gain most, by how the gains told [C] came true elsewhere, less its error."""
    centre = told[usable].mean()
    weights = np.linalg.lstsq(levers, told - centre, rcond=None)[0]
    columns = np.column_stack([np.ones(len(others.gain)), others.called, others.levers @ weights])
    of_the_best = np.array([0.0, 1.0, told[usable].max() - centre])
    found, *_ = np.linalg.lstsq(columns, others.gain, rcond=None)
    noise = np.var(others.gain - columns @ found)
    error = np.sqrt(noise * of_the_best @ np.linalg.pinv(columns.T @ columns) @ of_the_best)
    return float(of_the_best @ np.maximum(found, [-np.inf, -np.inf, 0.0]) - error)


def learn(contacts: Contacts, shelf: Shelf) -> Policy:
    """The best single offer to everyone who may have it, or nothing where none earns."""
    column, gain = best_offer(outcomes(contacts, shelf), lever_columns(shelf), usable(contacts, shelf))
    return offer_to(shelf, column, lambda people: np.ones(len(people), dtype=bool)) if gain > 0 else nothing_for_all


def usable(contacts: Contacts, shelf: Shelf) -> NDArray[np.bool_]:
    """The candidates that were offered to anybody, [C]."""
    return np.bincount(contacts.offered[contacts.offered >= 0], minlength=len(shelf)) > 0


def offer_to(shelf: Shelf, column: int, whom: Callable[[People], NDArray[np.bool_]]) -> Policy:
    """One offer to those meant who may have it."""

    def choose(people: People) -> Choice:
        may = shelf.allowed(people)[:, column] & whom(people)
        return Choice(np.where(may, column, NOTHING))

    return choose
