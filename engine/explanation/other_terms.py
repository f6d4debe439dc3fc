"""The terms of a candidate that could be otherwise: what an agent can change at once."""

from collections.abc import Iterator, Sequence

from engine.explanation.levers import Lever, term_lever
from engine.explanation.supposing import Matter, Supposition
from engine.money import smallest_gross
from engine.policy import COMMITMENTS
from engine.terms import NONE

MOST_CREDIT_CENTS = 100_000


def more_top_up(matter: Matter) -> Iterator[Lever]:
    """A higher top-up, up to the price in the shop; where the phone is no longer subsidised the law frees earlier."""
    device, top_up = matter.term("device"), matter.term("top_up_cents")
    if device != NONE:
        goods, vat_micro = matter.in_force.catalogue.goods, matter.in_force.law.vat_micro
        free = int(smallest_gross(goods.device_cost_cents[device], vat_micro))
        values = range(top_up + 1, int(goods.device_price_cents[device]) + 1)
        yield term_lever("top_up_cents", "cents", top_up, values, breaks=(free - top_up - 1,))


def less_top_up(matter: Matter) -> Iterator[Lever]:
    """A lower top-up."""
    device, top_up = matter.term("device"), matter.term("top_up_cents")
    if device != NONE and top_up:
        cost, vat_micro = matter.in_force.catalogue.goods.device_cost_cents[device], matter.in_force.law.vat_micro
        free = int(smallest_gross(cost, vat_micro))
        yield term_lever("top_up_cents", "cents", top_up, range(top_up - 1, -1, -1), breaks=(top_up - free,))


def less_discount(matter: Matter) -> Iterator[Lever]:
    """A smaller discount."""
    if discount := matter.term("discount_cents"):
        yield term_lever("discount_cents", "cents", discount, range(discount - 1, -1, -1))


def more_discount(matter: Matter) -> Iterator[Lever]:
    """A larger discount, up to the price."""
    discount = matter.term("discount_cents")
    if matter.term("discount_months"):
        values = range(discount + 1, int(matter.fact("price_cents")) + 1)
        yield term_lever("discount_cents", "cents", discount, values)


def less_credit(matter: Matter) -> Iterator[Lever]:
    """A smaller credit."""
    if credit := matter.term("credit_cents"):
        yield term_lever("credit_cents", "cents", credit, range(credit - 1, -1, -1))


def more_credit(matter: Matter) -> Iterator[Lever]:
    """A larger credit."""
    credit = matter.term("credit_cents")
    yield term_lever("credit_cents", "cents", credit, range(credit + 1, MOST_CREDIT_CENTS + 1))


def fewer_extras(matter: Matter) -> Iterator[Lever]:
    """One extra less, or none."""
    extras, names = matter.term("extras"), matter.in_force.catalogue.goods.extra_ids
    bits = [bit for bit in range(len(names)) if extras >> bit & 1]
    if bits:
        every = tuple(names[bit] for bit in bits)
        fewer = [tuple(name for name in every if name != names[bit]) for bit in bits]
        yield Lever(
            "extras", "extras", every, list(dict.fromkeys((*fewer, ()))), lambda kept: _with_extras(matter, kept)
        )


def _with_extras(matter: Matter, kept: Sequence[str]) -> Supposition:
    bits = matter.in_force.catalogue.extra_bit
    return Supposition(terms={"extras": sum(1 << bits[name] for name in kept)})


def other_commitment(matter: Matter) -> Iterator[Lever]:
    """Another commitment; discount and extras last no longer than it."""
    months, discount = matter.term("commitment_months"), matter.term("discount_cents")
    stated = matter.term("discount_months")
    free = matter.in_force.policy["months_of_discount_without_commitment"]

    def suppose(value: int) -> Supposition:
        lasts = (min(stated or value, value) if discount else value) if value else free
        return Supposition(terms={"commitment_months": value, "discount_months": lasts})

    others = sorted((other for other in COMMITMENTS if other != months), key=lambda other: abs(other - months))
    yield Lever("commitment_months", "months", months, others, suppose)


def no_trade_in(matter: Matter) -> Iterator[Lever]:
    """The same without taking a device back."""
    names = matter.in_force.catalogue.goods.device_ids
    if (taken := matter.term("trade_in")) != NONE:
        yield Lever("trade_in", "device", names[taken], [None], lambda _: Supposition(terms={"trade_in": NONE}))


def twin_beside(matter: Matter) -> Iterator[Lever]:
    """The same offer at 12 months beside it, as it is made for composed terms."""
    if not matter.composed:
        yield Lever("twin", "offer", None, ["composed"], lambda _: Supposition(composed=True))
