"""Rules of service and of worth: repair first, respect an objection, offer nothing worth less than nothing."""

from typing import Any

from engine.question import Sheet
from engine.rules.law import EVERYWHERE


def nothing_is_out_of_order(sheet: Sheet) -> Any:
    """Repair first: while a fault is open nothing is offered for sale."""
    return (sheet.question.facts["open_fault"] == "")[:, None]


def respects_the_objection(sheet: Sheet) -> Any:
    """GDPR-21: after an objection no profile chooses: standard offers to who comes to us, and what is due."""
    question = sheet.question
    objects = question.facts["objects_to_profiling"][:, None]
    if not objects.any():
        return EVERYWHERE
    standard = sheet.marks.standard & ~question.outbound[:, None]
    return ~objects | standard | sheet.marks.entitlement


def stays_within_what_was_said(sheet: Sheet) -> Any:
    """No longer and no dearer at once than the customer accepts; a wish may say how near it comes, a due is a due."""
    wish, terms = sheet.question.wish, sheet.priced.terms
    within = (terms.commitment_months <= wish.max_commitment_months) & (terms.top_up_cents <= wish.max_upfront_cents)
    return within | sheet.marks.wish | sheet.marks.entitlement


def is_worth_something_to_the_customer(sheet: Sheet) -> Any:
    """The terms are worth at least nothing to this customer; what was asked for, and a due, pass by definition."""
    return (sheet.surplus_micro >= 0) | sheet.asked_for | sheet.marks.entitlement


def beats_offering_nothing(sheet: Sheet) -> Any:
    """The expected value is above that of no offer; a due is not weighed, nor a standard offer without a profile.

    A wish is answered by the margin alone unless policy hides wishes that are worth less than nothing.
    """
    unweighed = sheet.marks.entitlement | ~sheet.question.profiled[:, None]
    if sheet.question.in_force.policy["wish_below_nothing"] != "hide":
        unweighed = unweighed | sheet.marks.wish
    return (sheet.value_cents > 0) | unweighed
