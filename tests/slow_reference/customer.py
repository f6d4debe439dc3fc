"""One customer who asks: plain facts, a wish, a contact and scores."""

import datetime
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.slow_reference.book import Book
from tests.slow_reference.money import MICRO

NOTHING_REFUSED = -(2**53)
REMEMBERS_NOTHING: Mapping[str, Any] = {
    "refused_offers": (),
    "unwanted_devices": (),
    "least_worth_micro": NOTHING_REFUSED,
    "steps_taken": 0,
    "unkept_promise": "",
    "account_granted_cents": 0,
    "sold_out": (),
}
"""The memory of a first contact."""


@dataclass(frozen=True)
class Point:
    """One way the customer may be: its share, log-odds of willingness, and what "money" and each taste count."""

    share_micro: int
    willing_micro: int
    multipliers_micro: Mapping[str, int]

    def counts(self, line: str) -> int:
        """The multiplier of money or of one taste."""
        return self.multipliers_micro.get(line, MICRO)


@dataclass(frozen=True)
class Reaction:
    """What was learned of how one customer reacts: points of taste, single terms by name, what a call wakes."""

    points: tuple[Point, ...]
    terms_micro: Mapping[str, int]
    woken_micro: int

    def counts(self, term: str) -> int:
        """The multiplier of one term."""
        return self.terms_micro.get(term, MICRO)


NOTHING_LEARNED = Reaction((Point(MICRO, 0, {}),), {}, 0)


@dataclass(frozen=True)
class Score:
    """What was learned about one customer, in micro; a chance or window out of bounds is unknown."""

    p_churn_micro: int
    window_months: int
    tastes_micro: Mapping[str, int]
    reaction: Reaction = NOTHING_LEARNED


@dataclass(frozen=True)
class Customer:
    """The facts by name; dates are dates or None, a limit of -1 is none."""

    facts: Mapping[str, Any]
    score: Score

    def __getattr__(self, name: str) -> Any:
        return self.facts[name]


def tenure_months(customer: Customer, today: datetime.date) -> int:
    """Full months since the first day; 0 where it is unknown or yet to come."""
    since = customer.customer_since
    if since is None or since > today:
        return 0
    return _months_between(since, today) - (today.day < since.day)


def remaining_months(customer: Customer, today: datetime.date) -> int:
    """Months to the end of the commitment, a begun month counted whole; 0 where it is unknown or past."""
    end = customer.commitment_end
    if end is None or end <= today:
        return 0
    return _months_between(today, end) + (end.day > today.day)


def _months_between(first: datetime.date, last: datetime.date) -> int:
    return 12 * (last.year - first.year) + last.month - first.month


@dataclass(frozen=True)
class Wish:
    """What the customer wants, as far as the catalogue knows it; `discount_cents` brings the price to the limit."""

    stated: bool
    device: str
    extras: tuple[str, ...]
    discount_cents: int


def read_wish(book: Book, customer: Customer) -> Wish:
    """The wish of one customer; one that names what the catalogue does not know cannot be granted, so is not stated."""
    device = customer.wants_device
    extras = tuple(sorted(set(customer.wants_needs)))
    known = (not device or device in book.devices) and all(name in book.extras for name in extras)
    limit = customer.wants_max_monthly_cents
    discount = max(0, customer.price_cents - limit) if limit >= 0 else 0
    return Wish(known and bool(device or extras or discount), device, extras, discount)


def quantise(p_churn: float, window_months: int, tastes: Mapping[str, float], reaction: Reaction) -> Score:
    """Scores as whole numbers: a chance that is none becomes unknown, a taste that is none average."""
    chance = round(p_churn * MICRO) if 0 <= p_churn <= 1 else -1
    return Score(chance, window_months, {name: _multiplier(taste) for name, taste in tastes.items()}, reaction)


def _multiplier(taste: float) -> int:
    if math.isnan(taste):
        return MICRO
    return round(min(max(taste, 0.0), 20.0) * MICRO)
