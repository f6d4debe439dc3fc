"""One customer in plain Python: what is on file, what follows from it on the day, and how the customer leans."""

import math
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from benchmarks.plain.book import MICRO, Book, Candidate

TASTES = {
    "device": ("device_age_months", 0.5, 24.0, 12.0),
    "data": ("data_mb_per_month", 0.4, 10_000.0, 10_000.0),
    "sms": ("sms_per_month", 0.4, 100.0, 100.0),
    "international": ("international_minutes_per_month", 0.5, 20.0, 20.0),
}
"""Taste: the fact it grows with, slope, centre and scale."""


@dataclass
class Customer:
    """One customer who asks on one day; `lowest` remembers what was worked out for equal monthly terms."""

    book: Book
    facts: dict[str, Any]
    p_churn: int
    window: int
    tastes: dict[str, int] = field(init=False)
    lowest: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        book, facts, number = self.book, self.facts, self.book.number
        self.profiled = not facts["objects_to_profiling"]
        facts["tenure_months"] = months_since(facts["customer_since"], book.today)
        facts["remaining_months"] = months_left(facts["commitment_end"], book.today)
        self.price, self.cost = facts["price_cents"], facts["cost_to_serve_cents"]
        self.price_net = book.net(self.price)
        self.earned = self.price_net - self.cost
        self.limit = number.get(f"depth_cents_{facts['role']}", 0)
        self.tastes = {taste: multiplier(facts, *prior) if self.profiled else MICRO for taste, prior in TASTES.items()}
        self._lean()
        self._wish()

    def _lean(self) -> None:
        number, outbound = self.book.number, self.facts["channel"] == "phone_out"
        self.called = outbound
        chance = min(max(self.p_churn, 1), MICRO - 1) / MICRO
        without = math.exp(
            math.log(chance / (1 - chance)) + number[f"reason_log_odds_{self.facts['reason_for_contact']}"]
        )
        self.leave = without * math.exp(number["contact_log_odds"]) if outbound else without
        self.outlook = self.book.outlook(self.window if self.window > 0 else number["window_months_when_unknown"])
        p_leave = round(without * (MICRO / (1 + without)))
        self.left = half_up(self.earned * self.outlook.leaver)
        self.refused = half_up(self.earned * self.outlook.refuser)
        stays = half_up(self.earned * self.outlook.uncontacted)
        self.nothing = half_up(p_leave * self.left + (MICRO - p_leave) * stays)
        self.contact_cost = number["contact_cost_cents"] if outbound else 0

    def _wish(self) -> None:
        facts, book = self.facts, self.book
        self.wants_device = facts["wants_device"] if facts["wants_device"] in book.devices else ""
        self.wants = frozenset(name for name in facts["wants_needs"] if name in book.extras)
        self.most_months, self.most_monthly = facts["wants_max_commitment_months"], facts["wants_max_monthly_cents"]
        self.most_upfront = facts["wants_max_upfront_cents"]
        cheaper = 0 <= self.most_monthly < self.price
        known = facts["wants_device"] in ("", *book.devices) and all(
            name in book.extras for name in facts["wants_needs"]
        )
        self.wishes = known and bool(self.wants_device or self.wants or cheaper)

    def excess(self, offer: Candidate) -> tuple[int, int, int]:
        """By how much an offer passes the wish: months, cents a month, cents upfront."""
        return (
            beyond(offer.months, self.most_months),
            beyond(self.price - offer.discount, self.most_monthly),
            beyond(offer.top_up, self.most_upfront),
        )

    def asked_for(self, offer: Candidate) -> bool:
        """Whether an offer holds all that was asked for, within every stated limit."""
        if not self.wishes or (self.wants_device and self.wants_device != offer.device):
            return False
        return self.wants.issubset(offer.extras) and not any(self.excess(offer))


def beyond(value: int, limit: int) -> int:
    """By how much a value passes a limit; -1 is no limit."""
    return max(value - limit, 0) if limit >= 0 else 0


def half_up(amount_micro: int) -> int:
    """Millionths of a cent to cents, half up."""
    return (2 * amount_micro + MICRO) // (2 * MICRO)


def multiplier(facts: dict[str, Any], fact: str, slope: float, centre: float, scale: float) -> int:
    """How much more than the average this customer values something, in 1e-6."""
    if facts[fact] < 0:
        return MICRO
    grown = slope * (facts[fact] - centre) / scale
    return round(math.exp(min(max(grown, math.log(0.25)), math.log(4.0))) * MICRO)


def months_since(begin: str | None, today: date) -> int:
    """Full months since a day; 0 where it is unknown or ahead."""
    if begin is None:
        return 0
    day = date.fromisoformat(begin)
    return max((today.year - day.year) * 12 + today.month - day.month - (today.day < day.day), 0)


def months_left(end: str | None, today: date) -> int:
    """Months to a day, a begun month counted whole; 0 where it is unknown or past."""
    if end is None:
        return 0
    day = date.fromisoformat(end)
    return max((day.year - today.year) * 12 + day.month - today.month + (day.day > today.day), 0)
