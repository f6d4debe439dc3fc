"""What leaving costs at most, month by month: an offer under the law of its day, a contract under that of its own."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from engine.dates import add_months, day
from engine.exits import ALL_DUES, CONTRACT_TERMS, Exits
from engine.fields import UNKNOWN_COUNT
from engine.money import share_of
from engine.question import Question
from engine.tables import MICRO

PERFORMANCE, DEBT, CHANGED, PROLONGED = "FR-PERF", "FR-DEBT", "FR-UNI", "BE-AUTO"


@dataclass(frozen=True)
class Commitment:
    """What was agreed, in cents including VAT: `dues_cents` [months] is due for each month.

    `value_cents`: what the contract says a subsidised handset is worth; -1 where it says nothing.
    """

    dues_cents: tuple[int, ...]
    subsidised: bool
    value_cents: int


@dataclass(frozen=True)
class Cost:
    """The most that leaving may cost, in cents including VAT, and the rules that say so."""

    at_most_cents: int
    rules: tuple[str, ...]


@lru_cache(maxsize=4096)
def costs_by_month(exits: Exits, agreed: Commitment) -> tuple[Cost, ...]:
    """The most that leaving after 0, 1, ... all months of a commitment may cost."""
    return tuple(_cost(exits, agreed, done) for done in range(len(agreed.dues_cents) + 1))


def _cost(exits: Exits, agreed: Commitment, done: int) -> Cost:
    months, dues = len(agreed.dues_cents), agreed.dues_cents
    at = (int(agreed.subsidised), months, done)
    share = int(exits.shares_micro[at])
    due = sum(dues[done:] if share == ALL_DUES else dues[done : exits.until[months]])
    fee = due if share == ALL_DUES else share_of(due, share)
    handset = _residual_cents(agreed, done) if exits.device_rule and agreed.subsidised else 0
    rules = [str(exits.rules[at])] + ([exits.device_rule] if handset and exits.device_rule else [])
    return Cost(fee + handset, tuple(rule for rule in rules if rule))


def _residual_cents(agreed: Commitment, done: int) -> int:
    """What a kept handset is still worth, in equal monthly steps, and no more than the rest of the subscription."""
    months = len(agreed.dues_cents)
    return min(max(agreed.value_cents, 0) * (months - done) // months, sum(agreed.dues_cents[done:]))


def leaving_an_offer(question: Question, row: int, value: Mapping[str, int], subsidised: bool) -> dict[str, Any]:
    """What leaving one offer may cost, JSON-ready: the rules by the month from whose end they hold, and every month."""
    law, term = question.in_force.law, value["commitment_months"]
    if not term:
        return {"leaving": [], "leaving_cents": []}
    if question.leaves_free[row]:
        nothing = {"after_months": 0, "basis": "share of dues", "share": 0.0, "rule": DEBT}
        return {"leaving": [nothing], "leaving_cents": [0] * (term + 1)}
    price, discounted = value["price_cents"], min(value["discount_months"], term)
    dues = (price - value["discount_cents"],) * discounted + (price,) * (term - discounted)
    goods = question.in_force.catalogue.goods
    costs = costs_by_month(law.exits, Commitment(dues, subsidised, int(goods.agreed_value_cents[value["device"]])))
    return {
        "leaving": steps(law.exits, subsidised, term),
        "leaving_cents": [cost.at_most_cents for cost in costs],
    }


@lru_cache(maxsize=256)
def steps(exits: Exits, subsidised: bool, term: int) -> list[dict[str, Any]]:
    """Which rule caps the fee, by the month from whose end it holds, until the last but one."""
    told: list[dict[str, Any]] = []
    for done in range(term):
        at = (int(subsidised), term, done)
        rule, share = str(exits.rules[at]), int(exits.shares_micro[at])
        if told and told[-1]["rule"] == rule:
            continue
        terms = share == ALL_DUES
        basis = {"basis": "contract terms"} if terms else {"basis": "share of dues", "share": share / MICRO}
        told.append({"after_months": done, **basis, "rule": rule})
    if subsidised and exits.device_rule:
        told.append({"after_months": 0, "basis": "residual value", "rule": exits.device_rule})
    return told


def leaving_now(question: Question, row: int) -> dict[str, Any] | None:
    """What leaving the current contract may cost today, JSON-ready; None where the file does not say when it began."""
    facts, today = question.facts, day(question.today)
    concluded, months = facts["contract_concluded_on"][row], int(facts["contract_months"][row])
    if np.isnat(concluded) or months == UNKNOWN_COUNT:
        return None
    done = min(max(_whole_months(concluded, today), 0), months)
    agreed = Commitment(
        (int(facts["price_cents"][row]),) * months,
        bool(facts["device_subsidised"][row]),
        int(facts["device_value_cents"][row]),
    )
    signed_on = concluded.astype(datetime.date)
    exits, freed_by = question.in_force.law.exits_on(signed_on), _freed_by(question, row, signed_on)
    costs = [_eased(freed_by, agreed, month, cost) for month, cost in enumerate(costs_by_month(exits, agreed))]
    cost = costs[done]
    free = next(month for month, one in enumerate(costs) if month >= done and not one.at_most_cents)
    return {
        "months_done": done,
        "at_most_cents": cost.at_most_cents,
        "rules": list(cost.rules),
        "contract_terms": CONTRACT_TERMS in cost.rules,
        "free_from": str(max(add_months(concluded, free), today)),
        "cents_by_month": [one.at_most_cents for one in costs],
    }


def _whole_months(since: np.datetime64, today: np.datetime64) -> int:
    months = (today.astype("datetime64[M]") - since.astype("datetime64[M]")).astype(int)
    return int(months) - int(add_months(since, int(months)) > today)


def _freed_by(question: Question, row: int, concluded: datetime.date) -> str:
    """The rule that frees a customer: a debt, an automatic renewal, a change of terms or a lasting gap; "" for none."""
    facts, law = question.facts, question.in_force.law
    if facts["over_indebted"][row] and law.held(DEBT, concluded):
        return DEBT
    if facts["renewed_automatically"][row] and law.held(PROLONGED, concluded):
        return PROLONGED
    if (months := law.months(CHANGED)) and _lately(facts["terms_changed_on"][row], months, question.today):
        return CHANGED
    return PERFORMANCE if facts["performance_gap"][row] and PERFORMANCE in law.lines else ""


def _eased(freed_by: str, agreed: Commitment, done: int, cost: Cost) -> Cost:
    """The cost of leaving after some months for one whom a rule frees; after a gap a kept handset has its price."""
    if not freed_by:
        return cost
    kept = _residual_cents(agreed, done) if freed_by == PERFORMANCE and agreed.subsidised else 0
    return Cost(kept, (freed_by,))


def _lately(then: np.datetime64, months: int, today: datetime.date) -> bool:
    return bool(not np.isnat(then) and day(today) < add_months(then, months))
