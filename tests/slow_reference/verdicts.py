"""The rules, one sentence each, in the order of docs/arithmetic.md: what they refuse of one customer's candidates."""

import datetime
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.slow_reference.book import Book, Candidate
from tests.slow_reference.calls import against_the_call
from tests.slow_reference.customer import NOTHING_REFUSED, Customer, remaining_months, tenure_months
from tests.slow_reference.margin import (
    authority_cents,
    depth,
    is_subsidised,
    month_pays,
    secured_margin,
    share_floor,
)
from tests.slow_reference.worth import OUTBOUND, is_asked_for, reactions, surplus, value

UNKNOWN: tuple[Any, ...] = (-1, "", None)


@dataclass(frozen=True)
class Weighed:
    """One candidate with every number a rule or a ranking asks for."""

    candidate: Candidate
    secured_cents: int
    share_floor_cents: int
    depth_cents: int
    surplus_micro: int
    asked_for: bool
    p_accept_micro: int
    p_leave_micro: int
    value_cents: int


@dataclass(frozen=True)
class Judged:
    """A weighed candidate and the rules that refuse it."""

    weighed: Weighed
    refused_by: frozenset[str]

    @property
    def candidate(self) -> Candidate:
        return self.weighed.candidate


def weigh(book: Book, candidate: Candidate, customer: Customer) -> Weighed:
    """Every number of one candidate for one customer."""
    p_accept, p_leave = reactions(book, candidate, customer)
    return Weighed(
        candidate=candidate,
        secured_cents=secured_margin(book, candidate, customer),
        share_floor_cents=share_floor(book, candidate, customer),
        depth_cents=depth(book, candidate),
        surplus_micro=surplus(book, candidate, customer),
        asked_for=is_asked_for(book, candidate, customer),
        p_accept_micro=p_accept,
        p_leave_micro=p_leave,
        value_cents=value(book, candidate, customer, (p_accept, p_leave)),
    )


def judge(book: Book, candidates: Sequence[Candidate], customer: Customer) -> list[Judged]:
    """The verdict on every candidate of one customer; twins are looked for among the same candidates."""
    weighed = [weigh(book, candidate, customer) for candidate in candidates]
    limits = [_limits(book, one, customer) for one in weighed]
    free = [one.candidate for one, refusals in zip(weighed, limits, strict=True) if not refusals]
    twins = [one for one in free if one.commitment_months == 12]
    judged = []
    for one, refusals in zip(weighed, limits, strict=True):
        needs_twin = "FR-TWIN12" in book.law and one.candidate.commitment_months > book.law["FR-TWIN12"]["months"]
        top_ups = [twin.top_up_cents for twin in twins if are_twins(one.candidate, twin)]
        if needs_twin and not top_ups:
            refusals = refusals | {"FR-TWIN12"}
        gap = min(top_ups) - one.candidate.top_up_cents if needs_twin and top_ups else 0
        if "FR-TWINGAP" in book.law and gap > book.numbers["twin_gap_cents"]:
            refusals = refusals | {"FR-TWINGAP"}
        judged.append(Judged(one, frozenset(refusals | _worthless(book, one, customer))))
    return judged


def are_twins(long: Candidate, short: Candidate) -> bool:
    """Whether two candidates are one offer of services at two commitments."""
    return _services(long) == _services(short)


def _services(one: Candidate) -> tuple[Any, ...]:
    return one.template, one.device, one.extras, one.discount_cents, one.credit_cents, one.trade_in


def _limits(book: Book, weighed: Weighed, customer: Customer) -> set[str]:
    one, length = weighed.candidate, weighed.candidate.commitment_months
    left = remaining_months(customer, book.today)
    counted = length + (left if one.after_current and length > 0 else 0)
    device = book.devices.get(one.device)
    called = customer.channel == OUTBOUND
    holds = {
        "HOUSE-REPAIR-FIRST": customer.open_fault == "",
        "HOUSE-PROMISE-FIRST": customer.unkept_promise == "",
        "GDPR-21": not customer.objects_to_profiling or one.entitlement or (one.standard and not called),
        "AIA-5": not is_vulnerable(book, customer) or one.entitlement or one.standard,
        "HOUSE-ELIGIBLE": all(satisfies(customer, condition, book.today) for condition in one.conditions),
        "HOUSE-TRADE-IN": not one.trade_in or customer.current_device == one.trade_in,
        "HOUSE-STOCK": device is None or (device["stock"] > 0 and one.device not in customer.sold_out),
        "HOUSE-SHOP-PRICE": one.top_up_cents <= (device["price_cents"] if device else 0),
        "HOUSE-PRICE": one.discount_cents <= customer.price_cents,
        "HOUSE-MONTH": one.entitlement or length > 0 or month_pays(book, one, customer),
        "HOUSE-SHORTENS": length == 0 or counted >= left,
        **{rule: counted <= book.law[rule]["months"] for rule in ("FR-MAX24", "BE-24", "EU-24") if rule in book.law},
        "BE-VOID": not any(phrase in one.words for phrase in book.law.get("BE-VOID", {}).get("phrases", ())),
        "FR-PERF": "FR-PERF" not in book.law or not is_subsidised(book, one) or "agreed_value_cents" in (device or {}),
        "HOUSE-FLOOR-CENTS": weighed.secured_cents >= book.numbers[f"floor_cents_{length}"],
        "HOUSE-FLOOR-SHARE": length == 0 or weighed.secured_cents >= weighed.share_floor_cents,
        "HOUSE-ACCOUNT": one.entitlement
        or max(0, weighed.depth_cents) + customer.account_granted_cents <= book.numbers["account_depth_cents"],
        "HOUSE-AUTHORITY": one.entitlement or weighed.depth_cents <= authority_cents(book, customer),
    }
    return {rule for rule, kept in holds.items() if not kept} | against_the_call(book, customer)


def _worthless(book: Book, weighed: Weighed, customer: Customer) -> set[str]:
    one = weighed.candidate
    wish_may_cost = one.is_wish and book.numbers["wish_below_nothing"] != "hide"
    refusals = set() if one.entitlement else _ladder(book, weighed, customer)
    if not (weighed.surplus_micro >= 0 or weighed.asked_for or one.entitlement):
        refusals.add("WORTH-NOTHING")
    within = one.commitment_months <= no_limit(customer.wants_max_commitment_months)
    within = within and one.top_up_cents <= no_limit(customer.wants_max_upfront_cents)
    if not (within or one.is_wish or one.entitlement):
        refusals.add("BEYOND-LIMIT")
    if not (weighed.value_cents > 0 or one.entitlement or has_no_profile(book, customer) or wish_may_cost):
        refusals.add("BELOW-NOTHING")
    return refusals


def _ladder(book: Book, weighed: Weighed, customer: Customer) -> set[str]:
    refusals, one = set(), weighed.candidate
    if customer.steps_taken >= book.numbers["ladder_steps"]:
        refusals.add("LADDER-OVER")
    if was_refused(one, customer.refused_offers) or one.device in customer.unwanted_devices:
        refusals.add("LADDER-REFUSED")
    remembered = customer.least_worth_micro != NOTHING_REFUSED
    weighed_again = remembered and not has_no_profile(book, customer) and not weighed.asked_for
    if weighed_again and weighed.surplus_micro <= customer.least_worth_micro:
        refusals.add("LADDER-BETTER")
    return refusals


def was_refused(one: Candidate, refused: Collection[str]) -> bool:
    """Whether these terms were refused before, under whatever name; a wish, which is asked for, only as that wish."""
    if one.is_wish:
        return one.offer_id in refused
    return one.offer_id.split(".", 1)[1] in {name.split(".", 1)[-1] for name in refused}


def is_vulnerable(book: Book, customer: Customer) -> bool:
    """Whether the law forbids to make anything but standard offers to this customer."""
    return "AIA-5" in book.law and bool(customer.over_indebted or customer.protected_adult)


def has_no_profile(book: Book, customer: Customer) -> bool:
    """Whether nothing may be weighed by what is believed about this customer."""
    return bool(customer.objects_to_profiling) or is_vulnerable(book, customer)


def no_limit(limit: int) -> float:
    """A limit, or infinity where none is stated."""
    return math.inf if limit < 0 else limit


def satisfies(customer: Customer, condition: Mapping[str, Any], today: datetime.date) -> bool:
    """Whether one customer meets one condition; what is not known meets none."""
    if "any_of" in condition:
        return any(satisfies(customer, one, today) for one in condition["any_of"])
    fact = _fact(customer, condition["fact"], today)
    if (isinstance(fact, float) and math.isnan(fact)) or (type(fact) is not bool and fact in UNKNOWN):
        return False
    return (
        ("at_least" not in condition or fact >= condition["at_least"])
        and ("at_most" not in condition or fact <= condition["at_most"])
        and ("equals" not in condition or fact == condition["equals"])
        and ("one_of" not in condition or fact in condition["one_of"])
    )


def _fact(customer: Customer, name: str, today: datetime.date) -> Any:
    derived = {"tenure_months": tenure_months, "remaining_months": remaining_months}
    return derived[name](customer, today) if name in derived else customer.facts[name]
