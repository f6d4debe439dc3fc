"""Why a candidate that nothing refuses was not put on the table: what went before it."""

from typing import Any

from engine.decide import Decisions
from engine.offers import cell, offer_id
from engine.ranking import ranked_first
from engine.terms import NONE

WISH_FIRST, RANKED_BEFORE, OF_THE_SAME_KIND, MARGIN_APART, IN_ORDER = (
    "wish_first",
    "ranked_before",
    "same_kind",
    "margin_apart",
    "order_of_the_rulebook",
)

BECAUSE = (WISH_FIRST, RANKED_BEFORE, OF_THE_SAME_KIND, MARGIN_APART, IN_ORDER)


def went_before(decisions: Decisions, column: int) -> dict[str, Any] | None:
    """The main offer that a listed candidate of the first customer gave way to, and why; None without a main offer.

    `short_cents`: by how much its expected value would have to be higher to be that of the best offer, or of the answer
    to a wish; a figure of the house. What chance put in the best offer's place is not told.
    """
    page, row = decisions.at(0)
    sheet, main = page.sheet, int(page.table.offers[row, 0])
    if main == NONE:
        return None
    before = main if main >= sheet.listed else int(ranked_first(sheet)[row])
    short = cell(sheet.value_cents, row, before) - cell(sheet.value_cents, row, column)
    return {
        "offer_id": offer_id(sheet, row, main),
        "because": _because(decisions, column, main),
        "short_cents": max(short, 0),
    }


def _because(decisions: Decisions, column: int, main: int) -> str:
    page, row = decisions.at(0)
    sheet = page.sheet
    if main >= sheet.listed or page.table.wish[row] != NONE:
        return WISH_FIRST
    if not sheet.question.profiled[row]:
        return IN_ORDER
    near = sheet.question.in_force.policy["near_margin_cents"]
    apart = abs(cell(sheet.secured_cents, row, column) - cell(sheet.secured_cents, row, main))
    if cell(sheet.marks.kind, row, column) == cell(sheet.marks.kind, row, main):
        return OF_THE_SAME_KIND
    return MARGIN_APART if apart > near else RANKED_BEFORE
