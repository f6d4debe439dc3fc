"""The answer for one customer: what lies on the table, what is due, and why everything else was refused."""

from dataclasses import dataclass

from tests.slow_reference.book import Book
from tests.slow_reference.chance import Drawn, Ranked, draw
from tests.slow_reference.customer import Customer, read_wish
from tests.slow_reference.money import MICRO, down
from tests.slow_reference.verdicts import Judged, has_no_profile, judge
from tests.slow_reference.wish import wish_candidates
from tests.slow_reference.worth import excesses


@dataclass(frozen=True)
class Answer:
    """Ids in the order they are laid out; `wish` is the answer to the wish, "" where there is none."""

    stance: str
    offers: tuple[str, ...]
    wish: str
    wish_met: bool
    entitlements: tuple[str, ...]
    listed: tuple[Judged, ...]
    personal: tuple[Judged, ...]
    arm: str
    probability_micro: int


def answer(book: Book, customer: Customer) -> Answer:
    """The answer for one customer under the rulebook of one day."""
    listed = judge(book, book.listed, customer)
    personal = judge(book, wish_candidates(book, customer), customer)
    wish, met = _answer_to_the_wish(book, personal, customer)
    drawn = draw(book, customer, _ranked(book, listed, customer))
    offers = _table(book, listed, wish, drawn, customer)
    return Answer(
        stance=_stance(book, bool(offers), customer),
        offers=tuple(one.candidate.offer_id for one in offers),
        wish=wish.candidate.offer_id if wish else "",
        wish_met=met,
        entitlements=tuple(one.candidate.offer_id for one in _free(listed) if one.candidate.entitlement),
        listed=tuple(listed),
        personal=tuple(personal),
        arm="best" if wish and drawn.arm == "explore" else drawn.arm,
        probability_micro=MICRO if wish else drawn.probability_micro,
    )


def _free(judged: list[Judged]) -> list[Judged]:
    return [one for one in judged if not one.refused_by]


def _answer_to_the_wish(book: Book, personal: list[Judged], customer: Customer) -> tuple[Judged | None, bool]:
    if not read_wish(book, customer).stated or not _free(personal):
        return None, False

    def tie(one: Judged) -> tuple[bool, int]:
        return not one.candidate.exact, one.candidate.commitment_months

    met = [one for one in _free(personal) if one.weighed.asked_for]
    if met:
        return min(met, key=lambda one: (-one.weighed.surplus_micro, tie(one))), True

    def distance(one: Judged) -> int:
        top_up, monthly, months = excesses(one.candidate, customer)
        each_month = monthly + months * book.numbers["commitment_worth_cents"]
        return int(top_up + book.numbers["worth_months"] * each_month)

    return min(_free(personal), key=lambda one: (distance(one), tie(one))), False


def _ranked(book: Book, listed: list[Judged], customer: Customer) -> list[Ranked]:
    ranked = [one for one in _free(listed) if not one.candidate.entitlement]
    scored = [Ranked(one, _score(book, one, customer)) for one in ranked]
    return sorted(scored, key=lambda each: (-each.score, each.judged.candidate.offer_id))


def _table(book: Book, listed: list[Judged], wish: Judged | None, drawn: Drawn, customer: Customer) -> list[Judged]:
    main = wish or (drawn.main.judged if drawn.main else None)
    if main is None:
        return []
    table = [main]
    for each in _ranked(book, listed, customer):
        if not wish and drawn.main and each.score > drawn.main.score:
            continue
        one = each.judged
        if drawn.arm == "control" and not one.candidate.standard:
            continue
        is_near = abs(one.weighed.secured_cents - table[0].weighed.secured_cents) <= book.numbers[
            "near_margin_cents"
        ] or has_no_profile(book, customer)
        if len(table) < 3 and is_near and one.candidate.kind not in {other.candidate.kind for other in table}:
            table.append(one)
    return table


def _score(book: Book, one: Judged, customer: Customer) -> int:
    if has_no_profile(book, customer):
        return -one.candidate.place
    cost = down(book.numbers["shadow_price"] * max(0, one.weighed.depth_cents), MICRO)
    return one.weighed.value_cents - cost


def _stance(book: Book, has_offer: bool, customer: Customer) -> str:
    if customer.open_fault or customer.unkept_promise:
        return "repair_first"
    if has_no_profile(book, customer):
        return "standard_only"
    return "offer" if has_offer else "leave_alone"
