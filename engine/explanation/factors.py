"""Why these offers: what each of their terms is worth to the customer, and which rules refused how many others."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.check import Checked
from engine.decide import Decisions, read_mood
from engine.felt import Points
from engine.offers import At, cell, needed_cents
from engine.rules import RULES
from engine.tables import MICRO, TASTES
from engine.terms import MONEY, NONE

PLACES_OF_CENTS = 2


def refusal_counts(decisions: Decisions, row: int) -> dict[str, Any]:
    """How many candidates there were, how many passed, and how many each rule refused."""
    page, at = decisions.at(row)
    exists = np.broadcast_to(page.sheet.candidates.exists, page.sheet.refused.shape)[at]
    refused = page.sheet.refused[at][exists]
    counts = Counter({rule.id: int(np.count_nonzero(refused >> bit & 1)) for bit, rule in enumerate(RULES)})
    told = [{"rule": name, "refused": count} for name, count in counts.most_common() if count]
    return {"candidates": len(refused), "allowed": int(np.count_nonzero(refused == 0)), "rules": told}


def points_of(decided: Decisions | Checked, row: int) -> Points:
    """How one customer leans: what money and each taste count, and single terms where anything was learned of them."""
    mood = decided.mood if isinstance(decided, Checked) else read_mood(decided.question, decided.scores)
    return mood.points.take(np.array([row]))


def write_factors(at: At, points: Points, sees_margins: bool) -> dict[str, Any]:
    """What the terms of an offer are worth to the customer, in cents a month; what the house expects, for some eyes.

    The parts add up to the whole, each rounded to a hundredth of a cent. Without a profile nothing is weighed.
    """
    sheet, row, column = at
    profiled = bool(sheet.question.profiled[row])
    parts = _parts(at, points) if profiled else {}
    worth_micro = cell(sheet.surplus_micro, row, column)
    return {
        "worth_to_customer_cents_a_month": round(worth_micro / MICRO, PLACES_OF_CENTS) if profiled else None,
        "parts": [{"of": name, "cents_a_month": cents} for name, cents in parts.items() if cents],
        "asked_for": bool(sheet.asked_for[row, column]),
        "house": _house(at) if sees_margins else None,
    }


def _parts(at: At, points: Points) -> dict[str, float]:
    sheet, row, column = at
    gains, weights = sheet.gains_cents, points.mean_micro[0]
    months: int = sheet.question.in_force.policy["worth_months"]
    by_taste = {taste: cell(gains[1 + index], row, column) for index, taste in enumerate(TASTES)}
    weighed = {
        **{name: cents * int(weights[MONEY]) for name, cents in _money(at, points).items()},
        **{taste: cents * int(weights[1 + index]) for index, (taste, cents) in enumerate(by_taste.items())},
    }
    return {name: round(micro / months / MICRO, PLACES_OF_CENTS) for name, micro in weighed.items()}


def _money(at: At, points: Points) -> dict[str, int]:
    """What each part of money is worth as felt, in cents; they add up to the whole, which was rounded once."""
    sheet, row, column = at
    terms = {name: cell(part, row, column) for name, part in vars(sheet.priced.terms).items()}
    whole = cell(sheet.gains_cents[MONEY], row, column)
    top_up_micro, discount_micro = points.felt_micro[0, :2].tolist() if points.felt_micro.size else (MICRO, MICRO)
    discounted = terms["discount_cents"] * min(terms["discount_months"], sheet.question.in_force.policy["worth_months"])
    paid = -terms["top_up_cents"] * top_up_micro // MICRO
    credited = terms["credit_cents"] > 0 or terms["trade_in"] != NONE
    saved = discounted * discount_micro // MICRO if credited else whole - paid
    return {"top_up": paid, "discount": saved, "credit": whole - paid - saved}


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
