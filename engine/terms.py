"""Terms of offers as columns, and what follows from them whoever the customer is.

Shapes: (1, J) for the J candidates of the catalogue, (n, P) for the P personal candidates of n customers.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.money import net_of_vat
from engine.policy import Policy
from engine.tables import MICRO, TASTES

Whole = NDArray[np.int64]
NONE = -1
DEVICE, COMMITMENT = TASTES.index("device"), TASTES.index("commitment")


@dataclass(frozen=True)
class Terms:
    """What is promised: prices, discounts, top-ups and credits in cents including VAT.

    `template`, `device` and `trade_in` are indices into the catalogue (-1: none); `extras` is a set of bits.
    """

    template: Whole
    device: Whole
    commitment_months: Whole
    top_up_cents: Whole
    discount_cents: Whole
    discount_months: Whole
    extras: Whole
    credit_cents: Whole
    trade_in: Whole

    def at(self, row: int, candidate: int) -> dict[str, int]:
        """The terms of one candidate of one customer, by name."""
        return {name: int(column[row if len(column) > 1 else 0, candidate]) for name, column in vars(self).items()}


@dataclass(frozen=True)
class Goods:
    """Devices by index, the last entry (-1) standing for "none"; extras by set of bits, one entry a set [2 ** e].

    `extras_worth_cents[taste]` is the stated worth of each set to the average customer, a month; costs are net of VAT.
    """

    device_ids: tuple[str, ...]
    device_cost_cents: Whole
    device_price_cents: Whole
    stock: Whole
    trade_in_credit_cents: Whole
    trade_in_resale_cents: Whole
    extra_ids: tuple[str, ...]
    extras_cost_cents: Whole
    extras_worth_cents: tuple[Whole, ...]


@dataclass(frozen=True)
class Monthly:
    """What recurs every month: columns (r, Q); many candidates share one, `of` says which (column of each candidate).

    A discount lasts `discount_months`, extras `extras_months`; neither outlasts a commitment.
    """

    commitment_months: Whole
    discount_cents: Whole
    discount_net_cents: Whole
    discount_months: Whole
    extras_cost_cents: Whole
    extras_months: Whole
    subsidised: NDArray[np.bool_]
    of: Whole


@dataclass(frozen=True)
class Priced:
    """Terms with their consequences, same shape as the terms.

    `once_cents`: what the operator earns (or pays) once; `depth_cents`: how deep the concession goes; both net of VAT.
    `received_cents`: what the customer gets in money over the months of worth, less the top-up, including VAT.
    `worth_cents[taste]`: stated worth of all else to the average customer over the months of worth.
    """

    terms: Terms
    monthly: Monthly
    once_cents: Whole
    depth_cents: Whole
    received_cents: Whole
    worth_cents: tuple[Whole, ...]


def price(terms: Terms, goods: Goods, policy: Policy, vat_micro: int) -> Priced:
    """What terms cost and bring, whoever accepts them; every column keeps the shape of the terms."""
    extras_cost = goods.extras_cost_cents[terms.extras]
    extras_months = np.where(terms.commitment_months > 0, terms.commitment_months, terms.discount_months)
    credit = terms.credit_cents + goods.trade_in_credit_cents[terms.trade_in]
    subsidy = goods.device_cost_cents[terms.device] - net_of_vat(terms.top_up_cents, vat_micro)
    given_once = subsidy + net_of_vat(credit, vat_micro) - goods.trade_in_resale_cents[terms.trade_in]
    discount_net = net_of_vat(terms.discount_cents, vat_micro)
    discounted = terms.discount_cents * np.minimum(terms.discount_months, policy["worth_months"])
    return Priced(
        terms=terms,
        monthly=Monthly(
            commitment_months=terms.commitment_months,
            discount_cents=terms.discount_cents,
            discount_net_cents=discount_net,
            discount_months=terms.discount_months,
            extras_cost_cents=extras_cost,
            extras_months=extras_months,
            subsidised=subsidy > 0,
            of=np.arange(terms.template.shape[1]),
        ),
        once_cents=-given_once - policy["handling_cents"],
        depth_cents=given_once + discount_net * terms.discount_months + extras_cost * extras_months,
        received_cents=credit - terms.top_up_cents + discounted,
        worth_cents=_worth(terms, goods, policy, np.minimum(extras_months, policy["worth_months"])),
    )


def _worth(terms: Terms, goods: Goods, policy: Policy, extras_months: Whole) -> tuple[Whole, ...]:
    worth = [by_set[terms.extras] * extras_months for by_set in goods.extras_worth_cents]
    worth[DEVICE] = goods.device_price_cents[terms.device] * policy.micro("device_worth_share") // MICRO
    worth[COMMITMENT] = -policy["commitment_worth_cents"] * terms.commitment_months * policy["worth_months"]
    return tuple(worth)


def share_months(priced: Priced) -> Priced:
    """The same catalogue (1, J), its monthly columns (1, Q) held once for all the candidates that share them."""
    monthly = priced.monthly
    columns = np.stack([column[0] for name, column in vars(monthly).items() if name != "of"])
    distinct, of = np.unique(columns, axis=1, return_inverse=True)
    distinct = distinct[:, None, :]
    names = [name for name in vars(monthly) if name != "of"]
    shared = dict(zip(names, distinct, strict=True), subsidised=distinct[-1].astype(bool), of=of.reshape(-1))
    return dataclasses.replace(priced, monthly=Monthly(**shared))
