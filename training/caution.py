"""How much a response promises too much of offers that look worth making, told by customers it was not learned from.

The best of many estimates is too good. Each half of the contacts foretells the other: of the drawn offers that look
worth making, each weighed by that worth, fewer are accepted than foretold, and more of the others leave. By so many
log-odds willingness is lowered for all, and waking raised. Where few tell, waking is raised by less, and willingness
lowered by the variance of what they tell: by so much the best of many estimates that are as uncertain is too good.
"""

import dataclasses
import datetime
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from engine.rulebook import Rulebook
from intake.contacts import ACCEPTED, Contacts
from models.churn import Churn
from models.response import UNIT
from training.evaluation.promises import of_known_terms, promises_by_fold
from training.response import Learned, learn_response

Numbers = NDArray[np.float64]
Truth = NDArray[np.bool_]
MOST_CAUTION = 3.0
TYPICAL_CAUTION = 0.3
MOST_DOUBT = 0.5
LEAST_CHANCE = 1e-6
WOKEN = 1
SEED = 0


@dataclasses.dataclass(frozen=True)
class Caution:
    """Log-odds, 0 or more: by how much willingness is to be lowered, and what a contact wakes to be raised."""

    accepting: float
    leaving: float


@dataclasses.dataclass(frozen=True)
class Foretold:
    """Offers [n] that look worth so many cents, the chances foretold of accepting and, not accepting, of leaving."""

    worth_cents: Numbers
    accepts: Numbers
    leaves: Numbers
    accepted: Truth
    left: Truth

    def of(self, among: Truth) -> "Foretold":
        """Some of the offers."""
        return Foretold(*(column[among] for column in vars(self).values()))


def learn_cautiously(
    contacts: Contacts, rulebook: Rulebook, today: datetime.date, churn: Churn | None = None
) -> Learned:
    """What contacts teach, lowered by what their halves promise one another too much."""
    learned = learn_response(contacts, rulebook.as_of(today), churn)
    return lowered(learned, learn_caution(contacts, rulebook, today, churn))


def lowered(learned: Learned, caution: Caution) -> Learned:
    """The same response with caution: less willing, and sooner woken."""
    response = learned.response
    intercept = response.intercept.copy()
    intercept[WOKEN] += round(caution.leaving / UNIT)
    cautious = dataclasses.replace(response, willing=response.willing - caution.accepting, intercept=intercept)
    return dataclasses.replace(learned, response=cautious)


def learn_caution(contacts: Contacts, rulebook: Rulebook, today: datetime.date, churn: Churn | None) -> Caution:
    """The caution that a history of contacts asks for."""
    customers, of = np.unique(contacts.customers.astype(str), return_inverse=True)
    half = np.random.default_rng(SEED).permutation(len(customers))[of] % 2
    promised, told = promises_by_fold(contacts, half, rulebook, today, churn), of_known_terms(contacts)
    accepted = contacts.reaction == ACCEPTED
    leaves = promised.leaves / np.maximum(1 - promised.accepts, LEAST_CHANCE)
    foretold = Foretold(promised.more_cents, promised.accepts, leaves, accepted, contacts.left & ~accepted)
    return caution_of(foretold.of(told))


def caution_of(told: Foretold) -> Caution:
    """What offers that look worth making were foretold too much, each weighed by that worth."""
    good = told.of(told.worth_cents > 0)
    refused = good.of(~good.accepted)
    accepting = _too_much(good.accepts, good.accepted, good.worth_cents)
    leaving = _too_much(1 - refused.leaves, ~refused.left, refused.worth_cents)
    return Caution(
        accepting=accepting.drawn_to(min(accepting.error**2, MOST_DOUBT)),
        leaving=leaving.drawn_to(0.0),
    )


@dataclasses.dataclass(frozen=True)
class _TooMuch:
    """By how many log-odds chances are to be lowered for as many to come as came, and the standard error of that."""

    excess: float
    error: float

    def drawn_to(self, otherwise: float) -> float:
        """The excess where many tell, and `otherwise` where few do."""
        believed = TYPICAL_CAUTION**2 / (TYPICAL_CAUTION**2 + self.error**2)
        return self.excess * believed + otherwise * (1 - believed)


def _too_much(chance: Numbers, came: Truth, weight: Numbers) -> _TooMuch:
    if not len(chance):
        return _TooMuch(0.0, math.inf)
    bounded = np.clip(chance, LEAST_CHANCE, 1 - LEAST_CHANCE)
    odds = np.log(bounded / (1 - bounded))

    def excess(caution: float) -> float:
        return float((weight * (1 / (1 + np.exp(caution - odds)) - came)).sum())

    spread = bounded * (1 - bounded)
    return _TooMuch(_root(excess), float(np.sqrt((weight**2 * spread).sum()) / (weight * spread).sum()))


def _root(excess: Callable[[float], float]) -> float:
    """Where an excess that falls reaches nothing, between none and the most caution."""
    if excess(0.0) <= 0:
        return 0.0
    return MOST_CAUTION if excess(MOST_CAUTION) > 0 else float(brentq(excess, 0.0, MOST_CAUTION))
