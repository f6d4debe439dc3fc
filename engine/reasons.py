"""The most useful "why not": what the customer asked for, then each kind of offer that has nothing allowed."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.decide import Decisions
from engine.offers import At, cell, describe_in_short, needed_cents, weigh
from engine.question import Sheet
from engine.rules import BIT, refusing_rules

MOST_REFUSALS = 8
MOST_WISHES = 2


def refusals(decisions: Decisions, row: int) -> Iterator[At]:
    """The refused candidates worth telling: refused wishes, then the nearest of each template."""
    page, at = decisions.at(row)
    told = [*refused_wishes(page.sheet, at), *nearest_by_template(page.sheet, at)]
    return ((page.sheet, at, candidate) for candidate in told[:MOST_REFUSALS])


def refused_wishes(sheet: Sheet, row: int) -> list[int]:
    """The candidates of one customer's wish that are refused, first those that the fewest rules refuse."""
    refused = [
        column
        for column in range(sheet.listed, sheet.refused.shape[1])
        if sheet.candidates.exists[row, column] and sheet.refused[row, column]
    ]
    return sorted(refused, key=lambda column: int(sheet.refused[row, column]).bit_count())[:MOST_WISHES]


def nearest_by_template(sheet: Sheet, row: int) -> list[int]:
    """For each template with nothing allowed, the candidate fewest rules refuse, best value first among equals.

    Nobody asks why a phone they do not have is not taken back: such candidates are left out.
    """
    templates = sheet.priced.terms.template[0, : sheet.listed]
    refused, value = sheet.refused[row, : sheet.listed], sheet.value_cents[row, : sheet.listed]
    if not len(templates):
        return []
    begins = np.concatenate(([True], templates[1:] != templates[:-1]))
    starts, of = np.flatnonzero(begins), np.cumsum(begins) - 1
    rules_in = np.bitwise_count(refused)
    fewest = np.minimum.reduceat(rules_in, starts)
    value = np.where(rules_in == fewest[of], value, np.iinfo(np.int64).min)
    best = np.flatnonzero(value == np.maximum.reduceat(value, starts)[of])
    found = [int(best[np.searchsorted(best, starts[one])]) for one in np.flatnonzero(fewest)]
    found = [candidate for candidate in found if not refused[candidate] >> BIT["HOUSE-TRADE-IN"] & 1]
    return sorted(found, key=lambda candidate: (rules_in[candidate], -value[candidate], candidate))


def explain(sheet: Sheet, row: int, candidate: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """(the refused offer in short, its refusal, which names the offer)."""
    offer = describe_in_short(sheet, row, candidate)
    named = {name: offer[name] for name in ("offer_id", "template")}
    return offer, {**named, **refusal_of(sheet, row, candidate)}


def refusal_of(sheet: Sheet, row: int, candidate: int) -> dict[str, Any]:
    """What refuses a candidate: rule ids, missing net cents of margin, who may approve."""
    refused = int(sheet.refused[row, candidate])
    return {
        "rules": refusing_rules(refused),
        "missing_cents": max(needed_cents(sheet, row, candidate) - cell(sheet.secured_cents, row, candidate), 0),
        "may_approve": weigh(sheet, row, candidate)["may_approve"] if _authority_alone(refused) else [],
    }


def _authority_alone(refused: int) -> bool:
    return refused == 1 << BIT["HOUSE-AUTHORITY"]
