"""One offer in plain values: exact terms in cents and dates, what it is worth to the customer, who may approve."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from engine.catalogue import KINDS
from engine.dates import add_months, day
from engine.law import Law
from engine.leaving import leaving_an_offer
from engine.money import net_of_vat
from engine.policy import ROLES_THAT_OFFER
from engine.question import Question, Sheet
from engine.rules import LIMITS
from engine.tables import MICRO
from engine.terms import NONE

At = tuple[Sheet, int, int]
"""Where one candidate of one customer stands: sheet, row, column."""

LAST_DAY = np.datetime64("9999-12-31")
"""No calendar goes on: some files hold this day for a commitment without end."""

ROLE_RANK = {role: rank for rank, role in enumerate(ROLES_THAT_OFFER)}


def cell(column: Any, row: int, candidate: int) -> int:
    """One whole number of a column (1, C) or (n, C)."""
    return int(column[row if len(column) > 1 else 0, candidate])


def needed_cents(sheet: Sheet, row: int, candidate: int) -> int:
    """The margin that one candidate must secure: the higher of both floors."""
    floors = (sheet.priced.floor_cents, sheet.months.share_floor_cents)
    return max(cell(floor, row, candidate) for floor in floors)


def describe(sheet: Sheet, row: int, candidate: int) -> dict[str, Any]:
    """The terms of one candidate for one customer, JSON-ready."""
    question, value = sheet.question, sheet.priced.terms.at(row, candidate)
    catalogue, law = question.in_force.catalogue, question.in_force.law
    template, device = catalogue.templates[value["template"]], value["device"]
    extras = [name for bit, name in enumerate(catalogue.goods.extra_ids) if value["extras"] >> bit & 1]
    price, today = int(question.facts["price_cents"][row]), day(question.today)
    lasts = value["commitment_months"] or value["discount_months"]
    net_top_up = net_of_vat(value["top_up_cents"], law.vat_micro)
    subsidised = bool(catalogue.goods.device_cost_cents[device] > net_top_up)
    return {
        **_in_short(sheet, (row, candidate), value),
        "kind": _kind(template.kind, value, catalogue.wish_template),
        **_commitment_end(question, row, template.starts_after_current, value["commitment_months"]),
        "monthly_cents": price - value["discount_cents"],
        "discount_months": value["discount_months"] if value["discount_cents"] else 0,
        "discount_ends_on": _later(today, value["discount_months"]) if value["discount_cents"] else None,
        "monthly_cents_after_discount": price,
        "extras": extras,
        "extras_months": lasts if extras else 0,
        "extras_end_on": _later(today, lasts) if extras else None,
        "needs_express_consent": _extends_the_term_for_goods(law, value),
        **leaving_an_offer(question, row, {**value, "price_cents": price}, subsidised),
    }


def describe_in_short(sheet: Sheet, row: int, candidate: int) -> dict[str, Any]:
    """What one candidate is called, gives and asks for, JSON-ready: enough to name it in one breath."""
    return _in_short(sheet, (row, candidate), sheet.priced.terms.at(row, candidate))


def _in_short(sheet: Sheet, place: tuple[int, int], value: Mapping[str, int]) -> dict[str, Any]:
    catalogue = sheet.question.in_force.catalogue
    goods, device, trade_in = catalogue.goods, value["device"], value["trade_in"]
    return {
        "offer_id": offer_id(sheet, *place),
        "template": catalogue.templates[value["template"]].id,
        "device": goods.device_ids[device] if device != NONE else None,
        "device_says": catalogue.device_says[device] if device != NONE else None,
        "top_up_cents": value["top_up_cents"],
        "commitment_months": value["commitment_months"],
        "discount_cents": value["discount_cents"],
        "extras_say": [dict(says) for bit, says in enumerate(catalogue.extra_says) if value["extras"] >> bit & 1],
        "credit_cents": value["credit_cents"],
        "trade_in": goods.device_ids[trade_in] if trade_in != NONE else None,
        "trade_in_says": catalogue.device_says[trade_in] if trade_in != NONE else None,
        "trade_in_credit_cents": int(goods.trade_in_credit_cents[trade_in]),
    }


def offer_id(sheet: Sheet, row: int, candidate: int) -> str:
    """The id of a candidate: listed ones have it from the catalogue, others spell their terms the same way."""
    catalogue = sheet.question.in_force.catalogue
    if candidate < sheet.listed:
        return str(catalogue.offer_ids[candidate])
    return catalogue.id_of(sheet.priced.terms.at(row, candidate))


def _extends_the_term_for_goods(law: Law, value: dict[str, int]) -> bool:
    """EU-107: equipment or services that come with a new term need the customer's express consent to that term."""
    goods = value["device"] != NONE or value["extras"] != 0
    return goods and value["commitment_months"] > 0 and "EU-107" in law.lines


def _kind(kind: int, value: dict[str, int], wish_template: int) -> str:
    if value["template"] != wish_template or value["device"] != NONE:
        return KINDS[kind]
    return "discount" if value["discount_cents"] else "extras"


def _commitment_end(question: Question, row: int, starts_after_current: bool, months: int) -> dict[str, Any]:
    today, current = day(question.today), question.facts["commitment_end"][row]
    runs = bool(current > today)
    begins = current if runs and (starts_after_current or months == 0) else today
    return {"commitment_ends_on": _later(begins, months), "current_commitment_continues": runs and months == 0}


@lru_cache(maxsize=4096)
def _later(date: np.datetime64, months: int) -> str:
    return str(min(add_months(date, months), LAST_DAY))


def weigh(sheet: Sheet, row: int, candidate: int) -> dict[str, Any]:
    """What one offer is worth to the customer, the chance it is accepted, and who may approve it."""
    question, template = sheet.question, cell(sheet.priced.terms.template, row, candidate)
    policy = question.in_force.policy
    catalogue = question.in_force.catalogue
    below_nothing = template == catalogue.wish_template and cell(sheet.value_cents, row, candidate) <= 0
    asks_up = below_nothing and policy["wish_below_nothing"] == "approve"
    depth = cell(sheet.priced.depth_cents, row, candidate)
    due = catalogue.templates[template].entitlement
    least = 1 if asks_up else 0
    may_approve = [
        role for role in ROLES_THAT_OFFER if ROLE_RANK[role] >= least and (due or depth <= policy.depth_cents[role])
    ]
    profiled = bool(question.profiled[row])
    return {
        "worth_to_customer_cents_a_month": cell(sheet.surplus_micro, row, candidate) // MICRO if profiled else None,
        "p_accept": cell(sheet.p_accept_micro, row, candidate) / MICRO if profiled else None,
        "below_nothing": below_nothing,
        "may_approve": may_approve,
        "needs_approval": question.facts["role"][row] not in may_approve,
        "expires_on": str(day(question.today) + np.timedelta64(policy["offer_valid_days"], "D")),
    }


def twin_of(sheet: Sheet, row: int, candidate: int) -> dict[str, Any] | None:
    """The 12-month twin that travels inside an offer over 12 months: the cheapest that no limit refuses, if any."""
    months = sheet.question.in_force.law.months("FR-TWIN12")
    if months is None or cell(sheet.priced.terms.commitment_months, row, candidate) <= months:
        return None
    twins, exists = sheet.candidates.twins.of(row, candidate), sheet.candidates.exists
    passing = [twin for twin in twins if cell(exists, row, twin) and not sheet.refused[row, twin] & LIMITS]
    return describe(sheet, row, int(passing[0])) if passing else None
