"""What talks earn by the market's own truth: who stays, who leaves, at what margin, and what was given for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.composed import read_composed
from engine.rulebook import InForce
from engine.tables import MICRO
from engine.terms import price
from training.market.future import Life, agree, call, copied, live_on
from training.market.people import Table
from training.negotiation.book import Book
from training.negotiation.talking import Talk, as_offered, on_the_line

Numbers = NDArray[np.float64]
FUTURES = 8
WINDOW_MONTHS = 6
STEP_SHARE_OF_CONTACT = 0.2
"""A further step takes two of the ten minutes that policy's contact cost pays for."""


@dataclass(frozen=True)
class Earned:
    """What customers [n] bring over the horizon, discounted, in euros net of VAT, and the chance that they leave.

    Both are means over FUTURES ways in which the story may go on; `left` is within the months of WINDOW_MONTHS.
    """

    euros: Numbers
    left: Numbers


def earn_nothing_offered(book: Book, in_force: InForce) -> Earned:
    """What the customers bring when nobody is called and nothing is offered."""
    return _earned(book, in_force, book.lines, np.zeros((3, book.cases.rows)))


def earn(book: Book, in_force: InForce, called: NDArray[np.bool_], talks: Mapping[int, Talk]) -> Earned:
    """What the customers bring when so many are `called` [n] and what was agreed in the talks is kept."""
    policy, lines = in_force.policy, copied(book.lines)
    call(lines, called & on_the_line(book), book.talks.world)
    agreed = {row: talk.accepted for row, talk in talks.items() if talk.accepted}
    who = np.array(list(agreed), dtype=np.int64)
    given = np.zeros((3, book.cases.rows))
    given[0] = called * policy["contact_cost_cents"]
    for row, talk in talks.items():
        given[0, row] += (len(talk.tables) - 1) * policy["contact_cost_cents"] * STEP_SHARE_OF_CONTACT
    if agreed:
        agree(lines, who, as_offered(list(agreed.values())), book.talks.world)
        once, monthly, months = _given_cents(list(agreed.values()), in_force)
        given[0, who] += once
        given[1:, who] = monthly, months
    return _earned(book, in_force, lines, given)


def _given_cents(offers: Sequence[dict[str, Any]], in_force: InForce) -> tuple[Numbers, Numbers, Numbers]:
    """(what each offer costs once, what its extras cost a month, for how many months), net of VAT, [k]."""
    terms = read_composed(offers, in_force).terms
    priced, monthly = price(terms, in_force.catalogue.goods, in_force.policy, in_force.law.vat_micro)
    columns = (-priced.once_cents, monthly.extras_cost_cents, monthly.extras_months)
    once, extras, months = (column[:, 0].astype(np.float64) for column in columns)
    return once, extras, months


def _earned(book: Book, in_force: InForce, lines: Table, given: Numbers) -> Earned:
    """`given` [3, n]: cents once, cents a month for extras, and their months."""
    life = live_on(book.market, lines, in_force.policy["horizon_months"], FUTURES)
    left = (life.present[:WINDOW_MONTHS] < 1.0).any(axis=0).mean(axis=0)
    return Earned(_lived_eur(book, in_force, life, given).mean(axis=0) - given[0] / 100, left)


def _lived_eur(book: Book, in_force: InForce, life: Life, given: Numbers) -> Numbers:
    """What the customers pay over the horizon less what they cost, discounted, [futures, n]."""
    net = 1.0 + in_force.law.vat_micro / MICRO
    months = np.arange(1, len(life.present) + 1)[:, None, None]
    present_value = (1 + in_force.policy["yearly_discount_share"]) ** (-months / 12)
    cost_eur = book.cases["cost_to_serve_cents"] / 100 + np.where(months <= given[2], given[1], 0.0) / 100
    earned = life.present * (life.bill_eur / net - cost_eur) + life.exit_fee_eur / net
    total: Numbers = (present_value * earned).sum(axis=0)
    return total
