"""How much a response promises too much of offers that look worth making, told by customers it was not learned from.

The best of many estimates is too good. Each half of the contacts foretells the other: of the drawn offers that look
worth making, each weighed by that worth, fewer are accepted than foretold. Willingness is lowered by so many log-odds.
"""

import dataclasses
import datetime

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from engine.rulebook import Rulebook
from intake.contacts import ACCEPTED, Contacts
from models.churn import Churn
from models.store import Release
from training.evaluation.promises import of_known_terms, promised_of
from training.response import Learned, learn_response

Numbers = NDArray[np.float64]
MOST_CAUTION = 3.0
FEWEST_OFFERS = 30
LEAST_CHANCE = 1e-6
SEED = 0


def learn_cautiously(
    contacts: Contacts, rulebook: Rulebook, today: datetime.date, churn: Churn | None = None
) -> Learned:
    """What contacts teach, with willingness lowered by what their halves promise one another too much."""
    learned = learn_response(contacts, rulebook.as_of(today), churn)
    return lowered(learned, learn_caution(contacts, rulebook, today, churn))


def lowered(learned: Learned, caution: float) -> Learned:
    """The same response, less willing by so many log-odds."""
    response = learned.response
    return dataclasses.replace(learned, response=dataclasses.replace(response, willing=response.willing - caution))


def learn_caution(contacts: Contacts, rulebook: Rulebook, today: datetime.date, churn: Churn | None) -> float:
    """The log-odds by which willingness is to be lowered, 0 or more; 0 where too few offers look worth making."""
    customers, of = np.unique(contacts.customers.astype(str), return_inverse=True)
    half = np.random.default_rng(SEED).permutation(len(customers))[of] % 2
    odds, accepted, value = [], [], []
    for number in range(2):
        learned = learn_response(contacts.take(np.flatnonzero(half == number)), rulebook.as_of(today), churn)
        unseen = contacts.take(np.flatnonzero((half != number) & of_known_terms(contacts)))
        release = Release("half", contacts.window_months, learned.churn, {}, learned.response)
        promised = promised_of(unseen, release, rulebook, today)
        accepts = np.clip(promised.accepts, LEAST_CHANCE, 1 - LEAST_CHANCE)
        odds.append(np.log(accepts / (1 - accepts)))
        accepted.append(unseen.reaction == ACCEPTED)
        value.append(promised.more_cents)
    return _too_much(np.concatenate(odds), np.concatenate(accepted), np.concatenate(value))


def _too_much(odds: Numbers, accepted: NDArray[np.bool_], value: Numbers) -> float:
    """The caution at which offers of some value are foretold to be accepted as often as they were, weighed by it."""
    good = value > 0
    odds, accepted, value = odds[good], accepted[good], value[good]

    def excess(caution: float) -> float:
        return float((value * (1 / (1 + np.exp(caution - odds)) - accepted)).sum())

    if len(odds) < FEWEST_OFFERS or excess(0.0) <= 0:
        return 0.0
    return MOST_CAUTION if excess(MOST_CAUTION) > 0 else float(brentq(excess, 0.0, MOST_CAUTION))
