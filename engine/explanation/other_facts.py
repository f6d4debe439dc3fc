"""The facts of a customer and of their case that could be otherwise, and who asks."""

from collections.abc import Iterator
from typing import Any

from engine.dates import add_months, day
from engine.explanation.levers import Chance, Lever, fact_lever
from engine.explanation.supposing import AS_IT_IS, Matter, Supposition
from engine.fields import NOTHING_REFUSED_MICRO, OUTBOUND_CHANNELS, REASONS_FOR_CONTACT
from engine.policy import ROLES_THAT_OFFER
from engine.rules.ladder import refused_as
from engine.tables import MICRO
from engine.terms import NONE

MOST_PRICE_CENTS = 1_000_000


def role(matter: Matter) -> Iterator[Lever]:
    """A role that may grant more."""
    now = matter.fact("role")
    rank = ROLES_THAT_OFFER.index(now) + 1 if now in ROLES_THAT_OFFER else 0
    yield fact_lever("role", "role", now, ROLES_THAT_OFFER[rank:])


def repaired(matter: Matter) -> Iterator[Lever]:
    """The fault repaired."""
    yield fact_lever("open_fault", "text", matter.fact("open_fault"), [""])


def promise_kept(matter: Matter) -> Iterator[Lever]:
    """The promise kept."""
    yield fact_lever("unkept_promise", "text", matter.fact("unkept_promise"), [""])


def in_stock(matter: Matter) -> Iterator[Lever]:
    """One of the device in stock."""
    names = matter.in_force.catalogue.goods.device_ids
    if (device := matter.term("device")) != NONE:
        left = tuple(name for name in matter.fact("sold_out") if name != names[device])
        there = Supposition(facts={"sold_out": left}, in_stock=True)
        yield Lever("stock", "count", 0, [1], lambda _: there)


def no_objection(matter: Matter) -> Iterator[Lever]:
    """No objection to profiling."""
    if matter.fact("objects_to_profiling"):
        yield fact_lever("objects_to_profiling", "flag", True, [False])


def not_vulnerable(matter: Matter) -> Iterator[Lever]:
    """Neither over-indebted nor under legal protection, whichever it is."""
    for name in ("over_indebted", "protected_adult"):
        if matter.fact(name):
            yield fact_lever(name, "flag", True, [False])


def they_call(matter: Matter) -> Iterator[Lever]:
    """The customer comes to us."""
    if matter.fact("channel") in OUTBOUND_CHANNELS:
        yield fact_lever("channel", "choice", matter.fact("channel"), ["phone_in"])


def less_remaining(matter: Matter) -> Iterator[Lever]:
    """Months of the current commitment gone."""
    left = matter.derived("remaining_months")
    today = day(matter.today)

    def suppose(months: int) -> Supposition:
        return Supposition(facts={"commitment_end": add_months(today, months)})

    yield Lever("remaining_months", "months", left, range(left - 1, -1, -1), suppose)


def device_in_use(matter: Matter) -> Iterator[Lever]:
    """The customer uses the device that is taken back."""
    names = matter.in_force.catalogue.goods.device_ids
    if (taken := matter.term("trade_in")) != NONE:
        yield fact_lever("current_device", "device", matter.fact("current_device"), [names[taken]])


def less_granted(matter: Matter) -> Iterator[Lever]:
    """Less granted on the customer's other lines."""
    granted = int(matter.fact("account_granted_cents"))
    yield fact_lever("account_granted_cents", "cents", granted, range(granted - 1, -1, -1))


def higher_price(matter: Matter) -> Iterator[Lever]:
    """A dearer tariff; not of a wish, which under another price is another wish."""
    price = int(matter.fact("price_cents"))
    if matter.term("template") != matter.in_force.catalogue.wish_template:
        yield fact_lever("price_cents", "cents", price, range(price + 1, MOST_PRICE_CENTS + 1))


def fewer_refusals(matter: Matter) -> Iterator[Lever]:
    """Fewer offers refused in this round."""
    taken = int(matter.fact("steps_taken"))
    yield fact_lever("steps_taken", "count", taken, range(taken - 1, -1, -1))


def not_refused(matter: Matter) -> Iterator[Lever]:
    """Neither the offer nor its device refused in this round."""
    terms, catalogue = matter.terms.at(0, 0), matter.in_force.catalogue
    refused, unwanted = matter.fact("refused_offers"), matter.fact("unwanted_devices")
    device = (*catalogue.goods.device_ids, "")[terms["device"]]
    about = {
        "refused_offers": (refused, refused_as(catalogue, terms, refused)),
        "unwanted_devices": (unwanted, [device]),
    }
    facts = {
        name: tuple(one for one in said if one not in spared)
        for name, (said, spared) in about.items()
        if not set(spared).isdisjoint(said)
    }
    if facts:
        yield Lever("refused", "flag", True, [False], lambda _: Supposition(facts=facts))


def nothing_refused(matter: Matter) -> Iterator[Lever]:
    """No offer refused in this round that is worth more to the customer."""
    yield Lever(
        "better_refused",
        "flag",
        True,
        [False],
        lambda _: Supposition(facts={"least_worth_micro": NOTHING_REFUSED_MICRO}),
    )


def longer_accepted(matter: Matter) -> Iterator[Lever]:
    """A longer commitment accepted by the customer."""
    limit, term = int(matter.fact("wants_max_commitment_months")), matter.term("commitment_months")
    if 0 <= limit < term:
        yield fact_lever("wants_max_commitment_months", "months", limit, range(limit + 1, term + 1))


def more_upfront_accepted(matter: Matter) -> Iterator[Lever]:
    """More to pay at once accepted by the customer."""
    limit, top_up = int(matter.fact("wants_max_upfront_cents")), matter.term("top_up_cents")
    if 0 <= limit < top_up:
        yield fact_lever("wants_max_upfront_cents", "cents", limit, range(limit + 1, top_up + 1))


def asked_for(matter: Matter) -> Iterator[Lever]:
    """The customer asks for it: its device or its extras."""
    terms, goods = matter.terms.at(0, 0), matter.in_force.catalogue.goods
    facts: dict[str, Any] = {}
    if terms["device"] != NONE:
        facts["wants_device"] = goods.device_ids[terms["device"]]
    elif terms["extras"]:
        facts["wants_needs"] = tuple(name for bit, name in enumerate(goods.extra_ids) if terms["extras"] >> bit & 1)
    if facts:
        yield Lever("asked_for", "flag", False, [True], lambda _: Supposition(facts=facts))


def likelier_to_leave(matter: Matter) -> Iterator[Lever]:
    """A higher chance of leaving."""
    if not matter.judge([AS_IT_IS]).question.profiled[0]:
        return
    chance = int(matter.scores.p_churn_micro[0])
    now = chance if 0 <= chance <= MICRO else matter.in_force.policy.micro("p_churn_when_unknown")
    yield Chance(
        "p_churn", "share", now / MICRO, range(now + 1, MICRO), lambda micro: Supposition(chance_micro=int(micro))
    )


def another_reason(matter: Matter) -> Iterator[Lever]:
    """Another reason for the contact."""
    now = matter.fact("reason_for_contact")
    yield fact_lever("reason_for_contact", "choice", now, [one for one in REASONS_FOR_CONTACT if one != now])
