"""The rules in the order of their bits: a rule says of every candidate whether it holds, and never filters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.question import Sheet
from engine.rules import house, ladder, law, service
from engine.rules.contact import on_calls
from engine.rules.law import EVERYWHERE


@dataclass(frozen=True)
class Rule:
    """A rule: its id, the file of its numbers, and the fact it states of a sheet, broadcastable to (n, C)."""

    id: str
    source: str
    holds: Callable[[Sheet], Any]


RULES: tuple[Rule, ...] = (
    Rule("HOUSE-REPAIR-FIRST", "policy.toml", service.nothing_is_out_of_order),
    Rule("HOUSE-PROMISE-FIRST", "policy.toml", ladder.no_promise_is_broken),
    Rule("GDPR-21", "law-eu.toml", service.respects_the_objection),
    Rule("HOUSE-DND", "policy.toml", on_calls("HOUSE-DND")),
    Rule("BE-DNCM", "law-be.toml", on_calls("BE-DNCM")),
    Rule("FR-PORT", "law-fr.toml", on_calls("FR-PORT")),
    Rule("FR-CALL-OPTIN", "law-fr.toml", on_calls("FR-CALL-OPTIN")),
    Rule("EU-BEST", "law-eu.toml", on_calls("EU-BEST")),
    Rule("FR-CALL-60", "law-fr.toml", on_calls("FR-CALL-60")),
    Rule("FR-CALL-N", "law-fr.toml", on_calls("FR-CALL-N")),
    Rule("FR-CALL-H", "law-fr.toml", on_calls("FR-CALL-H")),
    Rule("AIA-5", "law-eu.toml", law.exploits_no_vulnerability),
    Rule("HOUSE-CATALOGUE", "offers.toml", house.stands_in_the_rulebook),
    Rule("HOUSE-ELIGIBLE", "offers.toml", house.meets_the_conditions),
    Rule("HOUSE-TRADE-IN", "devices.toml", house.returns_the_device_in_use),
    Rule("HOUSE-STOCK", "devices.toml", house.is_in_stock),
    Rule("HOUSE-SHOP-PRICE", "devices.toml", house.costs_no_more_than_in_the_shop),
    Rule("HOUSE-PRICE", "offers.toml", house.discounts_no_more_than_the_price),
    Rule("HOUSE-MONTH", "policy.toml", house.pays_for_its_months),
    Rule("HOUSE-SHORTENS", "policy.toml", house.keeps_the_current_commitment),
    Rule("FR-MAX24", "law-fr.toml", law.ends_within_24_months_in_france),
    Rule("BE-24", "law-be.toml", law.ends_within_24_months_in_belgium),
    Rule("EU-24", "law-eu.toml", law.ends_within_24_months_in_the_union),
    Rule("BE-VOID", "law-be.toml", law.says_nothing_that_is_void),
    Rule("FR-PERF", "law-fr.toml", law.states_the_value_of_the_handset),
    Rule("HOUSE-FLOOR-CENTS", "policy.toml", house.keeps_the_margin),
    Rule("HOUSE-FLOOR-SHARE", "policy.toml", house.keeps_the_share),
    Rule("HOUSE-AUTHORITY", "policy.toml", house.stays_within_authority),
    Rule("HOUSE-ACCOUNT", "policy.toml", ladder.stays_within_the_account),
    Rule("FR-TWIN12", "law-fr.toml", law.comes_with_its_twin),
    Rule("FR-TWINGAP", "law-fr.toml", law.has_its_twin_near),
    Rule("LADDER-OVER", "policy.toml", ladder.comes_before_the_end),
    Rule("LADDER-REFUSED", "policy.toml", ladder.was_not_refused),
    Rule("LADDER-BETTER", "policy.toml", ladder.is_better_than_what_was_refused),
    Rule("WORTH-NOTHING", "policy.toml", service.is_worth_something_to_the_customer),
    Rule("BEYOND-LIMIT", "policy.toml", service.stays_within_what_was_said),
    Rule("BELOW-NOTHING", "policy.toml", service.beats_offering_nothing),
)
BITS = 1 << np.arange(len(RULES), dtype=np.int64)
BIT = {rule.id: bit for bit, rule in enumerate(RULES)}
LIMITS = (1 << BIT["LADDER-OVER"]) - 1
"""The hard limits: every rule but those that say whether an offer that may be made should be, now and to whom."""


def judge(sheet: Sheet) -> None:
    """Add the bit of every rule that refuses a candidate to `refused`, one rule after the other."""
    for bit, rule in zip(BITS, RULES, strict=True):
        holds = rule.holds(sheet)
        if holds is EVERYWHERE:
            continue
        if np.count_nonzero(holds) != holds.size:
            np.bitwise_or(sheet.refused, np.where(holds, 0, bit), out=sheet.refused)


def refusing_rules(refused: int) -> list[str]:
    """The ids of the rules in one verdict, in their order."""
    return [rule.id for bit, rule in enumerate(RULES) if refused >> bit & 1]
