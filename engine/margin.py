"""The margin that is certain: the lowest that remains whenever the customer may lawfully leave."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.law import ALL_DUES, LONGEST_COMMITMENT_MONTHS, Law
from engine.money import net_of_vat, share_of
from engine.policy import Policy
from engine.tables import MICRO
from engine.terms import Monthly

MONTHS = np.arange(LONGEST_COMMITMENT_MONTHS + 1)
BEYOND = np.int64(2**62)


@dataclass(frozen=True)
class Tariff:
    """What each customer pays and costs today, in cents a month, as columns (n, 1)."""

    price_cents: NDArray[np.int64]
    price_net_cents: NDArray[np.int64]
    cost_to_serve_cents: NDArray[np.int64]


def tariff(price_cents: NDArray[np.int64], cost_to_serve_cents: NDArray[np.int64], vat_micro: int) -> Tariff:
    """The tariff of n customers, from prices including VAT and costs net of VAT [n]."""
    price = price_cents[:, None]
    return Tariff(price, net_of_vat(price, vat_micro), cost_to_serve_cents[:, None])


def exit_fee_cents(dues_cents: Any, dues_net_cents: Any, share_micro: Any, vat_micro: int) -> Any:
    """What leaving brings, net of VAT: all dues where the contract's terms apply, else at most the lawful share."""
    capped = net_of_vat(share_of(np.maximum(dues_cents, 0), np.maximum(share_micro, 0)), vat_micro)
    return np.where(share_micro == ALL_DUES, dues_net_cents, capped)


def lowest_monthly_margin(tariffs: Tariff, monthly: Monthly, law: Law) -> NDArray[np.int64]:
    """The lowest monthly margins plus lawful exit fee over every month of leaving, (n, Q) in cents; 0 at 0 months."""
    term = monthly.commitment_months[..., None]
    discounted = np.minimum(monthly.discount_months[..., None], term)
    discount, discount_net = monthly.discount_cents[..., None], monthly.discount_net_cents[..., None]
    price, price_net = tariffs.price_cents[..., None], tariffs.price_net_cents[..., None]
    earned = price_net - tariffs.cost_to_serve_cents[..., None] - monthly.extras_cost_cents[..., None]

    received = MONTHS * earned - np.minimum(MONTHS, discounted) * discount_net
    left, left_discounted = term - MONTHS, np.maximum(discounted - MONTHS, 0)
    dues = left * price - left_discounted * discount
    dues_net = left * price_net - left_discounted * discount_net
    share = law.exit_shares_micro[monthly.subsidised.astype(np.int64), monthly.commitment_months]
    kept = received + exit_fee_cents(dues, dues_net, share, law.vat_micro)
    lowest: NDArray[np.int64] = np.where(left >= 0, kept, BEYOND).min(axis=-1)
    return lowest


def share_floor_cents(tariffs: Tariff, monthly: Monthly, share_micro: int) -> NDArray[np.int64]:
    """The margin that is `share_micro` of the net revenue of the committed months, rounded up, (n, Q) in cents."""
    discounted = np.minimum(monthly.discount_months, monthly.commitment_months)
    revenue = monthly.commitment_months * tariffs.price_net_cents - discounted * monthly.discount_net_cents
    return np.asarray(-(-revenue * share_micro // MICRO), dtype=np.int64)


def needed_cents(policy: Policy, commitment_months: NDArray[np.int64], share_floor: Any) -> NDArray[np.int64]:
    """The margin to secure, same shape: the higher of both floors; without commitment the floor in cents alone."""
    floor = policy.floors_cents[commitment_months]
    return np.where(commitment_months > 0, np.maximum(floor, share_floor), floor)


def month_without_commitment_lacks(tariffs: Tariff, monthly: Monthly) -> NDArray[np.int64]:
    """What a month of discount or extras lacks to pay for itself, (n, Q) in net cents; 0 under a commitment."""
    given = monthly.discount_net_cents + monthly.extras_cost_cents
    tested = (monthly.commitment_months == 0) & (given > 0)
    return np.where(tested, given + tariffs.cost_to_serve_cents - tariffs.price_net_cents, 0)
