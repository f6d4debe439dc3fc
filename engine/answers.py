"""The answer to one question, JSON-ready: the same for the API, the batch and a replay; no id and no clock in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.best_tariff import write_best_tariff
from engine.catalogue import WISH
from engine.decide import Decisions
from engine.duties import duties
from engine.leaving import leaving_now
from engine.offers import At, cell, describe, needed_cents, twin_of, weigh
from engine.ranking import entitlements
from engine.reasons import explain, refusals
from engine.rulebook import InForce
from engine.tables import MICRO, STATED
from engine.terms import NONE
from engine.texts import Writer
from engine.wish import overshoot, unknown_names

UNKNOWN = "unknown"
LEARNED_FROM_CONTACTS = (
    "contact_log_odds", "hassle_log_odds", "euro_log_odds", "commitment_worth_cents", "device_worth_share",
)  # fmt: skip
"""The priors that a learned response moves: of a customer with one they are no longer merely stated."""


@dataclass(frozen=True)
class Amounts:
    """What guards an offer, in cents net of VAT: what it secures, what it must secure, how deep it concedes."""

    secured_cents: int
    floor_cents: int
    depth_cents: int


Previous = Mapping[str, Any] | None
"""The main offer before this one, as it was answered; None for a first one."""


def write_answer(decisions: Decisions, row: int, previous: Previous = None) -> dict[str, Any]:
    """Everything one customer's answer says, in cents and ISO dates, with sentences in every language."""
    question, law = decisions.question, decisions.question.in_force.law
    writers = writers_of(question.in_force)
    repair, call = _repair(decisions, row), _call(decisions, row)
    to_do = _to_do(decisions, row, repair, call)
    to_agent, to_customer = zip(*(writer.to_do(*to_do) for writer in writers), strict=True)
    told_why = not repair and (call is None or call["allowed"])
    offers = [
        write_offer(at, "alternative" if place else "main", writers, previous)
        for place, at in enumerate(_on_the_table(decisions, row))
    ]
    dues = _dues(decisions, row)
    return {
        "stance": decisions.stance(row),
        "decided_on": question.today.isoformat(),
        **_churn(decisions, row),
        "offers": offers,
        "entitlements": [write_offer(due, "entitlement", writers, previous) for due in dues],
        "wish": _wish(decisions, row, offers),
        "repair": repair,
        "call": call,
        "why_not": [_refusal(at, writers) for at in refusals(decisions, row)] if told_why else [],
        "sentences": {"agent": by_language(writers, to_agent), "customer": by_language(writers, to_customer)},
        "leaving_now": leaving_now(question, row),
        "duties": [_duty(rule, writers) for rule in duties(question, row)],
        "best_tariff": write_best_tariff(decisions.cheapest, row, writers),
        "degraded": ["p_churn"] if decisions.degraded[row] else [],
        "priors": _priors(decisions, row),
        "unverified_rules": [*law.unverified, *(law.unverified_on_calls if question.outbound[row] else ())],
    }


def _priors(decisions: Decisions, row: int) -> list[str]:
    """The numbers of policy that are stated, not learned; a learned response tells beside these what holds instead."""
    learned = decisions.scores.responses[row] != STATED
    priors = decisions.question.in_force.policy.priors
    return [name for name in priors if not (learned and name in LEARNED_FROM_CONTACTS)]


def writers_of(in_force: InForce) -> list[Writer]:
    """A writer for every language of the rulebook."""
    return [Writer(language, phrases) for language, phrases in in_force.phrases.items()]


def _repair(decisions: Decisions, row: int) -> dict[str, str | None] | None:
    """What comes before any sale: the promise not kept and the fault that is open."""
    facts = decisions.question.facts
    promise, fault = str(facts["unkept_promise"][row]), str(facts["open_fault"][row])
    return {"fault": fault or None, "promise": promise or None} if fault or promise else None


def _call(decisions: Decisions, row: int) -> dict[str, Any] | None:
    """Whether we may call this customer, and from which minute of their clock on; None where they came to us."""
    verdict = decisions.calls[row]
    if verdict is None:
        return None
    moment = verdict.not_before
    return {
        "allowed": verdict.allowed,
        "rules": list(verdict.rules),
        "unchecked": list(verdict.unchecked),
        "not_before": moment and moment.isoformat(timespec="minutes"),
        "time_zone": decisions.question.facts["call_zone"][row] or None,
    }


def _to_do(
    decisions: Decisions, row: int, repair: dict[str, str | None] | None, call: dict[str, Any] | None
) -> tuple[list[str], dict[str, Any]]:
    """(what to do before any offer, in its order; what it is about)."""
    stance = decisions.stance(row)
    if repair:
        first = {"promise_first": repair["promise"], "repair_first": repair["fault"]}
        return [what for what, about in first.items() if about], repair
    if call and not call["allowed"]:
        return ["call_later" if call["not_before"] else "no_call"], call
    refused = decisions.question.facts["steps_taken"][row] > 0
    return ["exit" if stance == "leave_alone" and refused else stance], {}


def amounts_on_the_table(decisions: Decisions, row: int) -> list[Amounts]:
    """What guards each offer and due of one answer, in the order of the answer."""
    return [amounts_of(at) for at in (*_on_the_table(decisions, row), *_dues(decisions, row))]


def amounts_of(at: At) -> Amounts:
    """What guards one candidate of one customer."""
    sheet, row, column = at
    secured, depth = (cell(amount, row, column) for amount in (sheet.secured_cents, sheet.priced.depth_cents))
    return Amounts(secured, needed_cents(*at), depth)


def _dues(decisions: Decisions, row: int) -> list[At]:
    page, at = decisions.at(row)
    return [(page.sheet, at, int(column)) for column in entitlements(page.sheet, at)]


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


def _on_the_table(decisions: Decisions, row: int) -> list[At]:
    page, at = decisions.at(row)
    return [(page.sheet, at, int(column)) for column in page.table.offers[at] if column != NONE]


def write_offer(at: At, place: str, writers: list[Writer], previous: Previous = None) -> dict[str, Any]:
    """One offer as an answer tells it: its terms, what it is worth, its twin, and its sentences in every language."""
    sheet, row, _ = at
    offer = {"place": place, "missing": _missing(at), **describe(*at), **weigh(*at), "twin": twin_of(*at)}
    offer["why"] = _why(bool(sheet.question.profiled[row]), offer)
    to_customer = {writer.language: writer.to_customer(offer) for writer in writers}
    offer["sentences"] = {
        "agent": {writer.language: writer.to_agent(offer) for writer in writers},
        "customer": to_customer,
        "read_back": {writer.language: writer.read_back(to_customer[writer.language]) for writer in writers},
    }
    offer["difference"] = previous and {writer.language: writer.difference(offer, previous) for writer in writers}
    return offer


def _why(profiled: bool, offer: dict[str, Any]) -> str:
    if offer["place"] in ("entitlement", "composed"):
        return str(offer["place"])
    if not profiled:
        return "standard"
    if offer["template"] == WISH:
        return "nearest" if offer["missing"] else "asked_for"
    return "best" if offer["place"] == "main" else "alternative"


def _missing(at: At) -> dict[str, int]:
    """By how much a personal candidate passes the wish it answers."""
    sheet, row, column = at
    question, terms = sheet.question, sheet.priced.terms
    if cell(terms.template, row, column) != question.in_force.catalogue.wish_template:
        return {}
    excess = overshoot(question.wish, terms, question.tariffs.price_cents)
    names = ("commitment_months", "monthly_cents", "upfront_cents")
    amounts = {name: cell(amount, row, column) for name, amount in zip(names, excess, strict=True)}
    return {name: amount for name, amount in amounts.items() if amount}


def _wish(decisions: Decisions, row: int, offers: list[dict[str, Any]]) -> dict[str, Any] | None:
    question, (page, at) = decisions.question, decisions.at(row)
    if not question.wish.named[row]:
        return None
    unknown = unknown_names(question.in_force, question.facts["wants_device"][row], question.facts["wants_needs"][row])
    if page.table.wish[at] != NONE:
        answer = {name: offers[0][name] for name in ("offer_id", "missing", "below_nothing")}
        return {"met": bool(page.table.wish_met[at]), **answer, "unknown": unknown}
    nearest = int(page.table.nearest[at])
    missing = _missing((page.sheet, at, nearest)) if nearest != NONE else {}
    return {"met": False, "offer_id": None, "missing": missing, "below_nothing": None, "unknown": unknown}


def _refusal(at: At, writers: list[Writer]) -> dict[str, Any]:
    offer, refusal = explain(*at)
    return {**refusal, "sentences": {writer.language: writer.why_not(offer, refusal) for writer in writers}}


def _duty(rule: str, writers: list[Writer]) -> dict[str, Any]:
    return {"rule": rule, "sentences": by_language(writers, [writer.phrases["duty"][rule] for writer in writers])}


def by_language(writers: list[Writer], sentences: Any) -> dict[str, str]:
    """One sentence of each writer, by language."""
    return {writer.language: sentence for writer, sentence in zip(writers, sentences, strict=True)}
