"""Why one candidate was not offered, JSON-ready: the rules, what they read, and the smallest changes that turn it."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.explanation.levers import Change
from engine.explanation.reading import Reading, plain
from engine.explanation.readings import READ
from engine.explanation.sentences import Speaker, speaker_of
from engine.explanation.supposing import AS_IT_IS, Matter
from engine.explanation.turning import Turn, smallest_turns
from engine.offers import describe
from engine.question import Sheet
from engine.reasons import refusal_of
from engine.rules import BIT, RULES
from engine.rules.contact import CALLS
from engine.texts import Writer

SEE_MARGINS = ("manager", "auditor")
OF_THE_HOUSE: Mapping[str, Any] = {"status": "policy", "verified": True}
"""What a rule is that no file of law holds."""

BECAUSE: Mapping[str, str] = {
    "HOUSE-REPAIR-FIRST": "repair",
    "HOUSE-PROMISE-FIRST": "promise",
    "GDPR-21": "objection",
    **dict.fromkeys(CALLS, "call"),
    "AIA-5": "protection",
    "HOUSE-CATALOGUE": "catalogue",
    "HOUSE-ELIGIBLE": "conditions",
    "HOUSE-TRADE-IN": "trade_in",
    "HOUSE-STOCK": "stock",
    "HOUSE-SHORTENS": "current",
    "FR-MAX24": "law",
    "BE-24": "law",
    "EU-24": "law",
    "BE-VOID": "law",
    "FR-PERF": "law",
    "FR-TWIN12": "law",
    "FR-TWINGAP": "law",
    "LADDER-OVER": "refused",
    "LADDER-REFUSED": "refused",
    "LADDER-BETTER": "refused",
    "WORTH-NOTHING": "worth",
    "BELOW-NOTHING": "worth",
    "BEYOND-LIMIT": "said",
}
"""Why not, as a customer is told of each rule; the others are about the terms themselves."""


def write_why_not(matter: Matter, role: str, writers: Sequence[Writer]) -> dict[str, Any]:
    """What speaks against one candidate, for the eyes of a role, and what would turn it; every turn was judged."""
    sheet = matter.judge([AS_IT_IS])
    offer, refusal = describe(sheet, 0, 0), refusal_of(sheet, 0, 0)
    turns = smallest_turns(matter) if refusal["rules"] else []
    seen, speakers = role in SEE_MARGINS, [speaker_of(writer, matter.in_force.catalogue) for writer in writers]
    because = BECAUSE.get(refusal["rules"][0], "terms") if refusal["rules"] else ""
    return {
        "allowed": not refusal["rules"],
        "offer": offer,
        "missing_cents": refusal["missing_cents"],
        "may_approve": refusal["may_approve"],
        "rules": [_rule(sheet, rule, seen) for rule in refusal["rules"]],
        "turns": [_turn(matter, turn, seen, speakers) for turn in turns],
        "sentences": {
            "agent": {one.writer.language: one.to_agent(offer, refusal, turns) for one in speakers},
            "customer": {one.writer.language: one.to_customer(offer, because, turns) for one in speakers},
        },
    }


def _rule(sheet: Sheet, rule: str, seen: bool) -> dict[str, Any]:
    entry = sheet.question.in_force.law.document.get(rule, OF_THE_HOUSE)
    standing = {"status": entry["status"], "unverified": not entry["verified"]}
    read = [_reading(one, seen) for one in READ[rule](sheet)]
    return {"id": rule, "source": RULES[BIT[rule]].source, **standing, "read": read}


def _reading(reading: Reading, seen: bool) -> dict[str, Any]:
    told = {"name": reading.name, "test": reading.test, "unit": reading.unit, "number": reading.number}
    if reading.margin and not seen:
        return {**told, "found": None, "needed": None}
    return {**told, "found": reading.found, "needed": reading.needed}


def _turn(matter: Matter, turn: Turn, seen: bool, speakers: Sequence[Speaker]) -> dict[str, Any]:
    after = matter.judge([turn.supposed])
    return {
        "changes": [_change(change, seen) for change in turn.changes],
        "offer": describe(after, 0, 0),
        "sentences": {one.writer.language: one.turn(turn) for one in speakers},
    }


def _change(change: Change, seen: bool) -> dict[str, Any]:
    told = {"name": change.name, "unit": change.unit}
    if change.margin and not seen:
        return {**told, "from": None, "to": None}
    return {**told, "from": plain(change.found), "to": plain(change.value)}
