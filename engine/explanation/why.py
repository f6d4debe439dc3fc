"""Why a decision came out as it did, JSON-ready: the offers with what they are worth, and what refused the others."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.check import Checked
from engine.decide import Decisions
from engine.explanation.factors import points_of, refusal_counts, write_factors
from engine.explanation.write import SEE_MARGINS
from engine.offers import At, offer_id
from engine.ranking import entitlements
from engine.terms import NONE
from engine.texts import Writer


def write_why(decisions: Decisions, checked: Checked | None, role: str) -> dict[str, Any]:
    """The first customer's decision for the eyes of a role; `checked`: terms that an agent put on the table instead."""
    points = points_of(decisions if checked is None else checked, 0)
    return {
        "offers": [
            {"offer_id": offer_id(*at), **write_factors(at, points, role in SEE_MARGINS)}
            for at in _told(decisions, checked)
        ],
        "refusals": refusal_counts(decisions, 0),
    }


def write_why_sentences(writers: Sequence[Writer], why: Mapping[str, Any], used: str) -> dict[str, dict[str, str]]:
    """One sentence to the agent and one to the customer, in every language; `used`: which data were, by its phrase."""
    counted = why["refusals"]
    most = counted["rules"][0]["rule"] if counted["rules"] else ""
    numbers = {"candidates": counted["candidates"], "allowed": counted["allowed"], "rule": most}
    say = {writer.language: writer.phrases["explanation"] for writer in writers}
    return {
        "agent": {
            language: phrases["why" if most else "why_all"].format(**numbers) for language, phrases in say.items()
        },
        "customer": {language: phrases[f"used_{used}"] for language, phrases in say.items()},
    }


def _told(decisions: Decisions, checked: Checked | None) -> Iterable[At]:
    """The offers and dues on the table, in the order of the answer."""
    if checked is not None:
        return [(checked.sheet, 0, 0)]
    page, at = decisions.at(0)
    offers = [int(column) for column in page.table.offers[at] if column != NONE]
    dues = [int(column) for column in entitlements(page.sheet, at)]
    return [(page.sheet, at, column) for column in (*offers, *dues)]
