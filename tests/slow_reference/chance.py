"""What chance makes of one customer's main offer: the arm, what comes out, how many of a million cells lead there."""

import datetime
from dataclasses import dataclass
from hashlib import sha256

from tests.slow_reference.book import Book
from tests.slow_reference.customer import Customer
from tests.slow_reference.money import MICRO
from tests.slow_reference.verdicts import Judged, has_no_profile


@dataclass(frozen=True)
class Ranked:
    """A candidate that may be the main offer, and its score."""

    judged: Judged
    score: int


@dataclass(frozen=True)
class Drawn:
    """What was drawn; `main` is None for nothing."""

    arm: str
    main: Ranked | None
    probability_micro: int


def draw(book: Book, customer: Customer, ranked: list[Ranked]) -> Drawn:
    """What chance makes of candidates in the order of their scores: every cell is looked at, one by one kind."""
    control = book.numbers["control_share"]
    explore = min(book.numbers["explore_share"], MICRO - control)
    best, standard = (ranked[0] if ranked else None), _standard(ranked, customer)
    near = _near_equals(book, customer, ranked)
    cells = [(control, standard), (MICRO - control - explore, best)]
    cells += [(_cells_of(place, len(near), explore), one) for place, one in enumerate(near)]
    account = customer.customer_id or customer.contract_id
    salt = str(book.numbers["chance_salt"])
    if cell(MICRO, "control", salt, _validity(book).isoformat(), account) < control:
        arm, main = "control", standard
    else:
        step = (str(customer.steps_taken), *sorted(customer.refused_offers))
        drawn = cell(MICRO - control, "explore", salt, book.today.isoformat(), account, customer.contract_id, *step)
        if drawn < explore and len(near) > 1:
            arm, main = "explore", near[drawn * len(near) // explore]
        else:
            arm, main = "best", best
    return Drawn(arm, main, sum(count for count, one in cells if one is main))


def cell(cells: int, *lines: str) -> int:
    """One of so many equally likely cells."""
    number = int(sha256("\n".join(lines).encode("utf-8")).hexdigest()[:16], 16)
    return number * cells // 2**64


def _validity(book: Book) -> datetime.date:
    """The first day of the validity, found by going through them all."""
    first = following = datetime.date(2000, 1, 1)
    while following <= book.today:
        first = following
        for _ in range(book.numbers["control_months"]):
            following = (following + datetime.timedelta(days=31)).replace(day=1)
    return first


def _standard(ranked: list[Ranked], customer: Customer) -> Ranked | None:
    if customer.channel == "phone_out":
        return None
    candidates = [one for one in ranked if one.judged.candidate.standard]
    return min(candidates, key=lambda one: (one.judged.candidate.place, one.judged.candidate.offer_id), default=None)


def _near_equals(book: Book, customer: Customer, ranked: list[Ranked]) -> list[Ranked | None]:
    if not ranked:
        return [None]
    if has_no_profile(book, customer):
        return [ranked[0]]
    apart, highest = book.numbers["near_value_cents"], ranked[0].score
    near: list[Ranked | None] = [one for one in ranked if highest - one.score <= apart]
    near.sort(key=lambda one: one.judged.candidate.offer_id if one else "")
    return [*near, None] if highest <= apart else near


def _cells_of(place: int, many: int, explore: int) -> int:
    """How many of the exploring cells u have floor(u many / explore) = place."""
    if explore == 0:
        return 0
    return -(-(place + 1) * explore // many) + (-place * explore // many)
