"""The product in the contest: scores from what it learned of the contacts, then the kernel's own decisions."""

import re

import numpy as np

from benchmarks.contest.choice import NOTHING, Choice, Policy
from benchmarks.markets import Contacts, Shelf
from benchmarks.markets.files import as_history, features_of
from benchmarks.markets.people import People
from benchmarks.markets.shelf import TODAY, cases_of
from engine.decide import decide
from engine.rulebook import Rulebook, parse_rulebook
from models.scorer import score
from models.store import Release
from training.caution import learn_cautiously
from training.fit import fit
from training.rows import Rows

WINDOW_MONTHS = 6
SEED = 23
CHUNK = 500


def learn_on_priors(contacts: Contacts, shelf: Shelf) -> Policy:
    """The churn model learned from the control group, the tastes as the priors state them."""
    control = contacts.offered < 0
    columns = features_of(contacts.people.take(control))
    churn = fit(Rows(columns, contacts.left[control], window_months=WINDOW_MONTHS), SEED).churn
    return decided_by(Release("priors", WINDOW_MONTHS, churn, {}), shelf)


def learn_response_too(contacts: Contacts, shelf: Shelf) -> Policy:
    """Who leaves, called or not, who accepts what, and the tastes behind it: all learned from the contacts."""
    learned = learn_cautiously(as_history(contacts, shelf), shelf.rulebook, TODAY)
    return decided_by(Release("learned", WINDOW_MONTHS, learned.churn, {}, learned.response), shelf)


def decided_by(release: Release, shelf: Shelf) -> Policy:
    """The main offers of the kernel on the scores of a release, where chance has no say."""
    rulebook = without_chance(shelf.rulebook)

    def choose(people: People) -> Choice:
        parts = [_choose(people.take(slice(at, at + CHUNK)), release, rulebook) for at in range(0, len(people), CHUNK)]
        offered, promised = (np.concatenate(column) for column in zip(*parts, strict=True))
        return Choice(offered, promised)

    return choose


def _choose(people: People, release: Release, rulebook: Rulebook) -> tuple[np.ndarray, np.ndarray]:
    cases = cases_of(people)
    (page,) = decide(cases, score(release, cases, features_of(people), TODAY), rulebook, TODAY).pages
    main = page.table.offers[:, 0]
    value = page.sheet.value_cents[np.arange(len(main)), main] / 100
    return main, np.where(main == NOTHING, 0.0, value)


def without_chance(rulebook: Rulebook) -> Rulebook:
    """The same rulebook with nobody in the control group and no exploration, so that every main offer is the best."""
    texts = dict(rulebook.texts)
    for name in ("control_share", "explore_share"):
        texts["policy.toml"] = re.sub(
            rf"(\[{name}\].*?value = )[0-9.]+", r"\g<1>0.0", texts["policy.toml"], count=1, flags=re.DOTALL
        )
    return parse_rulebook(texts)
