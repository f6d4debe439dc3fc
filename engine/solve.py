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
from engine.tables import altered
from engine.terms import MONEY, NONE, Priced, Terms, Truth, Whole, price, value_is_stated
from engine.wish import Wish


@dataclass(frozen=True)
class Solver:
    """What terms are solved against: who pays, and the deepest concession of each asker and account, (n, 1)."""

    in_force: InForce
    payers: Payers
    depth_limit_cents: Whole

    def price(self, terms: Terms, subsidised: Truth | None = None) -> tuple[Priced, Months]:
        """What terms cost and bring, same shape; their months as if a handset were `subsidised`, where that is said."""
        goods, law = self.in_force.catalogue.goods, self.in_force.law
        priced, monthly = price(terms, goods, self.in_force.policy, law.vat_micro)
        if subsidised is not None:
            monthly = dataclasses.replace(monthly, subsidised=subsidised)
        return priced, self.payers.months(monthly, leaving(monthly, law.exits))


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
    terms = _terms(wish, solver)
    nearer = _second_half(terms) & (terms.device == NONE)
    discount = np.where(nearer, largest_discount(terms, solver), terms.discount_cents)
    priced, months, top_up = _topped_up(with_levers(terms, terms.top_up_cents, discount), solver)
    priced = _with_top_up(priced, top_up, solver)
    return Solved(priced, months, _differs_from_the_exact(priced.terms))


def _terms(wish: Wish, solver: Solver) -> Terms:
    blank = solver.in_force.catalogue.blank_wish
    zeros = np.zeros((len(wish.device), blank.template.shape[1]), dtype=np.int64)
    discount = np.maximum(solver.payers.tariffs.price_cents - wish.max_monthly_cents, 0)
    return altered(
        blank,
        device=zeros + wish.device,
        top_up_cents=zeros,
        discount_cents=zeros + discount,
        extras=zeros + wish.needs,
    )


def with_levers(terms: Terms, top_up_cents: Whole, discount_cents: Whole) -> Terms:
    """The same terms with another top-up and another discount."""
    return altered(terms, top_up_cents=top_up_cents, discount_cents=discount_cents)


def missing_cents(priced: Priced, months: Months) -> Whole:
    """Net cents that terms lack to keep the margin; negative where they keep more."""
    needed = np.maximum(priced.floor_cents, months.share_floor_cents)
    return needed - months.lowest_cents - priced.once_cents


def smallest_top_ups(plain: Terms, solver: Solver) -> tuple[Whole, Whole]:
    """The smallest top-up that keeps the margin, and the smallest that also stays within authority, (n, C) each."""
    _, _, top_up = _topped_up(Terms(*map(_twice, vars(plain).values())), solver)
    return _halves(top_up)


def _topped_up(terms: Terms, solver: Solver) -> tuple[Priced, Months, Whole]:
    """Terms without a top-up priced, the months of the same with one, and that top-up; 0 without a device, (n, 2 C).

    In the first half it is the smallest that keeps the margin, in the second the smallest also within authority.
    From the cent at which the phone is no longer subsidised the law lets the customer leave for nothing, so the
    margin falls there: below that cent it is solved with a subsidy, from it on without. So the months of the first
    half are worked out without a subsidised handset, those of the second half with one, and each takes what it needs.
    """
    vat_micro, goods = solver.in_force.law.vat_micro, solver.in_force.catalogue.goods
    has_device, cost = terms.device != NONE, goods.device_cost_cents[terms.device]
    priced, months = solver.price(terms, subsidised=_second_half(terms) & has_device)
    without, with_subsidy = _halves(missing_cents(priced, months))
    without = np.maximum(without, _halves(cost)[0])
    at_least = smallest_gross(priced.depth_cents - solver.depth_limit_cents, vat_micro)
    _halves(at_least)[0][...] = 0
    subsidised = np.maximum(_twice(smallest_gross(with_subsidy, vat_micro)), at_least)
    unsubsidised = np.maximum(_twice(smallest_gross(without, vat_micro)), at_least)
    still = net_of_vat(subsidised, vat_micro) < cost
    free, bound = map(_twice, _halves(months.lowest_cents))
    lowest = np.where(has_device, np.where(still, bound, free), months.lowest_cents)
    top_up = np.where(has_device, np.where(still, subsidised, unsubsidised), 0)
    return priced, altered(months, lowest_cents=lowest), top_up


def _with_top_up(priced: Priced, top_up_cents: Whole, solver: Solver) -> Priced:
    """The same terms for a top-up where there was none."""
    net, gains = net_of_vat(top_up_cents, solver.in_force.law.vat_micro), priced.gains_cents.copy()
    gains[MONEY] -= top_up_cents
    goods, device = solver.in_force.catalogue.goods, priced.terms.device
    return altered(
        priced,
        terms=with_levers(priced.terms, top_up_cents, priced.terms.discount_cents),
        once_cents=priced.once_cents + net,
        depth_cents=priced.depth_cents - net,
        gains_cents=gains,
        within_shop_price=top_up_cents <= goods.device_price_cents[device],
        value_is_stated=value_is_stated(goods, device, net),
    )


def largest_discount(plain: Terms, solver: Solver) -> Whole:
    """The largest discount, up to the wanted one, that keeps margin and authority, (n, C); 0 where none does.

    Searched from the wanted one downwards, never past a fit: a cent less brings at most its months in cents, and what
    rounding adds is less than three steps. (No halving: a high floor share falls faster than the margin.)
    """
    discount = np.where(plain.device == NONE, plain.discount_cents, 0)
    while discount.any():
        priced, months = solver.price(with_levers(plain, plain.top_up_cents, discount))
        lacking = np.maximum(missing_cents(priced, months), priced.depth_cents - solver.depth_limit_cents)
        lacking = np.maximum(lacking, months.lacks_cents)
        too_deep = (lacking > 0) & (discount > 0)
        if not too_deep.any():
            break
        step = np.maximum(lacking // np.maximum(plain.discount_months, 1) - 3, 1)
        discount = np.where(too_deep, np.maximum(discount - step, 0), discount)
    return discount


def _differs_from_the_exact(terms: Terms) -> Truth:
    """Which candidates stand: every exact one, and the nearest within authority where it is another."""
    top_up, discount = _halves(terms.top_up_cents), _halves(terms.discount_cents)
    differs = (top_up[0] != top_up[1]) | (discount[0] != discount[1])
    return np.concatenate((np.ones_like(differs), differs), axis=1)


def _second_half(terms: Terms) -> Truth:
    second = np.zeros(terms.discount_cents.shape, dtype=bool)
    _halves(second)[1][...] = True
    return second


def _halves(columns: Any) -> tuple[Any, Any]:
    half = columns.shape[1] // 2
    return columns[:, :half], columns[:, half:]


def _twice(columns: Any) -> Any:
    return np.concatenate((columns, columns), axis=1)
