"""What was promised of logged offers against what came of them, for customers the promise has not learned from.

Chance drew the offers, so those who were left alone tell what would have come without: no model stands between.
"""

import datetime
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from engine.composed import Composed, with_twins
from engine.decide import read_mood, read_question, solver_of, weigh_candidates
from engine.rulebook import InForce, Rulebook
from engine.tables import MICRO, Cases, Scores
from engine.terms import NONE, Terms
from intake.contacts import ACCEPTED, CONTROL, OFFERED, Contacts
from models.churn import Churn
from models.features import take_rows
from models.scorer import score_or_degrade
from models.store import Release
from training.evaluation.acting import as_contacted, slices
from training.evaluation.cross_fit import folds_of
from training.evaluation.intervals import Numbers, by_customer, ratio_interval
from training.evaluation.rewards import Truth, Worth, done_in, realised_cents, worth_of
from training.interval import Interval
from training.response import learn_response

DECILES = 10


@dataclass(frozen=True)
class Promised:
    """What a release promises of n contacts [n], in cents: what was offered over not calling, and not calling itself.

    `accepts` and `leaves`: the chances of both after the offer; without one only `uncalled_cents` says anything.
    """

    more_cents: Numbers
    uncalled_cents: Numbers
    accepts: Numbers
    leaves: Numbers


@dataclass(frozen=True)
class Kept:
    """Promised and realised means of some offers, in cents each."""

    name: str
    offers: int
    promised: float
    realised: Interval

    @property
    def over(self) -> Interval | None:
        """Promised over realised with its interval; None where the realised is not clearly on one side of 0."""
        if self.realised.low <= 0 <= self.realised.high:
            return None
        low, high = sorted((self.promised / self.realised.low, self.promised / self.realised.high))
        return Interval(self.promised / self.realised.value, low, high)


def cross_fitted_promises(contacts: Contacts, rulebook: Rulebook, today: datetime.date) -> Promised:
    """What is promised of each contact by a response that was learned from the other customers, five times."""
    return promises_by_fold(contacts, folds_of(contacts.customers), rulebook, today)


def promises_by_fold(
    contacts: Contacts, fold: NDArray[np.int64], rulebook: Rulebook, today: datetime.date, churn: Churn | None = None
) -> Promised:
    """What is promised of each contact by a response that was learned from the other folds; `fold` [n] of each."""
    in_force, parts = rulebook.as_of(today), []
    for number in np.unique(fold):
        out = np.flatnonzero(fold == number)
        learned = learn_response(contacts.take(np.flatnonzero(fold != number)), in_force, churn)
        release = Release("cross-fitted", contacts.window_months, learned.churn, {}, learned.response)
        parts.append((out, promised_of(contacts.take(out), release, rulebook, today)))
    back = np.argsort(np.concatenate([rows for rows, _ in parts]), kind="stable")
    return _joined([part for _, part in parts], back)


def promised_of(contacts: Contacts, release: Release | None, rulebook: Rulebook, today: datetime.date) -> Promised:
    """What a release promises of what was done in n contacts."""
    cases, in_force, terms = as_contacted(contacts, today), rulebook.as_of(today), done_in(contacts).terms
    parts = []
    for rows in slices(len(contacts)):
        some = cases.take(rows)
        scores = score_or_degrade(release, some, take_rows(contacts.features, rows), today).scores
        these = Terms(*(column[rows] for column in vars(terms).values()))
        parts.append(_weighed(some, scores, these, in_force, today))
    return _joined(parts, np.arange(len(contacts)))


def _weighed(cases: Cases, scores: Scores, terms: Terms, in_force: InForce, today: datetime.date) -> Promised:
    question = read_question(cases, in_force, today)
    mood = read_mood(question, scores)
    every = np.ones((cases.rows, 1), dtype=bool)
    sheet = weigh_candidates(
        question, mood, *with_twins(Composed(terms, every, terms, ~every), solver_of(question, mood))
    )
    return Promised(
        more_cents=sheet.value_cents[:, 0].astype(np.float64),
        uncalled_cents=mood.others.nothing[:, 0].astype(np.float64),
        accepts=sheet.p_accept_micro[:, 0] / MICRO,
        leaves=sheet.p_leave_micro[:, 0] / MICRO,
    )


def _joined(parts: list[Promised], back: NDArray[np.int64]) -> Promised:
    names = [field.name for field in fields(Promised)]
    return Promised(*(np.concatenate([getattr(part, name) for part in parts])[back] for name in names))


def of_known_terms(contacts: Contacts) -> Truth:
    """Which contacts offered terms that the catalogue can price [n]: not a device that it no longer knows."""
    return (contacts.group == OFFERED) & ((contacts.terms.device[0] != NONE) | (contacts.devices == ""))


def kept_promises(contacts: Contacts, rulebook: Rulebook, today: datetime.date) -> list[Kept]:
    """Cross-fitted promises of what a history offered, by value and by reaction, under the economics of a rulebook."""
    worth = worth_of(done_in(contacts), as_contacted(contacts, today), contacts.window_months, rulebook.as_of(today))
    promised, rewards = cross_fitted_promises(contacts, rulebook, today), realised_cents(contacts, worth)
    return [*kept_by_value(contacts, promised, rewards), *kept_by_reaction(contacts, promised, rewards, worth)]


def kept_by_value(contacts: Contacts, promised: Promised, rewards: Numbers) -> list[Kept]:
    """The value over not calling: of all offers, of those promised to be worth making, and by decile of the promise.

    Realised is what offers came to above those left alone, each beside what was promised of not calling them.
    """
    offered = of_known_terms(contacts)
    ends = np.quantile(promised.more_cents[offered], np.arange(1, DECILES) / DECILES)
    decile = np.searchsorted(ends, promised.more_cents, side="right")
    groups = {"all offers": offered, "promised above nothing": offered & (promised.more_cents > 0)}
    groups |= {f"decile {number + 1}": offered & (decile == number) for number in range(DECILES)}
    return [
        Kept(name, int(rows.sum()), float(promised.more_cents[rows].mean()), _more(contacts, promised, rewards, rows))
        for name, rows in groups.items()
        if rows.any()
    ]


def _more(contacts: Contacts, promised: Promised, rewards: Numbers, rows: Truth) -> Interval:
    """What some offers came to above not calling: beside the promise of not calling, less the same of who was not."""
    beside, alone = rewards - promised.uncalled_cents, contacts.group == CONTROL
    weight = np.where(alone, 1 / contacts.probability, 0.0)
    of_offers, of_alone = rows / rows.mean(), weight / weight.mean()
    came, without = float((beside * of_offers).mean()), float((beside * of_alone).mean())
    scores = came - without + of_offers * (beside - came) - of_alone * (beside - without)
    return ratio_interval(*_customers(scores, np.ones_like(scores), contacts))


def kept_by_reaction(contacts: Contacts, promised: Promised, rewards: Numbers, worth: Worth) -> list[Kept]:
    """What offers came to by accepting, leaving and staying, contact included, and what not calling came to."""
    offered, alone = of_known_terms(contacts), contacts.group == CONTROL
    accepted = contacts.reaction == ACCEPTED
    left, stays = ~accepted & contacts.left, 1 - promised.accepts - promised.leaves
    parts = {
        "accepted": (offered, promised.accepts * worth.accepted, accepted * rewards),
        "left": (offered, promised.leaves * worth.left, left * rewards),
        "stayed without accepting": (offered, stays * worth.stayed, (~accepted & ~left) * rewards),
        "not called": (alone, promised.uncalled_cents, rewards),
    }
    return [
        Kept(name, int(rows.sum()), float(told[rows].mean()), _mean(contacts, came, rows))
        for name, (rows, told, came) in parts.items()
        if rows.any()
    ]


def _mean(contacts: Contacts, came: Numbers, rows: Truth) -> Interval:
    return ratio_interval(*_customers(np.where(rows, came, 0.0), rows.astype(np.float64), contacts))


def _customers(above: Numbers, below: Numbers, contacts: Contacts) -> tuple[Numbers, Numbers]:
    return by_customer(above, contacts.customers), by_customer(below, contacts.customers)
