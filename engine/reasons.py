"""The most useful "why not": what the customer asked for, then each kind of offer that has nothing allowed."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.decide import Decisions
from engine.margin import needed_cents
from engine.offers import At, cell, describe, weigh
from engine.question import Sheet
from engine.rules import BIT, refusing_rules

MOST_REFUSALS = 8
MOST_WISHES = 2


def refusals(decisions: Decisions, row: int) -> Iterator[At]:
    """The refused candidates worth telling: refused wishes, then the nearest of each template."""
    count = 0
    if wishing := decisions.wishing(row):
        personal, at = wishing
        refused = np.flatnonzero(personal.exists[at] & (personal.refused[at] != 0))
        for candidate in refused[np.argsort(np.bitwise_count(personal.refused[at, refused]), kind="stable")][
            :MOST_WISHES
        ]:
            count += 1
            yield personal, at, int(candidate)
    for candidate in nearest_by_template(decisions.listed, row)[: MOST_REFUSALS - count]:
        yield decisions.listed, row, candidate


def nearest_by_template(listed: Sheet, row: int) -> list[int]:
    """For each template with nothing allowed, the candidate fewest rules refuse, best value first among equals.

    Nobody asks why a phone they do not have is not taken back: such candidates are left out.
    """
    templates = listed.priced.terms.template[0]
    if not len(templates):
        return []
    begins = np.concatenate(([True], templates[1:] != templates[:-1]))
    starts, of = np.flatnonzero(begins), np.cumsum(begins) - 1
    rules_in, value = np.bitwise_count(listed.refused[row]), listed.value_cents[row]
    fewest = np.minimum.reduceat(rules_in, starts)
    value = np.where(rules_in == fewest[of], value, np.iinfo(np.int64).min)
    best = np.flatnonzero(value == np.maximum.reduceat(value, starts)[of])
    found = [int(best[np.searchsorted(best, starts[one])]) for one in np.flatnonzero(fewest)]
    found = [candidate for candidate in found if not listed.refused[row, candidate] >> BIT["HOUSE-TRADE-IN"] & 1]
    return sorted(found, key=lambda candidate: (rules_in[candidate], -value[candidate], candidate))


def explain(sheet: Sheet, row: int, candidate: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """(the refused offer, its refusal): rule ids, missing net cents of margin, months beyond, who may approve."""
    offer = describe(sheet, row, candidate)
    refused = int(sheet.refused[row, candidate])
    refusal = {
        "offer_id": offer["offer_id"],
        "template": offer["template"],
        "rules": refusing_rules(refused),
        "missing_cents": _missing_margin_cents(sheet, row, candidate),
        "may_approve": weigh(sheet, row, candidate)["may_approve"] if _authority_alone(refused) else [],
    }
    return offer, refusal


def _authority_alone(refused: int) -> bool:
    return refused == 1 << BIT["HOUSE-AUTHORITY"]


def _missing_margin_cents(sheet: Sheet, row: int, candidate: int) -> int:
    months = np.array(cell(sheet.priced.terms.commitment_months, row, candidate))
    needed = needed_cents(sheet.question.in_force.policy, months, sheet.share_floor_cents[row, candidate])
    return max(int(needed) - int(sheet.secured_cents[row, candidate]), 0)
