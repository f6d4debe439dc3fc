"""Risk targeting: the best single offer to the customers most likely to leave; the share of them is learned too."""

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from benchmarks.contest.choice import Policy, nothing_for_all
from benchmarks.contest.columns import Table
from benchmarks.contest.single import best_offer, lever_columns, offer_to, outcomes, usable
from benchmarks.markets import Contacts, Shelf
from benchmarks.markets.people import Floats, People

SHARES = (0.1, 0.2, 0.3, 0.5, 0.75, 1.0)
FOLDS = 3
SEED = 21


def learn(contacts: Contacts, shelf: Shelf) -> Policy:
    """The offer and the share of the riskiest that earn most together, each measured where it was not chosen."""
    table = Table(contacts.people)
    facts = table.columns(contacts.people)
    control = contacts.offered < 0
    risk = _risk_of_unseen(facts, contacts, control, table)
    seen, levers, may = outcomes(contacts, shelf), lever_columns(shelf), usable(contacts, shelf)
    found = []
    for share in SHARES:
        column, gain = best_offer(seen.take(risk >= np.quantile(risk, 1 - share)), levers, may)
        found.append((share * gain, share, column))
    most, share, column = max(found)
    if most <= 0:
        return nothing_for_all
    model = _fit(facts[control], contacts.left[control], table)
    limit = np.quantile(_chance(model, facts), 1 - share)

    def riskiest(people: People) -> np.ndarray:
        return _chance(model, table.columns(people)) >= limit

    return offer_to(shelf, column, riskiest)


def _risk_of_unseen(facts: Floats, contacts: Contacts, control: np.ndarray, table: Table) -> Floats:
    """The chance of leaving of each contact by a model that has not seen it, [n]."""
    fold = np.random.default_rng(SEED).integers(0, FOLDS, len(contacts))
    risk = np.zeros(len(contacts))
    for number in range(FOLDS):
        others = control & (fold != number)
        risk[fold == number] = _chance(_fit(facts[others], contacts.left[others], table), facts[fold == number])
    return risk


def _fit(facts: Floats, left: np.ndarray, table: Table) -> HistGradientBoostingClassifier:
    model = HistGradientBoostingClassifier(
        max_iter=80, learning_rate=0.06, max_leaf_nodes=8, min_samples_leaf=40, categorical_features=table.categorical,
        random_state=SEED,
    )  # fmt: skip
    return model.fit(facts, left)


def _chance(model: HistGradientBoostingClassifier, facts: Floats) -> Floats:
    chance: Floats = model.predict_proba(facts)[:, 1]
    return chance
