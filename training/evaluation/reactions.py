"""A model of what comes of a contact, fitted without the customers it is asked about: accepted, left or stayed.

Boosted trees on what is on file and on the terms; the economics make cents of its chances. It shares nothing with the
model that makes the offers, so that no offer is judged by what chose it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from engine.dates import day, months_left, whole_months_since
from engine.rulebook import InForce
from engine.tables import Cases
from engine.terms import price
from intake.contacts import ACCEPTED, Contacts
from training.evaluation.estimates import Expected
from training.evaluation.intervals import Numbers
from training.evaluation.rewards import Done, Worth

FACTS = ("price_cents", "cost_to_serve_cents", "device_age_months", "data_mb_per_month", "refusals_on_file")
MOST_LEVELS = 200


@dataclass(frozen=True)
class Chances:
    """The chances [n] that a customer accepts, that one who accepts leaves all the same, and that another leaves."""

    accepts: Numbers
    leaves_after_all: Numbers
    leaves: Numbers

    def expected_cents(self, worth: Worth) -> Numbers:
        """What comes of it on average, [n], in cents."""
        took = worth.accepted + self.leaves_after_all * (worth.accepted_and_left - worth.accepted)
        others = worth.stayed + self.leaves * (worth.left - worth.stayed)
        return self.accepts * took + (1 - self.accepts) * others


def cross_fitted_chances(contacts: Contacts, inputs: list[Numbers], offered: list[Any], fold: Any) -> list[Chances]:
    """The chances under several ways of acting, each of its `inputs` (n, d) and of who is `offered` something [n].

    The first way is what was done. Every chance comes from a model that has seen nothing of the customer.
    """
    columns = [np.zeros((3, len(fold))) for _ in inputs]
    for number in np.unique(fold):
        out = fold == number
        model = _fit(contacts, inputs[0], offered[0], ~out)
        for found, way, gets in zip(columns, inputs, offered, strict=True):
            found[:, out] = model.chances(way[out], gets[out])
    return [Chances(*found) for found in columns]


@dataclass(frozen=True)
class _Model:
    accepts: HistGradientBoostingClassifier | float
    leaves: HistGradientBoostingClassifier | float
    leaves_after_all: float

    def chances(self, inputs: Numbers, offered: NDArray[np.bool_]) -> Numbers:
        accepts = np.where(offered, _chance(self.accepts, inputs), 0.0)
        return np.stack([accepts, np.full(len(inputs), self.leaves_after_all), _chance(self.leaves, inputs)])


def _fit(contacts: Contacts, inputs: Numbers, offered: Any, rows: Any) -> _Model:
    accepted = contacts.reaction == ACCEPTED
    after_all = contacts.left[rows & accepted]
    return _Model(
        accepts=_classifier(inputs[rows & offered], accepted[rows & offered]),
        leaves=_classifier(inputs[rows & ~accepted], contacts.left[rows & ~accepted]),
        leaves_after_all=float(after_all.mean()) if len(after_all) else 0.0,
    )


def _classifier(inputs: Numbers, happened: NDArray[np.bool_]) -> HistGradientBoostingClassifier | float:
    if not 0 < happened.sum() < len(happened):
        return float(happened[:1].sum())
    trees = HistGradientBoostingClassifier(
        max_iter=120, max_leaf_nodes=8, learning_rate=0.06, min_samples_leaf=40, early_stopping=False
    )
    return trees.fit(inputs, happened)


def _chance(model: HistGradientBoostingClassifier | float, inputs: Numbers) -> Numbers:
    return np.full(len(inputs), model) if isinstance(model, float) else model.predict_proba(inputs)[:, 1]


def customer_inputs(cases: Cases, features: Mapping[str, NDArray[Any]], as_of: Any) -> Numbers:
    """What is on file of n customers, as numbers (n, f): words by their place among all words."""
    facts = [cases[name].astype(np.float64) for name in FACTS]
    facts.append(whole_months_since(cases["customer_since"], day(as_of)).astype(np.float64))
    facts.append(months_left(cases["commitment_end"], day(as_of)).astype(np.float64))
    return np.column_stack([*facts, *(_as_numbers(column) for column in features.values())])


def _as_numbers(column: NDArray[Any]) -> Numbers:
    if column.dtype.kind != "O":
        return column.astype(np.float64)
    return np.minimum(np.unique(column.astype(str), return_inverse=True)[1], MOST_LEVELS).astype(np.float64)


def action_inputs(done: Done, in_force: InForce) -> Numbers:
    """What is done with n customers, as numbers (n, a): contacted, offered, the terms and what they give."""
    priced, _ = price(done.terms, in_force.catalogue.goods, in_force.policy, in_force.law.vat_micro)
    kept = ("commitment_months", "top_up_cents", "discount_cents", "discount_months", "credit_cents")
    terms = [getattr(done.terms, name)[:, 0] for name in kept]
    bits = range(len(in_force.catalogue.goods.extra_ids))
    extras = [done.terms.extras[:, 0] >> bit & 1 for bit in bits]
    gains = list(priced.gains_cents[:, :, 0])
    columns = np.column_stack([done.contacted, done.device_price_cents, *terms, *extras, *gains]).astype(np.float64)
    return np.where(done.offered[:, None] | (np.arange(columns.shape[1]) == 0), columns, 0.0)


def expected_of(chances: tuple[Chances, Chances], worth: tuple[Worth, Worth]) -> Expected:
    """What is expected of what was done and of a policy, from the chances and the worth of each."""
    of_logged, of_policy = (chance.expected_cents(each) for chance, each in zip(chances, worth, strict=True))
    return Expected(of_logged, of_policy)
