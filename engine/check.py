"""Terms that are given, not searched: recorded ones before they are accepted, or an agent's own, judged like any offer.

The same weighing and the same rules as for the candidates of a decision; one offer a customer, with its twin.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.answers import Amounts, Previous, amounts_of, by_language, write_offer, writers_of
from engine.composed import Composed, Plain, needs_twin, read_composed, twin_terms, unknown_parts, with_twins
from engine.decide import Mood, read_mood, read_question, solver_of, weigh_candidates
from engine.money import net_of_vat, smallest_gross
from engine.offers import At, weigh
from engine.question import Question, Sheet
from engine.reasons import explain
from engine.rulebook import Rulebook
from engine.rules import BIT, LIMITS, judge, refusing_rules
from engine.solve import Solver, largest_discount, missing_cents, smallest_top_ups, with_levers
from engine.tables import Cases, Scores
from engine.terms import NONE, Terms, Whole
from engine.texts import Writer

UNKNOWN_RULE, AUTHORITY = "HOUSE-CATALOGUE", "HOUSE-AUTHORITY"


@dataclass(frozen=True)
class Checked:
    """The terms of n customers, weighed and judged: column 0 the terms, column 1 their twin where the law wants one."""

    question: Question
    mood: Mood
    composed: Composed
    unknown: tuple[tuple[str, ...], ...]
    sheet: Sheet

    def rules(self, row: int) -> list[str]:
        """The ids of the rules that refuse the terms of one customer, in their order."""
        return [UNKNOWN_RULE] if self.unknown[row] else refusing_rules(int(self.sheet.refused[row, 0]))

    def amounts(self, row: int) -> Amounts:
        """What guards the terms of one customer."""
        return amounts_of((self.sheet, row, 0))

    def limits(self, row: int) -> list[str]:
        """Those of them that are hard limits: with any of these an offer is not accepted, whatever was said before."""
        return [rule for rule in self.rules(row) if LIMITS >> BIT[rule] & 1]


def check(cases: Cases, scores: Scores, rulebook: Rulebook, today: datetime.date, composed: Sequence[Plain]) -> Checked:
    """The terms given for each row of `cases`, weighed and judged under the rulebook of one day.

    A name that the rulebook does not have refuses the terms (HOUSE-CATALOGUE). Raises ValueError for an amount below 0.
    """
    in_force = rulebook.as_of(today)
    question = read_question(cases, in_force, today)
    mood, terms = read_mood(question, scores), read_composed(composed, in_force)
    unknown = tuple(tuple(unknown_parts(plain, in_force.catalogue)) for plain in composed)
    sheet = weigh_candidates(question, mood, *with_twins(terms, solver_of(question, mood)))
    return Checked(question, mood, terms, unknown, sheet)


def may_be_put_on_the_table(checked: Checked, row: int) -> bool:
    """Whether one customer's terms are allowed, or would be in the hands of somebody with more authority."""
    beyond = [rule for rule in checked.rules(row) if rule != AUTHORITY]
    return not beyond and bool(may_approve(checked.sheet, row))


def put_on_the_table(written: Mapping[str, Any], checked: Checked, row: int, previous: Previous) -> dict[str, Any]:
    """An answer with the terms given instead of what was searched: one offer, the main one, as an agent composed it."""
    writers = writers_of(checked.question.in_force)
    offer = {**write_offer((checked.sheet, row, 0), "composed", writers, previous), "place": "main"}
    to_agent, to_customer = zip(*(writer.to_do(["offer"], {}) for writer in writers), strict=True)
    sentences = {"agent": by_language(writers, to_agent), "customer": by_language(writers, to_customer)}
    return {**written, "stance": "offer", "offers": [offer], "entitlements": [], "wish": None, "sentences": sentences}


def write_check(checked: Checked, row: int) -> dict[str, Any]:
    """What is told of one customer's terms, JSON-ready: allowed, or which rules refuse them, and what would pass."""
    writers = writers_of(checked.question.in_force)
    told = _unknown(checked, row, writers) if checked.unknown[row] else _known(checked, row, writers)
    rules = checked.rules(row)
    return {"allowed": not rules, "rules": rules, "limits": checked.limits(row), **told}


def _unknown(checked: Checked, row: int, writers: list[Writer]) -> dict[str, Any]:
    names = list(checked.unknown[row])
    sentences = {writer.language: writer.unknown(names) for writer in writers}
    nothing = {"missing_cents": 0, "may_approve": [], "offer": None, "nearest": None}
    return {**nothing, "unknown": names, "why_not": sentences}


def _known(checked: Checked, row: int, writers: list[Writer]) -> dict[str, Any]:
    at: At = (checked.sheet, row, 0)
    offer, refusal = explain(*at)
    refusal["may_approve"] = may_approve(checked.sheet, row)
    return {
        "missing_cents": refusal["missing_cents"],
        "may_approve": refusal["may_approve"],
        "offer": write_offer(at, "composed", writers),
        "nearest": _nearest(checked, row, writers) if refusal["rules"] else None,
        "unknown": [],
        "why_not": {writer.language: writer.why_not(offer, refusal) for writer in writers}
        if refusal["rules"]
        else None,
    }


def _nearest(checked: Checked, row: int, writers: list[Writer]) -> dict[str, Any] | None:
    """The nearest terms as an offer, with the rules that speak against making it though no limit does."""
    if (at := nearest_feasible(checked, row)) is None:
        return None
    sheet, nearest_row, column = at
    return {**write_offer(at, "composed", writers), "rules": refusing_rules(int(sheet.refused[nearest_row, column]))}


def may_approve(sheet: Sheet, row: int) -> list[str]:
    """The roles in whose hands nothing would refuse the terms of one customer."""
    policy = sheet.question.in_force.policy
    return [
        role
        for role in weigh(sheet, row, 0)["may_approve"]
        if not _judged_within(sheet, policy.depth_cents[role]).refused[row, 0]
    ]


def _judged_within(sheet: Sheet, depth_cents: int) -> Sheet:
    """The same terms judged again for somebody who may grant so much."""
    question = replace(sheet.question, depth_limit_cents=np.full_like(sheet.question.depth_limit_cents, depth_cents))
    again = replace(sheet, question=question, refused=np.zeros_like(sheet.refused))
    judge(again)
    return again


def nearest_feasible(checked: Checked, row: int) -> At | None:
    """The nearest terms within every hard limit: with a device the smallest top-up, else less discount or less credit.

    None where there are none: then the refusal has another cause than money, or no money mends it.
    """
    at = np.array([row])
    question, mood = checked.question.take(at), checked.mood.take(at)
    solver = solver_of(question, mood)
    given = Terms(**{name: column[at] for name, column in vars(checked.composed.terms).items()})
    for nearer in _nearer(given, solver):
        no_twin = np.zeros((1, 1), dtype=bool)
        sheet = weigh_candidates(question, mood, *with_twins(Composed(nearer, ~no_twin, nearer, no_twin), solver))
        if not sheet.refused[0, 0] & LIMITS:
            return sheet, 0, 0
    return None


def _nearer(given: Terms, solver: Solver) -> list[Terms]:
    """What could be offered instead of some terms (1, 1), the nearest first."""
    if given.device[0, 0] != NONE:
        _, smallest = smallest_top_ups(
            with_levers(given, np.zeros_like(given.top_up_cents), given.discount_cents), solver
        )
        return [with_levers(given, smallest, given.discount_cents)]
    nearer = []
    if given.discount_cents[0, 0]:
        at_most = np.minimum(given.discount_cents, solver.payers.tariffs.price_cents)
        capped = with_levers(given, given.top_up_cents, at_most)
        nearer.append(with_levers(given, given.top_up_cents, _both(largest_discount, capped, solver)))
    if given.credit_cents[0, 0]:
        nearer.append(replace(given, credit_cents=_both(_largest_credit, given, solver)))
    return nearer


def _both(largest: Any, given: Terms, solver: Solver) -> Whole:
    """The largest of a lever that both the terms and, where the law wants one, their twin can bear."""
    found: Whole = largest(given, solver)
    if not needs_twin(given, solver.in_force).any():
        return found
    return np.minimum(found, largest(twin_terms(given, solver), solver))


def _largest_credit(given: Terms, solver: Solver) -> Whole:
    """The largest credit, up to the given one, that keeps margin, authority and account; 0 where none does."""
    vat_micro, goods = solver.in_force.law.vat_micro, solver.in_force.catalogue.goods
    priced, months = solver.price(replace(given, credit_cents=np.zeros_like(given.credit_cents)))
    lacking = np.maximum(missing_cents(priced, months), priced.depth_cents - solver.depth_limit_cents)
    taken_back = goods.trade_in_credit_cents[given.trade_in]
    room = net_of_vat(taken_back, vat_micro) - lacking
    most = smallest_gross(room + 1, vat_micro) - 1 - taken_back
    return np.clip(most, 0, given.credit_cents)
