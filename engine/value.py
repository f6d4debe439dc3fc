"""What an offer is expected to be worth against making none: discounted, over the horizon, in cents.

Leaving inside the window of p_churn is counted once: who stayed or accepted has survived it. Who accepted, who refused
and who was made no offer differ afterwards, as policy declares until outcomes are on record.
"""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.exits import LONGEST_COMMITMENT_MONTHS
from engine.margin import Tariff
from engine.money import half_up
from engine.policy import Policy
from engine.tables import MICRO
from engine.terms import Monthly

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Outlook:
    """Discounted months to come in 1e-6 months, for one window of p_churn.

    `others` [3]: of who leaves, of who refuses and stays, of who is made no offer and stays. `accepter` [25] by months
    of commitment; `accepter_within` [25, 25] by commitment, over its first months only.
    """

    others: Whole
    accepter: Whole
    accepter_within: Whole


@functools.lru_cache(maxsize=256)
def outlook(policy: Policy, window_months: int) -> Outlook:
    """The discounted months of each reaction under a policy, for one window."""
    months = np.arange(1, policy["horizon_months"] + 1)
    present = (1 + policy["yearly_discount_share"]) ** (-months / 12)
    lengths = np.arange(LONGEST_COMMITMENT_MONTHS + 1)

    def survival(commitment_months: Any, free_share: float) -> Any:
        leaving = np.where(months <= commitment_months, policy["monthly_leaving_in_commitment_share"], free_share)
        return np.cumprod(1 - np.where(months > window_months, leaving, 0.0), axis=-1)

    accepted = present * survival(lengths[:, None], policy["monthly_leaving_after_accepting_share"])
    leaver = np.clip(1 - (months - 0.5) / window_months, 0, None)
    refuser = survival(0, policy["monthly_leaving_after_refusing_share"])
    uncontacted = survival(0, policy["monthly_leaving_uncontacted_share"])
    return Outlook(
        others=_sum_micro(present * np.stack([leaver, refuser, uncontacted])),
        accepter=_sum_micro(accepted),
        accepter_within=_sum_micro(accepted[:, None, :] * (months <= lengths[:, None])),
    )


def _sum_micro(months: NDArray[np.float64]) -> Whole:
    total = np.zeros(months.shape[:-1])
    for month in range(months.shape[-1]):
        total = total + months[..., month]
    return np.rint(total * MICRO).astype(np.int64)


@dataclass(frozen=True)
class Prospects:
    """What each customer's other reactions are worth, columns (n, 1) in cents; `nothing`: that of making no offer."""

    leaves: Whole
    stays_after_refusing: Whole
    nothing: Whole
    contact_cost: Whole


@dataclass(frozen=True)
class Outlooks:
    """The outlook of each customer's own window: `others` (n, 3); tables by window, `window` (n, 1) says which."""

    others: Whole
    accepter: Whole
    accepter_within: Whole
    window: Whole


def outlooks(policy: Policy, window_months: Whole) -> Outlooks:
    """One outlook per distinct window of n customers [n]."""
    windows = sorted(set(window_months.tolist()))
    tables = _tables(policy, tuple(windows))
    of = np.array(windows).searchsorted(window_months)
    return Outlooks(tables.others[of], tables.accepter, tables.accepter_within, of[:, None])


@functools.lru_cache(maxsize=256)
def _tables(policy: Policy, windows: tuple[int, ...]) -> Outlook:
    found = [vars(outlook(policy, window)).values() for window in windows]
    return Outlook(*(np.stack(column) for column in zip(*found, strict=True)))


def accepted_cents(tariffs: Tariff, monthly: Monthly, outlooks: Outlooks) -> Whole:
    """The present value of the months after accepting, (n, Q) in cents, before what is paid once."""
    term, window = monthly.commitment_months, outlooks.window
    discounted = outlooks.accepter_within[window, term, monthly.discount_months]
    with_extras = outlooks.accepter_within[window, term, monthly.extras_months]
    earned = tariffs.price_net_cents - tariffs.cost_to_serve_cents
    given = monthly.discount_net_cents * discounted + monthly.extras_cost_cents * with_extras
    value: Whole = half_up(earned * outlooks.accepter[window, term] - given, MICRO)
    return value


def prospects(tariffs: Tariff, outlooks: Outlooks, p_leave_nothing: Whole, contact_cost: Whole) -> Prospects:
    """What the reactions other than accepting are worth; the chance of leaving without an offer (n, 1) in 1e-6."""
    earned = tariffs.price_net_cents - tariffs.cost_to_serve_cents
    worth = half_up(earned * outlooks.others, MICRO)
    leaves, refuses, stays = worth[:, :1], worth[:, 1:2], worth[:, 2:]
    nothing = half_up(p_leave_nothing * leaves + (MICRO - p_leave_nothing) * stays, MICRO)
    return Prospects(leaves, refuses, nothing, contact_cost)


def value_cents(p_accept: Whole, p_leave: Whole, accepted: Whole, others: Prospects) -> Whole:
    """The expected value of making an offer less that of making none, (n, C) in cents."""
    stays = others.stays_after_refusing
    beside_staying = p_accept * (accepted - stays) + p_leave * (others.leaves - stays)
    value: Whole = half_up(beside_staying, MICRO) + (stays - others.contact_cost - others.nothing)
    return value
