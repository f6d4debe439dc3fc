"""Terms of offers as columns, and what follows from them whoever the customer is.

Shapes: (1, J) for the J candidates of the catalogue, (n, P) for the P personal candidates of n customers.
"""

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.money import net_of_vat
from engine.policy import Policy
from engine.tables import MICRO, TASTES, Table

Whole = NDArray[np.int64]
Truth = NDArray[np.bool_]
NONE = -1
MONEY = 0
INDICES = ("template", "device", "trade_in")
DEVICE, COMMITMENT = 1 + TASTES.index("device"), 1 + TASTES.index("commitment")


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

    @property
    def extras_months(self) -> Whole:
        """How long extras last: the commitment, without one as long as a discount."""
        return np.where(self.commitment_months > 0, self.commitment_months, self.discount_months)

    def behind(self, first: int) -> "Terms":
        """The candidates that stand behind the first so many."""
        return Terms(*(column[:, first:] for column in vars(self).values()))

    def picked(self, columns: Whole) -> "Terms":
        """The terms that n customers are offered [n] of candidates (1, C), as (n, 1); -1: nothing."""
        picked = {
            name: np.where(columns == NONE, NONE if name in INDICES else 0, values[0, columns])
            for name, values in vars(self).items()
        }
        return Terms(**{name: values[:, None] for name, values in picked.items()})

    def at(self, row: int, candidate: int) -> dict[str, int]:
        """The terms of one candidate of one customer, by name."""
        return {name: int(column[row if len(column) > 1 else 0, candidate]) for name, column in vars(self).items()}


@dataclass(frozen=True)
class Goods:
    """Devices by index, the last entry (-1) standing for "none"; extras by set of bits, one entry a set [2 ** e].

    `extras_worth_cents` [tastes, 2 ** e] is the stated worth of each set to the average customer, a month; costs are
    net of VAT. `agreed_value_cents`: what the contract says a handset is worth when it is kept; -1 where it says
    nothing. `kept_value_cents`: what of it may be asked on leaving, where the law of the market knows that; else 0.
    """

    device_ids: tuple[str, ...]
    device_cost_cents: Whole
    device_price_cents: Whole
    agreed_value_cents: Whole
    kept_value_cents: Whole
    stock: Whole
    trade_in_credit_cents: Whole
    trade_in_resale_cents: Whole
    extra_ids: tuple[str, ...]
    extras_cost_cents: Whole
    extras_worth_cents: Whole

    @cached_property
    def extras_of_sets(self) -> Whole:
        """Which extras each set holds, [e, 2 ** e]: 1 where it does."""
        bits = np.arange(len(self.extra_ids))
        return np.arange(2 ** len(bits)) >> bits[:, None] & 1

    @cached_property
    def extra_worth_cents(self) -> Whole:
        """The stated worth of each extra alone, [tastes, e], a month."""
        return self.extras_worth_cents[:, 2 ** np.arange(len(self.extra_ids))]


@dataclass(frozen=True)
class Monthly:
    """What recurs every month: columns (r, Q).

    A discount lasts `discount_months`, extras `extras_months`; neither outlasts a commitment.
    """

    commitment_months: Whole
    discount_cents: Whole
    discount_net_cents: Whole
    discount_months: Whole
    extras_cost_cents: Whole
    extras_months: Whole
    kept_value_cents: Whole
    subsidised: Truth

    @cached_property
    def committed(self) -> Truth:
        """Where there is a commitment."""
        return self.commitment_months > 0

    @cached_property
    def discounted_months(self) -> Whole:
        """Months of discount within the commitment."""
        return np.minimum(self.discount_months, self.commitment_months)

    @cached_property
    def discounts_cents(self) -> Whole:
        """What discounts within the commitment come to, net."""
        return self.discounted_months * self.discount_net_cents

    @cached_property
    def freely_given_cents(self) -> Whole:
        """What a month of discount and extras costs where nobody commits to anything for it, net; 0 elsewhere."""
        return np.where(self.committed, 0, self.discount_net_cents + self.extras_cost_cents)


@dataclass(frozen=True)
class Priced:
    """Terms with their consequences, same shape as the terms.

    `once_cents`: what the operator earns (or pays) once; `depth_cents`: how deep the concession goes; both net of VAT.
    `floor_cents`: the least secured margin in cents, by the commitment.
    `gains_cents` [1 + tastes, ...]: money the customer gets over the months of worth, less the top-up, including VAT
    (MONEY); then by taste the stated worth of all else to the average customer over those months.
    """

    terms: Terms
    once_cents: Whole
    depth_cents: Whole
    floor_cents: Whole
    gains_cents: Whole
    in_stock: Truth
    within_shop_price: Truth
    value_is_stated: Truth


def price(terms: Terms, goods: Goods, policy: Policy, vat_micro: int) -> tuple[Priced, Monthly]:
    """What terms cost and bring, once and every month, whoever accepts them; all of the shape of the terms."""
    credit = terms.credit_cents + goods.trade_in_credit_cents[terms.trade_in]
    subsidy = goods.device_cost_cents[terms.device] - net_of_vat(terms.top_up_cents, vat_micro)
    monthly = _recurring(terms, goods, subsidy > 0, vat_micro)
    given_once = subsidy + net_of_vat(credit, vat_micro) - goods.trade_in_resale_cents[terms.trade_in]
    given_monthly = monthly.discount_net_cents * monthly.discount_months
    given_monthly += monthly.extras_cost_cents * monthly.extras_months
    priced = Priced(
        terms=terms,
        once_cents=-given_once - policy["handling_cents"],
        depth_cents=given_once + given_monthly,
        floor_cents=policy.floors_cents[terms.commitment_months],
        gains_cents=_gains(terms, goods, policy, credit, monthly.extras_months),
        in_stock=(terms.device == NONE) | (goods.stock[terms.device] > 0),
        within_shop_price=terms.top_up_cents <= goods.device_price_cents[terms.device],
        value_is_stated=value_is_stated(goods, terms.device, net_of_vat(terms.top_up_cents, vat_micro)),
    )
    return priced, monthly


def value_is_stated(goods: Goods, device: Whole, top_up_net_cents: Whole) -> Truth:
    """Where there is no handset, or it is not subsidised, or the contract says what it is worth when it is kept."""
    return (goods.device_cost_cents[device] <= top_up_net_cents) | (goods.agreed_value_cents[device] >= 0)


def _recurring(terms: Terms, goods: Goods, subsidised: Truth, vat_micro: int) -> Monthly:
    return Monthly(
        commitment_months=terms.commitment_months,
        discount_cents=terms.discount_cents,
        discount_net_cents=net_of_vat(terms.discount_cents, vat_micro),
        discount_months=terms.discount_months,
        extras_cost_cents=goods.extras_cost_cents[terms.extras],
        extras_months=terms.extras_months,
        kept_value_cents=goods.kept_value_cents[terms.device],
        subsidised=subsidised,
    )


def _gains(terms: Terms, goods: Goods, policy: Policy, credit_cents: Whole, extras_months: Whole) -> Whole:
    months = policy["worth_months"]
    gains = np.empty((1 + len(TASTES), *terms.extras.shape), dtype=np.int64)
    gains[MONEY] = credit_cents - terms.top_up_cents + terms.discount_cents * np.minimum(terms.discount_months, months)
    gains[1:] = goods.extras_worth_cents[:, terms.extras] * np.minimum(extras_months, months)
    gains[DEVICE] = goods.device_price_cents[terms.device] * policy.micro("device_worth_share") // MICRO
    gains[COMMITMENT] = -policy["commitment_worth_cents"] * months * terms.commitment_months
    return gains


def first(table: Table, many: int) -> Table:
    """The first so many candidates of a table of columns, as views of it."""
    parts = vars(table).values()
    return type(table)(*(first(part, many) if isinstance(part, Terms) else part[..., :many] for part in parts))


def share_months(monthly: Monthly) -> tuple[Monthly, Whole]:
    """The monthly columns (1, J) held once for all the candidates that share them (1, Q); which one is each [J]."""
    names = [field.name for field in fields(Monthly)]
    columns = np.stack([getattr(monthly, name)[0] for name in names])
    distinct, of = np.unique(columns, axis=1, return_inverse=True)
    shared = dict(zip(names, distinct[:, None, :], strict=True), subsidised=distinct[-1:].astype(bool))
    return Monthly(**shared), of.reshape(-1)
