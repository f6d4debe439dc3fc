"""The candidates that a wish makes: found cent by cent, as docs/arithmetic.md tells, whatever the rules say of them."""

from collections.abc import Callable
from dataclasses import replace

from tests.slow_reference.book import Book, Candidate, months_of_discount
from tests.slow_reference.customer import Customer, Wish, read_wish
from tests.slow_reference.margin import (
    account_left_cents,
    authority_cents,
    depth,
    device_cost,
    keeps_floors,
    month_pays,
)
from tests.slow_reference.money import net

Holds = Callable[[int], bool]


def wish_candidates(book: Book, customer: Customer) -> list[Candidate]:
    """The exact candidate of every commitment and, where it differs, the one within the authority of the role."""
    wish = read_wish(book, customer)
    found = []
    for months in book.wish_commitments if wish.stated else ():
        wanted = _wanted(book, wish, months)
        exact = _exact(book, wanted, customer)
        found.append(exact)
        within = _within_authority(book, wanted, customer)
        if within.offer_id != exact.offer_id:
            found.append(within)
    return found


def _wanted(book: Book, wish: Wish, months: int) -> Candidate:
    return _of_kind(
        Candidate(
            template="wish",
            kind="",
            commitment_months=months,
            discount_months=months_of_discount(months, None, book.numbers),
            device=wish.device,
            discount_cents=wish.discount_cents,
            extras=wish.extras,
            conditions=book.wish_conditions,
        )
    )


def _of_kind(candidate: Candidate) -> Candidate:
    kind = "device" if candidate.device else "discount" if candidate.discount_cents else "extras"
    return replace(candidate, kind=kind)


def _exact(book: Book, wanted: Candidate, customer: Customer) -> Candidate:
    if not wanted.device:
        return wanted
    return _smallest(book, wanted, lambda candidate: keeps_floors(book, candidate, customer))


def _within_authority(book: Book, wanted: Candidate, customer: Customer) -> Candidate:
    if wanted.device:
        return replace(wanted, top_up_cents=smallest_within_authority(book, wanted, customer), exact=False)
    discount = largest_discount(book, wanted, customer)
    return _of_kind(replace(wanted, discount_cents=discount, exact=False))


def keeps_all(book: Book, candidate: Candidate, customer: Customer) -> bool:
    """Whether a candidate keeps floors, authority and account."""
    authority = min(authority_cents(book, customer), account_left_cents(book, customer))
    return depth(book, candidate) <= authority and keeps_floors(book, candidate, customer)


def smallest_within_authority(book: Book, wanted: Candidate, customer: Customer) -> int:
    """The smallest top-up that keeps floors, authority and account."""
    return _smallest(book, wanted, lambda candidate: keeps_all(book, candidate, customer)).top_up_cents


def largest_discount(book: Book, wanted: Candidate, customer: Customer) -> int:
    """The largest discount up to the wanted one that keeps all that, and pays for its months; 0 where none does.

    A cent less is never deeper: so one begins with the first that is not too deep, and tries every cent from there.
    """
    allowed = min(authority_cents(book, customer), account_left_cents(book, customer))

    def not_too_deep(taken_off: int) -> bool:
        return depth(book, replace(wanted, discount_cents=wanted.discount_cents - taken_off)) <= allowed

    first = wanted.discount_cents - bisect(not_too_deep, 0, wanted.discount_cents)
    return scan_discount(book, replace(wanted, discount_cents=first), customer)


def scan_discount(book: Book, wanted: Candidate, customer: Customer) -> int:
    """The same by trying every cent; it proves the quicker search."""
    for discount in range(wanted.discount_cents, -1, -1):
        candidate = replace(wanted, discount_cents=discount)
        pays = candidate.commitment_months > 0 or month_pays(book, candidate, customer)
        if pays and keeps_all(book, candidate, customer):
            return discount
    return 0


def largest_credit(book: Book, wanted: Candidate, customer: Customer) -> int:
    """The largest credit up to the wanted one that keeps floors, authority and account; 0 where none does."""

    def keeps(taken_off: int) -> bool:
        return keeps_all(book, replace(wanted, credit_cents=wanted.credit_cents - taken_off), customer)

    return wanted.credit_cents - (
        bisect(keeps, 0, wanted.credit_cents) if keeps(wanted.credit_cents) else wanted.credit_cents
    )


def _smallest(book: Book, wanted: Candidate, keeps: Callable[[Candidate], bool]) -> Candidate:
    def holds(top_up: int) -> bool:
        return keeps(replace(wanted, top_up_cents=top_up))

    return replace(wanted, top_up_cents=smallest_top_up(holds, first_unsubsidised(book, wanted)))


def first_unsubsidised(book: Book, wanted: Candidate) -> int:
    """The smallest top-up whose net covers the cost of the device."""
    cost = device_cost(book, wanted)
    return bisect(lambda top_up: net(top_up, book.vat_micro) >= cost, 0, 2 * cost + 2)


def smallest_top_up(holds: Holds, turning: int) -> int:
    """The smallest top-up that holds; below and from `turning` on, holding at one cent means holding at the next."""
    if turning > 0 and holds(turning - 1):
        return bisect(holds, 0, turning - 1)
    high = turning + 1
    while not holds(high):
        high = 2 * high
    return bisect(holds, turning, high)


def scan_top_up(holds: Holds) -> int:
    """The smallest top-up that holds, by trying every cent; it proves the quicker search."""
    top_up = 0
    while not holds(top_up):
        top_up += 1
    return top_up


def bisect(holds: Holds, low: int, high: int) -> int:
    """The first of low..high that holds, where `high` holds and none holds before one that does not."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low
