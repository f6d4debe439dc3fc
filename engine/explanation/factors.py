"""Why these offers: what each of their terms is worth to the customer, and which rules refused how many others."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.check import Checked
from engine.decide import Decisions, read_mood
from engine.offers import At, cell, needed_cents
from engine.rules import RULES
from engine.tables import MICRO, TASTES
from engine.terms import MONEY, Whole

PLACES_OF_CENTS = 2


def refusal_counts(decisions: Decisions, row: int) -> dict[str, Any]:
    """How many candidates there were, how many passed, and how many each rule refused."""
    page, at = decisions.at(row)
    exists = np.broadcast_to(page.sheet.candidates.exists, page.sheet.refused.shape)[at]
    refused = page.sheet.refused[at][exists]
    counts = Counter({rule.id: int(np.count_nonzero(refused >> bit & 1)) for bit, rule in enumerate(RULES)})
    told = [{"rule": name, "refused": count} for name, count in counts.most_common() if count]
    return {"candidates": len(refused), "allowed": int(np.count_nonzero(refused == 0)), "rules": told}


def weights_micro(decided: Decisions | Checked, row: int) -> Whole:
    """What money counts for one customer, and each taste beside the average customer's, [1 + tastes] in 1e-6."""
    if isinstance(decided, Checked):
        return decided.mood.points.mean_micro[row]
    return read_mood(decided.question, decided.scores).points.mean_micro[row]


def write_factors(at: At, weights: Whole, sees_margins: bool) -> dict[str, Any]:
    """What the terms of an offer are worth to the customer, in cents a month; what the house expects, for some eyes.

    The parts add up to the whole, each rounded to a hundredth of a cent. Without a profile nothing is weighed.
    """
    sheet, row, column = at
    profiled = bool(sheet.question.profiled[row])
    parts = _parts(at, weights) if profiled else {}
    worth_micro = cell(sheet.surplus_micro, row, column)
    return {
        "worth_to_customer_cents_a_month": round(worth_micro / MICRO, PLACES_OF_CENTS) if profiled else None,
        "parts": [{"of": name, "cents_a_month": cents} for name, cents in parts.items() if cents],
        "asked_for": bool(sheet.asked_for[row, column]),
        "house": _house(at) if sees_margins else None,
    }


def _parts(at: At, weights: Whole) -> dict[str, float]:
    sheet, row, column = at
    terms, gains = sheet.priced.terms, sheet.gains_cents
    months: int = sheet.question.in_force.policy["worth_months"]
    paid = cell(terms.top_up_cents, row, column)
    discounted = cell(terms.discount_cents, row, column) * min(cell(terms.discount_months, row, column), months)
    money = {
        "top_up": -paid,
        "discount": discounted,
        "credit": cell(gains[MONEY], row, column) + paid - discounted,
    }
    by_taste = {taste: cell(gains[1 + index], row, column) for index, taste in enumerate(TASTES)}
    weighed = {
        **{name: cents * int(weights[MONEY]) for name, cents in money.items()},
        **{taste: cents * int(weights[1 + index]) for index, (taste, cents) in enumerate(by_taste.items())},
    }
    return {name: round(micro / months / MICRO, PLACES_OF_CENTS) for name, micro in weighed.items()}


def _house(at: At) -> Mapping[str, Any]:
    """What the house expects of an offer and what guards it."""
    sheet, row, column = at
    return {
        "p_accept": cell(sheet.p_accept_micro, row, column) / MICRO,
        "p_leave": cell(sheet.p_leave_micro, row, column) / MICRO,
        "value_cents": cell(sheet.value_cents, row, column),
        "secured_cents": cell(sheet.secured_cents, row, column),
        "floor_cents": needed_cents(*at),
        "concession_cents": cell(sheet.priced.depth_cents, row, column),
    }
