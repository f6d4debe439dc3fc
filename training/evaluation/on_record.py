"""What another rulebook or release would have earned on the decisions of the store, where chance had a say in them.

The first decision on each contract counts, once it is known how its window ended; what came of it is net of all cost,
by the economics of the rulebook that decided, as in the value report.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson
from sklearn.ensemble import HistGradientBoostingRegressor
from sqlalchemy import Connection

from engine.rulebook import Rulebook
from engine.tables import MICRO, Cases, Scores
from engine.terms import NONE
from ledger.followed import first_decisions
from ledger.promised import Period
from ledger.retaken import Rescore, Retaken, take_scored
from ledger.snapshots import read_features
from models.scorer import score_or_degrade
from models.store import Release
from training.evaluation.cross_fit import cross_fitted, folds_of
from training.evaluation.estimates import Estimate, Expected, Logged, difference, direct, doubly_robust, snips
from training.evaluation.evaluate import METHODS, Evaluated
from training.evaluation.intervals import Numbers
from training.value.cohort import Cohort, gather
from training.value.contract import Followed
from training.value.undrawn import RulebookOf, without_draw

JUDGED, DONE = "the rulebook", "what was done"
NUMBERS = ("price_cents", "cost_to_serve_cents", "device_age_months", "sms_per_month", "data_mb_per_month",
           "voice_minutes_per_month", "refusals_on_file")  # fmt: skip
TERMS = ("top_up_cents", "commitment_months", "discount_cents", "discount_months", "credit_cents",
         "trade_in_credit_cents", "worth_to_customer_cents_a_month")  # fmt: skip


@dataclass
class OnRecord:
    """Decisions on record, row by row: what came of them, their main offer and a policy's, and who they are of."""

    followed: list[Followed] = field(default_factory=list)
    probability: list[float] = field(default_factory=list)
    done: list[dict[str, Any] | None] = field(default_factory=list)
    chosen: list[dict[str, Any] | None] = field(default_factory=list)
    promised: list[float] = field(default_factory=list)
    customers: list[Numbers] = field(default_factory=list)


def read_decisions(
    connection: Connection, period: Period, rulebook_of: RulebookOf, judged: tuple[Rulebook, Release | None]
) -> OnRecord:
    """The decisions of a period whose end is known, each decided again by a rulebook, without control or exploring.

    The scores are those of the release; without one those on record. Terms that an agent composed are left out.
    """
    rulebook, release = judged
    found, cohort = OnRecord(), Cohort(period)
    for page in first_decisions(connection, period.first.isoformat(), period.last.isoformat()):
        before = len(cohort.followed)
        gather(connection, page, cohort, rulebook_of)
        known = {one.decision_id: one for one in cohort.followed[before:] if one.known}
        rows = [row for row in page if row.decision_id in known and orjson.loads(row.record)["given"] is None]
        for again in take_scored(rows, without_draw(rulebook), _scores_of(release)):
            _add(found, known[again.row.decision_id], again)
    return found


def _scores_of(release: Release | None) -> Rescore:
    def rescore(cases: Cases, recorded: Scores, features: Sequence[Any], day: Any) -> Scores:
        return recorded if release is None else score_or_degrade(release, cases, read_features(features), day).scores

    return rescore


def _add(found: OnRecord, followed: Followed, again: Retaken) -> None:
    page, place = again.decisions.at(again.index)
    column = int(page.table.offers[place, 0])
    found.followed.append(followed)
    found.probability.append(again.row.probability_micro / MICRO)
    found.done.append(_main(orjson.loads(again.row.answer)))
    found.chosen.append(_main(again.outcome.written))
    found.promised.append(0.0 if column == NONE else float(page.sheet.value_cents[place, column]))
    found.customers.append(_customer(again))


def _main(answer: Any) -> dict[str, Any] | None:
    offers = answer["offers"]
    return dict(offers[0]) if offers and offers[0]["place"] == "main" else None


def _customer(again: Retaken) -> Numbers:
    """What is on file of one customer, as numbers, and the chance of leaving that was on record."""
    case = again.question.snapshot
    facts = [case.get(name) for name in NUMBERS]
    return np.array([*facts, again.question.scores["p_churn_micro"]], dtype=np.float64)


def evaluate_decisions(found: OnRecord) -> dict[str, Evaluated]:
    """The rulebook, held against what was done; the model is boosted trees, cross-fitted by account."""
    accounts = np.array([one.account for one in found.followed])
    rewards = np.array([one.net_cents for one in found.followed], dtype=np.float64)
    same = np.array([_id(one) == _id(other) for one, other in zip(found.done, found.chosen, strict=True)], dtype=float)
    logged = Logged(np.array(found.probability), rewards, accounts)
    certain = Logged(np.ones(len(rewards)), rewards, accounts)
    expected = cross_fitted(
        _trees, _inputs(found, found.done), _inputs(found, found.chosen), logged, folds_of(accounts)
    )
    judged = _figures(logged, same, expected)
    done = _figures(certain, np.ones(len(rewards)), Expected(rewards, rewards))
    more = {name: difference(judged[name], done[name], accounts) for name in METHODS}
    promised = float(np.mean(found.promised))
    return {
        JUDGED: Evaluated(judged, _share(found.chosen), promised, {DONE: more}),
        DONE: Evaluated(done, _share(found.done), 0.0, {}),
    }


def _figures(logged: Logged, share: Numbers, expected: Expected) -> dict[str, Estimate]:
    told = (snips(logged, share), doubly_robust(logged, share, expected), direct(logged, share, expected))
    return dict(zip(METHODS, told, strict=True))


def _id(offer: dict[str, Any] | None) -> str:
    return "" if offer is None else str(offer["offer_id"])


def _share(offers: Sequence[dict[str, Any] | None]) -> float:
    return float(np.mean([offer is not None for offer in offers]))


def _inputs(found: OnRecord, offers: Sequence[dict[str, Any] | None]) -> Numbers:
    return np.hstack([np.array(found.customers), np.array([list(_terms(offer)) for offer in offers])])


def _terms(offer: dict[str, Any] | None) -> Iterator[float]:
    yield float(offer is not None)
    yield float(len(offer["extras"]) if offer else 0)
    yield float(offer is not None and offer["device"] is not None)
    for name in TERMS:
        yield float((offer.get(name) or 0) if offer else 0)


def _trees() -> HistGradientBoostingRegressor:
    return HistGradientBoostingRegressor(max_iter=120, max_leaf_nodes=8, learning_rate=0.06, min_samples_leaf=40)
