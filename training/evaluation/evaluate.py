"""What policies would have earned on logged contacts, told by weighting, by a model, and by both."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.rulebook import InForce
from intake.contacts import Contacts
from training.evaluation.acting import Acting, as_contacted
from training.evaluation.cross_fit import folds_of
from training.evaluation.estimates import Estimate, Logged, difference, direct, doubly_robust, snips
from training.evaluation.reactions import action_inputs, cross_fitted_chances, customer_inputs, expected_of
from training.evaluation.rewards import done_in, realised_cents, worth_of

METHODS = ("snips", "doubly_robust", "model")
"""By weighting alone, by weighting and a model, by the model alone."""


@dataclass(frozen=True)
class Evaluated:
    """One policy: its figures by method in cents a customer, the share it would call, and what it was promised to add.

    `more`: its figures less those of each policy it is held against, by name.
    """

    figures: Mapping[str, Estimate]
    contacted_share: float
    promised_cents: float
    more: Mapping[str, Mapping[str, Estimate]]


def evaluate(
    contacts: Contacts, policies: Mapping[str, Acting], in_force: InForce, today: datetime.date
) -> dict[str, Evaluated]:
    """Every policy by name; the first is held against each of the others.

    The reward of a contact is the worth of what came of it, by the policy.toml of `in_force`. The model is cross-fitted
    by customer.
    """
    figures = _figures(contacts, policies, in_force, today)
    first, *others = policies
    more = {
        other: {name: difference(figures[first][name], figures[other][name], contacts.customers) for name in METHODS}
        for other in others
    }
    return {
        name: Evaluated(
            figures[name],
            float(np.mean(acting.done.contacted)),
            float(acting.promised_cents.mean()),
            more if name == first else {},
        )
        for name, acting in policies.items()
    }


def _figures(
    contacts: Contacts, policies: Mapping[str, Acting], in_force: InForce, today: datetime.date
) -> dict[str, dict[str, Estimate]]:
    cases, ways = as_contacted(contacts, today), [done_in(contacts), *(acting.done for acting in policies.values())]
    worth = [worth_of(way, cases, contacts.window_months, in_force) for way in ways]
    known = customer_inputs(cases, contacts.features, today)
    inputs = [np.hstack([known, action_inputs(way, in_force)]) for way in ways]
    fold = folds_of(contacts.customers)
    chances = cross_fitted_chances(contacts, inputs, [way.offered for way in ways], fold)
    logged = Logged(contacts.probability, realised_cents(contacts, worth[0]), contacts.customers)
    found = {}
    for place, (name, acting) in enumerate(policies.items(), start=1):
        expected = expected_of((chances[0], chances[place]), (worth[0], worth[place]))
        share = acting.same.astype(np.float64)
        told = (snips(logged, share), doubly_robust(logged, share, expected), direct(logged, share, expected))
        found[name] = dict(zip(METHODS, told, strict=True))
    return found
