"""Terms that are given, not searched: the verdict on them, and the nearest that pass, as docs/arithmetic.md tells."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.slow_reference.book import Book, Candidate, months_of_discount
from tests.slow_reference.customer import Customer
from tests.slow_reference.verdicts import Judged, judge
from tests.slow_reference.wish import largest_credit, largest_discount, smallest_within_authority

SOFT = {"LADDER-OVER", "LADDER-REFUSED", "LADDER-BETTER", "WORTH-NOTHING", "BEYOND-LIMIT", "BELOW-NOTHING"}


def given(book: Book, plain: Mapping[str, Any]) -> Candidate:
    """A candidate of some template, at any terms that name what the book knows."""
    model = next((one for one in book.listed if one.template == plain["template"]), None)
    months, discount = plain["commitment_months"], plain["discount_cents"]
    stated = plain["discount_months"] if discount else plain["extras_months"] if not months else None
    one = Candidate(
        template=plain["template"],
        kind=model.kind if model else "device",
        commitment_months=months,
        discount_months=months_of_discount(months, stated or None, book.numbers),
        device=plain["device"] or "",
        trade_in=plain["trade_in"] or "",
        discount_cents=discount,
        credit_cents=plain["credit_cents"],
        top_up_cents=plain["top_up_cents"],
        extras=tuple(sorted(plain["extras"])),
        place=model.place if model else 0,
        after_current=bool(model and model.after_current),
        words=model.words if model else "",
        conditions=model.conditions if model else book.wish_conditions,
    )
    return replace(one, **_privileges(book, one))


def _privileges(book: Book, one: Candidate) -> dict[str, bool]:
    for other in book.listed:
        same_months = (other.discount_months, other.extras_months) == (one.discount_months, one.extras_months)
        months_matter = one.discount_cents > 0 or (one.extras and not one.commitment_months)
        if other.offer_id == one.offer_id and (same_months or not months_matter):
            return {"standard": other.standard, "entitlement": other.entitlement}
    return {"standard": False, "entitlement": False}


def verdict(book: Book, plain: Mapping[str, Any], customer: Customer) -> Judged:
    """What refuses given terms; their twin is the one that came with them, else the same services at 12 months."""
    return _judged(book, given(book, plain), customer, plain.get("twin"))


def _judged(book: Book, one: Candidate, customer: Customer, twin: Mapping[str, Any] | None = None) -> Judged:
    if "FR-TWIN12" not in book.law or one.commitment_months <= book.law["FR-TWIN12"]["months"]:
        return judge(book, [one], customer)[0]
    short = given(book, twin) if twin else _twin(book, one, customer)
    return judge(book, [one, short], customer)[0]


def _twin(book: Book, one: Candidate, customer: Customer) -> Candidate:
    short = replace(one, commitment_months=12, discount_months=min(one.discount_months, 12))
    if one.device:
        found = smallest_within_authority(book, short, customer)
        short = replace(short, top_up_cents=max(found, one.top_up_cents))
    return replace(short, **_privileges(book, short))


def missing_cents(book: Book, judged: Judged) -> int:
    """How much of the secured margin is missing to the higher of both floors."""
    months = judged.candidate.commitment_months
    needed = book.numbers[f"floor_cents_{months}"]
    if months:
        needed = max(needed, judged.weighed.share_floor_cents)
    return max(0, needed - judged.weighed.secured_cents)


def nearest(book: Book, one: Candidate, customer: Customer) -> Candidate | None:
    """The nearest terms within every hard limit: a lever at a time, a cent at a time."""
    for nearer in _nearer(book, one, customer):
        settled = replace(nearer, **_privileges(book, nearer))
        if not _judged(book, settled, customer).refused_by - SOFT:
            return settled
    return None


def _nearer(book: Book, one: Candidate, customer: Customer) -> list[Candidate]:
    if one.device:
        return [replace(one, top_up_cents=smallest_within_authority(book, one, customer))]
    found = []
    shapes = [one]
    if "FR-TWIN12" in book.law and one.commitment_months > book.law["FR-TWIN12"]["months"]:
        shapes.append(replace(one, commitment_months=12, discount_months=min(one.discount_months, 12)))
    if one.discount_cents:
        capped = [replace(shape, discount_cents=min(one.discount_cents, customer.price_cents)) for shape in shapes]
        found.append(replace(one, discount_cents=min(largest_discount(book, shape, customer) for shape in capped)))
    if one.credit_cents:
        found.append(replace(one, credit_cents=min(largest_credit(book, shape, customer) for shape in shapes)))
    return found
