"""A boosted-tree S-learner: accepting and leaving by facts and terms together, plugged into the economics."""

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from benchmarks.contest.choice import Choice, Policy, best_above_nothing
from benchmarks.contest.columns import Table
from benchmarks.markets import Contacts, Shelf
from benchmarks.markets.economics import worth
from benchmarks.markets.market import REACTIONS
from benchmarks.markets.people import Floats, People

SEED = 22


def learn(contacts: Contacts, shelf: Shelf) -> Policy:
    """The candidate of the highest value by trees, or nothing."""
    table, terms = Table(contacts.people), _terms(shelf)
    called, accepted = contacts.offered >= 0, contacts.reaction == REACTIONS.index("accepted")
    facts = table.columns(contacts.people)
    offered = np.where(called[:, None], terms[contacts.offered], np.nan)
    rows = np.column_stack([facts, offered])
    categorical = [*table.categorical, *[False] * terms.shape[1]]
    accepts = _fit(rows[called], accepted[called], categorical)
    leaves = _fit(rows[~accepted], contacts.left[~accepted], categorical)

    def choose(people: People) -> Choice:
        known, allowed = table.columns(people), shelf.allowed(people)
        who, what = np.nonzero(allowed)
        asked = np.column_stack([known[who], terms[what]])
        accept, leave = np.zeros(allowed.shape), np.zeros(allowed.shape)
        accept[allowed] = accepts.predict_proba(asked)[:, 1]
        leave[allowed] = (1 - accept[allowed]) * leaves.predict_proba(asked)[:, 1]
        alone = leaves.predict_proba(np.column_stack([known, np.full((len(known), terms.shape[1]), np.nan)]))[:, 1]
        value = worth(people, shelf).expected(accept, leave, alone)
        return best_above_nothing(np.where(allowed, value, -np.inf))

    return choose


def _terms(shelf: Shelf) -> Floats:
    """The terms of every candidate as trees read them, [C, terms]."""
    kind = shelf.in_force.catalogue.listed.priced.terms.template[0]
    subsidy = shelf.device_net - shelf.top_up / 1.2
    money = [shelf.top_up, shelf.device_price, subsidy, shelf.discount, shelf.discount_months, shelf.credit]
    return np.column_stack([kind, shelf.brand, shelf.commitment, *money, shelf.taken_back, shelf.extras])


def _fit(rows: Floats, happened: np.ndarray, categorical: list[bool]) -> HistGradientBoostingClassifier:
    model = HistGradientBoostingClassifier(
        max_iter=300, learning_rate=0.08, max_leaf_nodes=15, min_samples_leaf=30, l2_regularization=1.0,
        early_stopping=True, n_iter_no_change=15, categorical_features=categorical, random_state=SEED,
    )  # fmt: skip
    return model.fit(rows, happened)
