"""The answer to one question, JSON-ready: the same for the API, the batch and a replay; no id and no clock in it."""

from typing import Any

import numpy as np

from engine.decide import Decisions
from engine.offers import cell, describe, twin_of, weigh
from engine.question import Sheet
from engine.ranking import entitlements
from engine.reasons import explain, refusals
from engine.tables import MICRO
from engine.terms import NONE
from engine.texts import Writer
from engine.wish import overshoot

UNKNOWN = "unknown"


def write_answer(decisions: Decisions, row: int) -> dict[str, Any]:
    """Everything one customer's answer says, in cents and ISO dates, with sentences in every language."""
    question = decisions.question
    writers = [Writer(language, phrases) for language, phrases in question.in_force.phrases.items()]
    stance, fault = decisions.stance(row), str(question.facts["open_fault"][row])
    to_agent, to_customer = zip(*(writer.stance(stance, fault) for writer in writers), strict=True)
    return {
        "stance": stance,
        "decided_on": question.today.isoformat(),
        **_churn(decisions, row),
        "offers": [_offer(decisions, row, at, place, writers) for place, at in enumerate(_chosen(decisions, row))],
        "entitlements": _entitlements(decisions, row, writers),
        "wish": _wish(decisions, row),
        "repair": {"fault": fault} if fault else None,
        "why_not": [] if fault else [_refusal(decisions, row, at, writers) for at in refusals(decisions, row)],
        "sentences": {"agent": _by_language(writers, to_agent), "customer": _by_language(writers, to_customer)},
        "degraded": ["p_churn"] if decisions.degraded[row] else [],
        "priors": list(question.in_force.policy.priors),
        "unverified_rules": list(question.in_force.law.unverified),
    }


def _churn(decisions: Decisions, row: int) -> dict[str, Any]:
    scores, policy = decisions.scores, decisions.question.in_force.policy
    if not decisions.question.profiled[row]:
        return {"p_churn": None, "p_churn_window_months": None, "p_churn_source": None}
    window = int(scores.window_months[row])
    if decisions.degraded[row]:
        return {
            "p_churn": policy["p_churn_when_unknown"],
            "p_churn_window_months": policy["window_months_when_unknown"],
            "p_churn_source": "assumed",
        }
    return {
        "p_churn": int(scores.p_churn_micro[row]) / MICRO,
        "p_churn_window_months": window if window > 0 else UNKNOWN,
        "p_churn_source": "stored" if scores.stored[row] else "model",
    }


def _chosen(decisions: Decisions, row: int) -> list[tuple[Sheet, int]]:
    count = decisions.listed.refused.shape[1]
    columns = [int(column) for column in decisions.table.chosen[row] if column != NONE]
    return [(decisions.personal, c - count) if c >= count else (decisions.listed, c) for c in columns]


def _offer(decisions: Decisions, row: int, at: tuple[Sheet, int], place: int, writers: list[Writer]) -> dict[str, Any]:
    sheet, column = at
    missing = _missing(decisions, row, column) if sheet is decisions.personal else {}
    return _finish(decisions, row, at, writers, {"place": "alternative" if place else "main", "missing": missing})


def _finish(
    decisions: Decisions, row: int, at: tuple[Sheet, int], writers: list[Writer], role: dict[str, Any]
) -> dict[str, Any]:
    question, (sheet, column) = decisions.question, at
    offer = {**role, **describe(question, sheet, row, column), **weigh(question, sheet, row, column)}
    offer["twin"] = twin_of(question, sheet, row, column)
    offer["why"] = _why(decisions, row, sheet, offer)
    offer["sentences"] = {
        "agent": {writer.language: writer.to_agent(offer) for writer in writers},
        "customer": {writer.language: writer.to_customer(offer) for writer in writers},
    }
    return offer


def _why(decisions: Decisions, row: int, sheet: Sheet, offer: dict[str, Any]) -> str:
    if offer["place"] == "entitlement":
        return "entitlement"
    if not decisions.question.profiled[row]:
        return "standard"
    if sheet is decisions.personal:
        return "nearest" if offer["missing"] else "asked_for"
    return "best" if offer["place"] == "main" else "alternative"


def _missing(decisions: Decisions, row: int, column: int) -> dict[str, int]:
    question = decisions.question
    excess = overshoot(question.wish, decisions.personal.priced.terms, question.tariffs.price_cents)
    names = ("commitment_months", "monthly_cents", "upfront_cents")
    amounts = {name: cell(amount, row, column) for name, amount in zip(names, excess, strict=True)}
    return {name: amount for name, amount in amounts.items() if amount}


def _wish(decisions: Decisions, row: int) -> dict[str, Any] | None:
    if not decisions.question.wish.stated[row]:
        return None
    column, met = int(decisions.table.wish[row]), bool(decisions.table.wish_met[row])
    if column == NONE:
        return {"met": False, "offer_id": None, "missing": {}, "below_nothing": None}
    offer_id = describe(decisions.question, decisions.personal, row, column)["offer_id"]
    value = int(decisions.personal.value_cents[row, column])
    return {"met": met, "offer_id": offer_id, "missing": _missing(decisions, row, column), "below_nothing": value <= 0}


def _entitlements(decisions: Decisions, row: int, writers: list[Writer]) -> list[dict[str, Any]]:
    role = {"place": "entitlement", "missing": {}}
    due = np.flatnonzero(entitlements(decisions.question, decisions.listed)[row])
    return [_finish(decisions, row, (decisions.listed, int(column)), writers, role) for column in due]


def _refusal(decisions: Decisions, row: int, at: tuple[Sheet, int], writers: list[Writer]) -> dict[str, Any]:
    sheet, column = at
    offer, refusal = explain(decisions.question, sheet, row, column)
    return {**refusal, "sentences": {writer.language: writer.why_not(offer, refusal) for writer in writers}}


def _by_language(writers: list[Writer], sentences: Any) -> dict[str, str]:
    return {writer.language: sentence for writer, sentence in zip(writers, sentences, strict=True)}
