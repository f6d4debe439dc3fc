"""What one contract brought in, by the economics of the rulebook that decided on it: nothing here is estimated anew.

A contract that has come to the end of its window is one of three: it has left, it was made no offer and stayed, or an
offer lay on the table and it stayed; beside that it may have accepted. Each is worth the months that `engine.value`
gives such a customer, so that what was promised and what came are in the same cents.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from engine.composed import read_composed
from engine.exits import LONGEST_COMMITMENT_MONTHS
from engine.margin import tariff
from engine.money import half_up
from engine.policy import Policy
from engine.rulebook import InForce
from engine.tables import MICRO
from engine.terms import Whole, price
from engine.value import outlook


@dataclass(frozen=True)
class Prospects:
    """What one contract is worth over the horizon by how it ends, in cents net of VAT, before any concession.

    `leaves` within the window, `refuses`: stays though it took no offer, `untouched`: stays and was made none.
    """

    leaves: int
    refuses: int
    untouched: int

    @property
    def at_stake(self) -> int:
        """What leaving within the window costs, of a contract that is made no offer."""
        return self.untouched - self.leaves


@dataclass(frozen=True)
class Accepted:
    """One binding acceptance: the months it is worth and what it costs, in cents net of VAT.

    `stays`, `concession_stays`: where the customer stays through the window; `concession_leaves`: where they leave.
    """

    commitment_months: int
    stays: int
    concession_stays: int
    concession_leaves: int
    handling: int


@dataclass(frozen=True)
class Payer:
    """Who pays: price including VAT, cost to serve, in cents a month, and the window of the chance of leaving."""

    price_cents: int
    cost_to_serve_cents: int
    window_months: int


def payer_of(record: Mapping[str, Any], policy: Policy) -> Payer:
    """Who pays, as a decision has recorded them."""
    case, window = record["case"], record["scores"]["window_months"]
    known = window if window > 0 else policy["window_months_when_unknown"]
    return Payer(case["price_cents"], case["cost_to_serve_cents"], known)


def prospects_of(payer: Payer, in_force: InForce) -> Prospects:
    """What one contract is worth by how it ends."""
    others = outlook(in_force.policy, payer.window_months).others
    return Prospects(*(half_up(_earned(payer, in_force) * int(months), MICRO) for months in others))


def accepted_of(payer: Payer, terms: Mapping[str, Any], in_force: InForce) -> Accepted:
    """What an acceptance of recorded terms is worth and costs under the rulebook that offered them."""
    policy, window = in_force.policy, payer.window_months
    read = read_composed([terms], in_force).terms
    priced, monthly = price(read, in_force.catalogue.goods, policy, in_force.law.vat_micro)
    term, handling = int(monthly.commitment_months[0, 0]), policy["handling_cents"]
    once = -int(priced.once_cents[0, 0]) - handling
    given = (
        (int(monthly.discount_net_cents[0, 0]), int(monthly.discount_months[0, 0])),
        (int(monthly.extras_cost_cents[0, 0]), int(monthly.extras_months[0, 0])),
    )
    months = outlook(policy, window)
    stays, leaves = months.accepter_within[term], leaver_within(policy, window)
    return Accepted(
        commitment_months=term,
        stays=half_up(_earned(payer, in_force) * int(months.accepter[term]), MICRO),
        concession_stays=once + _cents(given, stays),
        concession_leaves=once + _cents(given, leaves),
        handling=handling,
    )


def _earned(payer: Payer, in_force: InForce) -> int:
    paid = tariff(np.array([payer.price_cents]), np.array([payer.cost_to_serve_cents]), in_force.law.vat_micro)
    return int((paid.price_net_cents - paid.cost_to_serve_cents)[0, 0])


def _cents(given: Sequence[tuple[int, int]], within: Whole) -> int:
    return half_up(sum(cents * int(within[months]) for cents, months in given), MICRO)


@lru_cache(maxsize=256)
def leaver_within(policy: Policy, window_months: int) -> Whole:
    """The discounted months of who leaves within the window, in 1e-6, over their first 0, 1, ... 24 only [25]."""
    months = np.arange(1, policy["horizon_months"] + 1)
    present = (1 + policy["yearly_discount_share"]) ** (-months / 12)
    stays = present * np.clip(1 - (months - 0.5) / window_months, 0, None)
    lengths = np.arange(LONGEST_COMMITMENT_MONTHS + 1)[:, None]
    return np.rint((stays * (months <= lengths)).sum(axis=1) * MICRO).astype(np.int64)
