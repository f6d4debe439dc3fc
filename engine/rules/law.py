"""Rules of telecom law on offers; their dated numbers and sources lie in law-eu.toml and that of the market.

A rule that is not in force, or not in this market, holds for everybody at once.
"""

from typing import Any

import numpy as np

from engine.question import Sheet
from engine.twins import NO_TWIN

EVERYWHERE = np.ones((1, 1), dtype=bool)


def ends_within_24_months_in_france(sheet: Sheet) -> Any:
    """FR-MAX24: the commitment, counted from the renewal, is no longer than the law allows."""
    return _ends_within(sheet, "FR-MAX24")


def ends_within_24_months_in_belgium(sheet: Sheet) -> Any:
    """BE-24: the same in Belgium."""
    return _ends_within(sheet, "BE-24")


def ends_within_24_months_in_the_union(sheet: Sheet) -> Any:
    """EU-24: the same in every market of the Union."""
    return _ends_within(sheet, "EU-24")


def _ends_within(sheet: Sheet, rule: str) -> Any:
    longest = sheet.question.in_force.law.months(rule)
    return EVERYWHERE if longest is None else sheet.counted_months <= longest


def comes_with_its_twin(sheet: Sheet) -> Any:
    """FR-TWIN12: an offer over 12 months has a 12-month twin of the same services that passes every hard limit."""
    if sheet.needs_no_twin is None:
        return EVERYWHERE
    return sheet.needs_no_twin | (sheet.twin_cents < NO_TWIN)


def has_its_twin_near(sheet: Sheet) -> Any:
    """FR-TWINGAP: the twin costs at most the house limit more over its 12 months; monthly prices are the same."""
    law, policy = sheet.question.in_force.law, sheet.question.in_force.policy
    if sheet.needs_no_twin is None or "FR-TWINGAP" not in law.lines:
        return EVERYWHERE
    near = sheet.twin_cents - sheet.priced.terms.top_up_cents <= policy["twin_gap_cents"]
    return sheet.needs_no_twin | near | (sheet.twin_cents == NO_TWIN)


def states_the_value_of_the_handset(sheet: Sheet) -> Any:
    """FR-PERF: a subsidised handset comes with a stated value, or leaving for a lasting gap could not be worked out."""
    return sheet.priced.value_is_stated if "FR-PERF" in sheet.question.in_force.law.lines else EVERYWHERE


def says_nothing_that_is_void(sheet: Sheet) -> Any:
    """BE-VOID: no words of the offer make switching impossible or discourage it."""
    return ~sheet.marks.void if "BE-VOID" in sheet.question.in_force.law.lines else EVERYWHERE


def exploits_no_vulnerability(sheet: Sheet) -> Any:
    """AIA-5: to the over-indebted and to protected adults only standard offers, and what is due."""
    facts = sheet.question.facts
    vulnerable = (facts["over_indebted"] | facts["protected_adult"])[:, None]
    if not vulnerable.any() or "AIA-5" not in sheet.question.in_force.law.lines:
        return EVERYWHERE
    return ~vulnerable | sheet.marks.standard | sheet.marks.entitlement
