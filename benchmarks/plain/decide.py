"""One decision in plain Python: a loop over the candidates, each rule a few scalar lines."""

import math
from dataclasses import dataclass
from typing import Any

from benchmarks.plain.book import MICRO, Book, Candidate
from benchmarks.plain.customer import Customer, half_up

TWIN_MONTHS = 12


@dataclass(slots=True)
class Verdict:
    """A candidate weighed for one customer, and the rules that refuse it."""

    offer: Candidate
    secured: int
    surplus: int
    asked_for: bool
    p_accept: int
    value: int
    refused: list[str]


@dataclass(frozen=True)
class Decision:
    """What lies on the table of one customer, and the verdict on every candidate."""

    stance: str
    offers: list[Verdict]
    entitlements: list[Verdict]
    verdicts: list[Verdict]


def decide(book: Book, facts: dict[str, Any], p_churn: int, window: int) -> Decision:
    """What to offer one customer; `p_churn` in 1e-6 over `window` months (below 1: unknown)."""
    customer = Customer(book, facts, p_churn, window)
    listed = judge(book.candidates, customer)
    personal = judge(wish_candidates(customer), customer) if customer.wishes else []
    offers = table(listed, personal, customer)
    if facts["open_fault"]:
        stance = "repair_first"
    elif not customer.profiled:
        stance = "standard_only"
    else:
        stance = "offer" if offers else "leave_alone"
    dues = [one for one in listed if one.offer.entitlement and not one.refused]
    return Decision(stance, offers, dues, listed + personal)


def judge(candidates: list[Candidate], customer: Customer) -> list[Verdict]:
    """Every candidate weighed, then judged; an offer over 12 months passes with its twin."""
    eligible = [meets(offer.get("conditions", ()), customer.facts) for offer in customer.book.templates] + [True]
    verdicts = []
    for offer in candidates:
        secured = lowest_margin(offer, customer) + offer.once
        surplus = surplus_of(offer, customer)
        asked = customer.asked_for(offer)
        p_accept, value = weigh(offer, surplus, asked, customer)
        refused = limits(offer, secured, eligible[offer.template], customer)
        verdicts.append(Verdict(offer, secured, surplus, asked, p_accept, value, refused))
    twins: dict[Any, int] = {}
    for one in verdicts:
        if one.offer.months == TWIN_MONTHS and not one.refused:
            twins[one.offer.twin] = min(one.offer.top_up, twins.get(one.offer.twin, one.offer.top_up))
    for one in verdicts:
        if one.offer.months > TWIN_MONTHS and one.offer.twin not in twins:
            one.refused.append("FR-TWIN12")
        elif (
            one.offer.months > TWIN_MONTHS
            and twins[one.offer.twin] - one.offer.top_up > customer.book.number["twin_gap_cents"]
        ):
            one.refused.append("FR-TWINGAP")
        if one.surplus < 0 and not one.asked_for and not one.offer.entitlement:
            one.refused.append("WORTH-NOTHING")
        if not within_what_was_said(one.offer, customer):
            one.refused.append("BEYOND-LIMIT")
        if one.value <= 0 and weighed(one.offer, customer):
            one.refused.append("BELOW-NOTHING")
    return verdicts


def lowest_margin(offer: Candidate, customer: Customer) -> int:
    """The lowest monthly margins plus lawful exit fee over every month of leaving."""
    months, lasts = offer.months, min(offer.discount_months, offer.months)
    key = (months, offer.discount, lasts, offer.extras_cost, offer.subsidised)
    if key in customer.lowest:
        return customer.lowest[key]
    book, price, price_net = customer.book, customer.price, customer.price_net
    rule = book.exits[offer.subsidised]
    found = []
    for month in range(months + 1):
        kept = month * (customer.earned - offer.extras_cost) - min(month, lasts) * offer.discount_net
        left, discounted = months - month, max(lasts - month, 0)
        if rule and months > TWIN_MONTHS and month >= rule.after_months:
            dues = max(left * price - discounted * offer.discount, 0)
            found.append(kept + book.net(dues * rule.share // MICRO))
        else:
            found.append(kept + left * price_net - discounted * offer.discount_net)
    customer.lowest[key] = min(found)
    return customer.lowest[key]


def surplus_of(offer: Candidate, customer: Customer) -> int:
    """What the terms are worth to the customer, in 1e-6 cents a month."""
    total = offer.received * MICRO
    for taste, worth in offer.worth:
        total += worth * customer.tastes.get(taste, MICRO)
    return int(total // customer.book.number["worth_months"])


def weigh(offer: Candidate, surplus: int, asked: bool, customer: Customer) -> tuple[int, int]:
    """(chance that it is accepted in 1e-6, value in cents against offering nothing)."""
    number, outlook = customer.book.number, customer.outlook
    gain = surplus * number["euro_log_odds"] / (100 * MICRO) + asked * number["asked_for_log_odds"]
    accept = math.exp(min(max(gain - number["hassle_log_odds"], -50.0), 50.0))
    scale = MICRO / (1 + accept + customer.leave)
    p_accept, p_leave = round(accept * scale), round(customer.leave * scale)
    months = customer.earned * outlook.accepter[offer.months]
    given = offer.discount_net * outlook.within[offer.months, offer.discount_months]
    given += offer.extras_cost * outlook.within[offer.months, offer.extras_months]
    accepted = half_up(months - given) + offer.once
    expected = p_accept * accepted + p_leave * customer.left + (MICRO - p_accept - p_leave) * customer.refused
    return p_accept, half_up(expected) - customer.contact_cost - customer.nothing


def limits(offer: Candidate, secured: int, eligible: bool, customer: Customer) -> list[str]:
    """The limits that refuse an offer, twins aside."""
    facts, book, refused = customer.facts, customer.book, []
    if facts["open_fault"]:
        refused.append("HOUSE-REPAIR-FIRST")
    if not customer.profiled and not offer.entitlement and (customer.called or not offer.standard):
        refused.append("GDPR-21")
    if not eligible:
        refused.append("HOUSE-ELIGIBLE")
    if offer.trade_in and facts["current_device"] != offer.trade_in:
        refused.append("HOUSE-TRADE-IN")
    if offer.device:
        device = book.devices[offer.device]
        if device["stock"] <= 0:
            refused.append("HOUSE-STOCK")
        if offer.top_up > device["price_cents"]:
            refused.append("HOUSE-SHOP-PRICE")
    if offer.discount > customer.price:
        refused.append("HOUSE-PRICE")
    if not offer.entitlement and lacks(offer, customer) > 0:
        refused.append("HOUSE-MONTH")
    if offer.months:
        counted = offer.months + (facts["remaining_months"] if offer.after_current else 0)
        if counted < facts["remaining_months"]:
            refused.append("HOUSE-SHORTENS")
        if counted > book.longest_months:
            refused.append("FR-MAX24")
        if secured < share_floor(offer, customer):
            refused.append("HOUSE-FLOOR-SHARE")
    if secured < book.number[f"floor_cents_{offer.months}"]:
        refused.append("HOUSE-FLOOR-CENTS")
    if offer.depth > customer.limit and not offer.entitlement:
        refused.append("HOUSE-AUTHORITY")
    return refused


def lacks(offer: Candidate, customer: Customer) -> int:
    """What a month without commitment lacks to pay for its discount and extras, in net cents."""
    given = offer.discount_net + offer.extras_cost
    return given - customer.earned if given and not offer.months else 0


def within_what_was_said(offer: Candidate, customer: Customer) -> bool:
    """Whether an offer is no longer and no dearer at once than the customer accepts."""
    if offer.entitlement or offer.template == customer.book.wish_template:
        return True
    months, _, upfront = customer.excess(offer)
    return months == 0 and upfront == 0


def share_floor(offer: Candidate, customer: Customer) -> int:
    """The margin that is the floor's share of the net revenue of the commitment, rounded up."""
    revenue = offer.months * customer.price_net - min(offer.discount_months, offer.months) * offer.discount_net
    return -(-revenue * customer.book.micro("floor_share") // MICRO)


def weighed(offer: Candidate, customer: Customer) -> bool:
    """Whether an offer has to beat offering nothing."""
    if offer.entitlement or not customer.profiled:
        return False
    return offer.template != customer.book.wish_template or customer.book.number["wish_below_nothing"] == "hide"


def meets(conditions: Any, facts: dict[str, Any]) -> bool:
    """Whether a customer meets every condition of a template; an unknown fact meets none."""
    return all(
        meets_any(condition["any_of"], facts) if "any_of" in condition else holds(condition, facts[condition["fact"]])
        for condition in conditions
    )


def meets_any(conditions: Any, facts: dict[str, Any]) -> bool:
    """Whether a customer meets one of some conditions."""
    return any(meets([condition], facts) for condition in conditions)


def holds(condition: dict[str, Any], fact: Any) -> bool:
    """Whether one fact is known and as the condition wants it."""
    if fact is None or fact == "" or (type(fact) is int and fact < 0):
        return False
    if "at_least" in condition and fact < condition["at_least"]:
        return False
    if "at_most" in condition and fact > condition["at_most"]:
        return False
    if "equals" in condition and fact != condition["equals"]:
        return False
    return "one_of" not in condition or fact in condition["one_of"]


def wish_candidates(customer: Customer) -> list[Candidate]:
    """What the customer asks for, at every commitment: exact, then the nearest within authority where it differs."""
    exact, nearer = [], []
    for months in customer.book.wish_months:
        discount = max(customer.price - customer.most_monthly, 0) if customer.most_monthly >= 0 else 0
        plain = wish(customer, months, discount, 0)
        if customer.wants_device:
            best = wish(customer, months, discount, smallest_top_up(plain, customer, 0))
            deep = customer.book.gross(plain.depth - customer.limit)
            near = wish(customer, months, discount, smallest_top_up(plain, customer, deep))
        else:
            best, near = plain, wish(customer, months, largest_discount(plain, customer), 0)
        exact.append(best)
        nearer += [near] if near.offer_id != best.offer_id else []
    return exact + nearer


def wish(customer: Customer, months: int, discount: int, top_up: int) -> Candidate:
    """The wish at one commitment, discount and top-up."""
    lasts = months or customer.book.number["months_of_discount_without_commitment"]
    terms = (months, discount, lasts, 0, top_up, tuple(sorted(customer.wants)))
    return customer.book.candidate(customer.book.wish_template, customer.wants_device, "", terms)


def missing(offer: Candidate, customer: Customer) -> int:
    """Net cents that an offer lacks to keep both floors; negative where it keeps more."""
    floor = customer.book.number[f"floor_cents_{offer.months}"]
    if offer.months:
        floor = max(floor, share_floor(offer, customer))
    return floor - lowest_margin(offer, customer) - offer.once


def smallest_top_up(plain: Candidate, customer: Customer, at_least: int) -> int:
    """The smallest top-up that keeps the margin; from the cost of the phone on it is no longer subsidised."""
    book, cost = customer.book, customer.book.devices[plain.device]["cost_cents"]
    low = max(book.gross(missing(plain, customer)), at_least)
    if book.net(low) < cost:
        return low
    first = book.gross(cost)
    paid = wish(customer, plain.months, plain.discount, first)
    return max(first, book.gross(book.net(first) + missing(paid, customer)), at_least)


def largest_discount(plain: Candidate, customer: Customer) -> int:
    """The largest discount, up to the wanted one, that keeps margin and authority; 0 at least."""
    low, high = 0, plain.discount + 1
    while high - low > 1:
        middle = (low + high) // 2
        offer = wish(customer, plain.months, middle, 0)
        if missing(offer, customer) <= 0 and offer.depth <= customer.limit and lacks(offer, customer) <= 0:
            low = middle
        else:
            high = middle
    return low


def table(listed: list[Verdict], personal: list[Verdict], customer: Customer) -> list[Verdict]:
    """The wish first, else the best; then two alternatives of other kinds with a near margin."""
    shadow = customer.book.micro("shadow_price")

    def score(one: Verdict) -> int:
        if not customer.profiled:
            return -one.offer.template
        return one.value - max(one.offer.depth, 0) * shadow // MICRO

    free = [one for one in listed if not one.refused and not one.offer.entitlement]
    main = answer_to_the_wish(personal, customer) or max(free, key=score, default=None)
    if main is None:
        return []
    offers, near = [main], customer.book.number["near_margin_cents"]
    for _ in range(2):
        kinds = {one.offer.kind for one in offers}
        others = [one for one in free if one.offer.kind not in kinds]
        if customer.profiled:
            others = [one for one in others if abs(one.secured - main.secured) <= near]
        if others:
            offers.append(max(others, key=score))
    return offers


def answer_to_the_wish(personal: list[Verdict], customer: Customer) -> Verdict | None:
    """The wish within every limit that is worth most to the customer, else the nearest."""
    free = [one for one in personal if not one.refused]
    if met := [one for one in free if one.asked_for]:
        return max(met, key=lambda one: one.surplus)
    number = customer.book.number

    def shortfall(one: Verdict) -> int:
        months, monthly, upfront = customer.excess(one.offer)
        return int(upfront + number["worth_months"] * (monthly + months * number["commitment_worth_cents"]))

    return min(free, key=shortfall, default=None)
