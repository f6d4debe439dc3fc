"""The margin that is certain: the lowest that remains whenever the customer may lawfully leave."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.exits import ALL_DUES, LONGEST_COMMITMENT_MONTHS, Exits
from engine.money import net_of_vat, share_of
from engine.tables import MICRO
from engine.terms import Monthly, Whole

MONTHS = np.arange(LONGEST_COMMITMENT_MONTHS + 1)
NO_FLOOR = -(2**62)


@dataclass(frozen=True)
class Tariff:
    """What each customer pays and costs today, in cents a month, as columns (n, 1)."""

    price_cents: Whole
    price_net_cents: Whole
    cost_to_serve_cents: Whole


def tariff(price_cents: NDArray[np.int64], cost_to_serve_cents: NDArray[np.int64], vat_micro: int) -> Tariff:
    """The tariff of n customers, from prices including VAT and costs net of VAT [n]."""
    price = price_cents[:, None]
    return Tariff(price, net_of_vat(price, vat_micro), cost_to_serve_cents[:, None])


@dataclass(frozen=True)
class Leaving:
    """What leaving after each month brings and costs, whatever the tariff: columns (r, Q, 25), by month.

    After `done_months` the operator has been paid `paid_months`, those still due included where the contract's terms
    apply, and has given `given_cents` in discounts and extras. Where the law caps the fee it is `share_micro` of
    `due_months` at the price less `due_discount_cents`, including VAT; elsewhere the share is 0. A kept `handset` may
    cost something too, where the law of the market knows that. After
    the end of a commitment its last month stands again.
    """

    done_months: Whole
    paid_months: Whole
    given_cents: Whole
    due_months: Whole
    due_discount_cents: Whole
    share_micro: Whole
    handset: "Handset | None"


@dataclass(frozen=True)
class Handset:
    """What a kept handset may cost on leaving: its residual value, up to what `months` at the price come to.

    `discount_cents` is what these months are cheaper by; columns (r, Q, 25), by month, including VAT.
    """

    residual_cents: Whole
    months: Whole
    discount_cents: Whole


def leaving(monthly: Monthly, exits: Exits) -> Leaving:
    """What leaving means under monthly terms (r, Q), by the law of the day on which the offer is concluded."""
    term, discounted = monthly.commitment_months[..., None], monthly.discounted_months[..., None]
    done, until = np.minimum(MONTHS, term), exits.until[term]
    share = exits.shares_micro[monthly.subsidised[..., None].astype(np.int64), term, done]
    paid = np.where(share == ALL_DUES, term, done)
    given: Any = np.minimum(paid, discounted) * monthly.discount_net_cents[..., None]
    return Leaving(
        done_months=done,
        paid_months=paid,
        given_cents=given + done * monthly.extras_cost_cents[..., None],
        due_months=np.maximum(until - done, 0),
        due_discount_cents=np.maximum(np.minimum(discounted, until) - done, 0) * monthly.discount_cents[..., None],
        share_micro=np.maximum(share, 0),
        handset=_handset(monthly, done, discounted) if exits.device_rule else None,
    )


def _handset(monthly: Monthly, done: Whole, discounted: Whole) -> Handset:
    """The value of a subsidised handset falls in equal monthly steps to nothing at the end of the commitment."""
    steps, value = monthly.commitment_months[..., None], np.where(monthly.subsidised, monthly.kept_value_cents, 0)
    return Handset(
        residual_cents=value[..., None] * (steps - done) // np.maximum(steps, 1),
        months=steps - done,
        discount_cents=np.maximum(discounted - done, 0) * monthly.discount_cents[..., None],
    )


def lowest_monthly_margin(tariffs: Tariff, leaving: Leaving, vat_micro: int) -> Whole:
    """The lowest monthly margins plus lawful exit fee over every month of leaving, (n, Q) in cents; 0 at 0 months."""
    price, price_net = tariffs.price_cents[..., None], tariffs.price_net_cents[..., None]
    kept = leaving.paid_months * price_net - leaving.done_months * tariffs.cost_to_serve_cents[..., None]
    dues = np.maximum(leaving.due_months * price - leaving.due_discount_cents, 0)
    asked = share_of(dues, leaving.share_micro)
    if (handset := leaving.handset) is not None:
        rest = np.maximum(handset.months * price - handset.discount_cents, 0)
        asked = asked + np.minimum(handset.residual_cents, rest)
    fee = net_of_vat(asked, vat_micro)
    lowest: Whole = (kept - leaving.given_cents + fee).min(axis=-1)
    return lowest


def lowest_monthly_margin_without_fee(tariffs: Tariff, monthly: Monthly) -> Whole:
    """The same for customers who may always leave for nothing, (n, Q): the worst month is the first, the last, or that
    of the last discount."""
    earned = tariffs.price_net_cents - tariffs.cost_to_serve_cents - monthly.extras_cost_cents
    least = np.minimum(monthly.discounted_months * earned, monthly.commitment_months * earned)
    lowest: Whole = np.minimum(least - monthly.discounts_cents, 0)
    return lowest


def share_floor_cents(tariffs: Tariff, monthly: Monthly, share_micro: int) -> Whole:
    """The margin that is `share_micro` of the net revenue of the committed months, rounded up, (n, Q) in cents.

    NO_FLOOR without commitment: there the floor in cents alone is tested.
    """
    revenue = monthly.commitment_months * tariffs.price_net_cents - monthly.discounts_cents
    return np.where(monthly.committed, -(-revenue * share_micro // MICRO), NO_FLOOR)


def month_without_commitment_lacks(tariffs: Tariff, monthly: Monthly) -> Whole:
    """What a month of discount or extras lacks to pay for itself, (n, Q) in net cents; 0 under a commitment."""
    given = monthly.freely_given_cents
    return np.where(given > 0, given + tariffs.cost_to_serve_cents - tariffs.price_net_cents, 0)
