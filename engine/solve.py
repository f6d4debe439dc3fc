"""Wish first: the terms a customer asks for, with the smallest top-up that keeps the margin, exact to the cent.

For every commitment of the wish two personal candidates stand: the wish at the smallest top-up that keeps the margin,
and, where the asker's authority ends before it, the nearest terms inside that authority. Without a device nothing can
be topped up: the second candidate is then the largest discount, up to the wanted one, that margin and authority allow.
"""

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.margin import leaving
from engine.money import net_of_vat, smallest_gross
from engine.months import Months, Payers
from engine.rulebook import InForce
from engine.terms import MONEY, NONE, Monthly, Priced, Terms, Truth, Whole, price
from engine.wish import Wish


@dataclass(frozen=True)
class Solver:
    """What terms are solved against: who pays, and the deepest concession of each asker and account, (n, 1)."""

    in_force: InForce
    payers: Payers
    depth_limit_cents: Whole

    def price(self, terms: Terms) -> tuple[Priced, Monthly]:
        """What terms cost and bring under the rulebook of the day, same shape."""
        return price(terms, self.in_force.catalogue.goods, self.in_force.policy, self.in_force.law.vat_micro)


@dataclass(frozen=True)
class Solved:
    """The personal candidates of n wishes (n, P), what their months bring in, and which of them exist.

    The first half holds the wish of each commitment, the second half the nearest terms within authority.
    """

    priced: Priced
    months: Months
    exists: Truth


def solve(wish: Wish, solver: Solver) -> Solved:
    """The personal candidates of customers who all state a wish."""
    has_device = wish.device != NONE
    priced, months = _with_discounts(wish, solver)
    top_up, subsidised = _smallest_top_ups(priced, months, solver)
    priced = _topped_up(priced, np.where(has_device, top_up, 0), solver)
    without, with_subsidy = map(_twice, _halves(months.lowest_cents))
    lowest = np.where(subsidised, with_subsidy, without)
    months = dataclasses.replace(months, lowest_cents=np.where(has_device, lowest, months.lowest_cents))
    return Solved(priced, months, _differs_from_the_exact(priced.terms))


def _with_discounts(wish: Wish, solver: Solver) -> tuple[Priced, Months]:
    """The wish without a top-up: its months in the first half without a subsidised handset, in the second with one.

    Who wants no device has, in the second half, the largest discount up to the wanted one that keeps margin and
    authority (0 where none does). It is searched from the wanted one downwards, never past a fit: a cent less brings
    at most its months in cents, and what rounding adds is less than three steps. (No halving: a high floor share falls
    faster than the margin.)
    """
    terms = _terms(wish, solver)
    second = np.zeros(terms.discount_cents.shape, dtype=bool)
    _halves(second)[1][...] = True
    subsidised, searched = second & (wish.device != NONE), second & (wish.device == NONE)
    while True:
        priced, monthly = solver.price(terms)
        monthly = dataclasses.replace(monthly, subsidised=subsidised)
        months = solver.payers.months(monthly, leaving(monthly, solver.in_force.law))
        reducible = searched & (terms.discount_cents > 0)
        if not reducible.any():
            return priced, months
        lacking = np.maximum(_missing_cents(priced, months), priced.depth_cents - solver.depth_limit_cents)
        lacking = np.maximum(lacking, months.lacks_cents)
        too_deep = (lacking > 0) & reducible
        if not too_deep.any():
            return priced, months
        step = np.maximum(lacking // np.maximum(terms.discount_months, 1) - 3, 1)
        discount = np.where(too_deep, np.maximum(terms.discount_cents - step, 0), terms.discount_cents)
        terms = dataclasses.replace(terms, discount_cents=discount)


def _terms(wish: Wish, solver: Solver) -> Terms:
    catalogue = solver.in_force.catalogue
    blank = catalogue.open.priced.terms.behind(len(catalogue.offer_ids))
    zeros = np.zeros((len(wish.device), blank.template.shape[1]), dtype=np.int64)
    discount = np.maximum(solver.payers.tariffs.price_cents - wish.max_monthly_cents, 0)
    return dataclasses.replace(
        blank,
        device=zeros + wish.device,
        top_up_cents=zeros,
        discount_cents=zeros + discount,
        extras=zeros + wish.needs,
    )


def _missing_cents(priced: Priced, months: Months) -> Whole:
    """Net cents that terms lack to keep the margin; negative where they keep more."""
    needed = np.maximum(priced.floor_cents, months.share_floor_cents)
    return needed - months.lowest_cents - priced.once_cents


def _smallest_top_ups(priced: Priced, months: Months, solver: Solver) -> tuple[Whole, Truth]:
    """The smallest top-up that keeps the margin, then the smallest that also stays within authority, (n, P).

    From the cent at which the phone is no longer subsidised the law lets the customer leave for nothing, so the
    margin falls there: below that cent it is solved with a subsidy, from it on without. Says where one is left.
    """
    vat_micro, goods = solver.in_force.law.vat_micro, solver.in_force.catalogue.goods
    cost = goods.device_cost_cents[priced.terms.device]
    without, with_subsidy = _halves(_missing_cents(priced, months))
    without = np.maximum(without, _halves(cost)[0])
    at_least = smallest_gross(priced.depth_cents - solver.depth_limit_cents, vat_micro)
    _halves(at_least)[0][...] = 0
    subsidised = np.maximum(_twice(smallest_gross(with_subsidy, vat_micro)), at_least)
    unsubsidised = np.maximum(_twice(smallest_gross(without, vat_micro)), at_least)
    still = net_of_vat(subsidised, vat_micro) < cost
    return np.where(still, subsidised, unsubsidised), still


def _topped_up(priced: Priced, top_up_cents: Whole, solver: Solver) -> Priced:
    """The same terms for a top-up where there was none."""
    net, gains = net_of_vat(top_up_cents, solver.in_force.law.vat_micro), priced.gains_cents.copy()
    gains[MONEY] -= top_up_cents
    shop_price = solver.in_force.catalogue.goods.device_price_cents[priced.terms.device]
    return dataclasses.replace(
        priced,
        terms=dataclasses.replace(priced.terms, top_up_cents=top_up_cents),
        once_cents=priced.once_cents + net,
        depth_cents=priced.depth_cents - net,
        gains_cents=gains,
        within_shop_price=top_up_cents <= shop_price,
    )


def _differs_from_the_exact(terms: Terms) -> Truth:
    """Which candidates stand: every exact one, and the nearest within authority where it is another."""
    top_up, discount = _halves(terms.top_up_cents), _halves(terms.discount_cents)
    differs = (top_up[0] != top_up[1]) | (discount[0] != discount[1])
    return np.concatenate((np.ones_like(differs), differs), axis=1)


def _halves(columns: Any) -> tuple[Any, Any]:
    half = columns.shape[1] // 2
    return columns[:, :half], columns[:, half:]


def _twice(columns: Any) -> Any:
    return np.concatenate((columns, columns), axis=1)
