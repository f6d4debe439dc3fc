"""Talks with the customers of a market: offers are shown, taken or refused with what truly hurts, and the next come."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.ladder import Heard
from training.market.catalogue import EXTRAS
from training.market.devices import DEVICE_IDS, NO_DEVICE
from training.market.talks import MOST_STEPS, Talks
from training.market.weighing import Offered
from training.negotiation.book import Book
from training.negotiation.kernel import Kernel, Question, Table

REASON_GIVEN = {
    "reste_a_payer": "top_up_too_high",
    "engagement": "commitment_too_long",
    "autre_modele": "not_the_device_i_want",
}
"""The reason of the product for what hurts most in truth; for all else it is `other`."""

DEVICES = {str(name): number for number, name in enumerate(DEVICE_IDS)}


@dataclass(frozen=True)
class Manner:
    """A way of talking: whether it goes on after a refusal, and whether reasons and wishes are asked for."""

    name: str
    goes_on: bool
    asks_why: bool


ONE_SHOT = Manner("one-shot", goes_on=False, asks_why=False)
LADDER = Manner("ladder", goes_on=True, asks_why=False)
LADDER_WITH_REASONS = Manner("ladder with reasons", goes_on=True, asks_why=True)
MANNERS = (ONE_SHOT, LADDER, LADDER_WITH_REASONS)


@dataclass
class Talk:
    """A talk with one customer: what lay on the table step by step, what was refused and why, what was accepted.

    `breaks_a_limit`: whether a hard limit, the floor among them, refuses what was accepted, looked at once more.
    """

    first: Question
    last: Question
    tables: list[Table] = field(default_factory=list)
    named: list[Heard] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    accepted: dict[str, Any] | None = None
    breaks_a_limit: bool = False


def hold_talks(book: Book, kernel: Kernel, manner: Manner, first: Sequence[Question]) -> dict[int, Talk]:
    """The talks with those who are on the line and get an offer, by their row; `first`: the first question of each row.

    Customers weigh every offer on the table and take the one worth most to them, if it is worth anything.
    """
    talks = {row: Talk(first[row], first[row]) for row in range(len(first)) if on_the_line(book)[row]}
    going = list(talks)
    while going:
        going = _one_step(book, kernel, manner, {row: talks[row] for row in going})
    return {row: talk for row, talk in talks.items() if talk.tables}


def on_the_line(book: Book) -> Any:
    """Who can be talked to [n]: who got in touch, and who answers when called."""
    return (book.cases["channel"] != "phone_out") | book.talks.reached


def _one_step(book: Book, kernel: Kernel, manner: Manner, talks: dict[int, Talk]) -> list[int]:
    """Puts what is decided on each table and hears the answer. Returns the rows with whom it goes on."""
    tables = kernel.tables([talk.last for talk in talks.values()])
    offered = {row: table for row, table in zip(talks, tables, strict=True) if table}
    going = []
    for row, (best, worth_eur, hurts) in zip(offered, _weigh(book.talks, offered), strict=True):
        talk, table = talks[row], offered[row]
        talk.tables.append(table)
        if worth_eur > 0:
            talk.accepted = table[best]
            talk.breaks_a_limit = kernel.breaks_a_limit(talk.last, table[best])
            continue
        _refuse(talk, table, best, _said(book.talks, row, hurts, talk) if manner.asks_why else {})
        if manner.goes_on and book.talks.stays_on[row, min(len(talk.tables), MOST_STEPS) - 1]:
            talk.last = kernel.next_question(talk.first, talk.last, talk.heard, len(talk.heard) - len(table) + best)
            going.append(row)
    return going


def _said(talks: Talks, row: int, hurts: str, talk: Talk) -> dict[str, Any]:
    """The reason of a refusal and, the first time, the wish of who says it when asked."""
    wants = stated_wish(talks, row) if talks.tells[row] and not talk.heard else {}
    return {"reason": REASON_GIVEN.get(hurts, "other"), "wants": wants}


def _refuse(talk: Talk, table: Table, named: int, said: dict[str, Any]) -> None:
    """All that was shown is refused; the reason is that of the offer that is named."""
    told = {"reason": "other", "wants": {}, **said}
    refused = [Heard(offer, **(told if place == named else {"reason": "other"})) for place, offer in enumerate(table)]
    talk.named.append(refused[named])
    talk.heard += refused


def stated_wish(talks: Talks, row: int) -> dict[str, Any]:
    """What one customer says they want, by the names of engine.fields."""
    wish = {name: column[row] for name, column in talks.wishes.items()}
    said: dict[str, Any] = {
        "wants_device": talks.wanted_device(row),
        "wants_needs": tuple(wish["wish_needs"].split(";")) if wish["wish_needs"] else (),
        "wants_max_commitment_months": int(wish["wish_months"]) if wish["wish_months"] >= 0 else None,
        "wants_max_monthly_cents": _cents(wish["wish_monthly_eur"]),
        "wants_max_upfront_cents": _cents(wish["wish_upfront_eur"]),
    }
    return {name: value for name, value in said.items() if value not in ("", (), None)}


def _cents(euros: float) -> int | None:
    return None if np.isnan(euros) else round(euros * 100)


def _weigh(talks: Talks, tables: dict[int, Table]) -> list[tuple[int, float, str]]:
    """For each table (the place of the offer the customer likes best, what it is worth to them, what hurts in it)."""
    who = np.array([row for row, table in tables.items() for _ in table], dtype=np.int64)
    worth_eur, hurts = talks.weigh(who, as_offered([offer for table in tables.values() for offer in table]))
    ends = np.cumsum([len(table) for table in tables.values()], dtype=np.int64)[:-1]
    found = []
    for worth, hurt in zip(np.split(worth_eur, ends), np.split(hurts, ends), strict=True):
        if len(worth):
            best = int(worth.argmax())
            found.append((best, float(worth[best]), str(hurt[best])))
    return found


def as_offered(offers: Sequence[dict[str, Any]]) -> Offered:
    """Described offers [k] in the words of the market."""

    def column(name: str) -> Any:
        return np.array([offer[name] for offer in offers], dtype=np.int64)

    has = [[extra in offer["extras"] for extra in EXTRAS] for offer in offers]
    return Offered(
        device=np.array([DEVICES[o["device"]] if o["device"] else NO_DEVICE for o in offers], dtype=np.int64),
        top_up_eur=column("top_up_cents") / 100,
        months=column("commitment_months"),
        discount_eur=column("discount_cents") / 100,
        discount_months=column("discount_months"),
        extras=np.array(has, dtype=bool).reshape(len(offers), len(EXTRAS)),
        extras_months=column("extras_months"),
        credit_eur=(column("credit_cents") + column("trade_in_credit_cents")) / 100,
    )
