"""Wish first: the terms a customer asks for, with the smallest top-up that keeps the margin, exact to the cent.

For every commitment of the wish two personal candidates stand: the wish at the smallest top-up that keeps the margin,
and, where the asker's authority ends before it, the nearest terms inside that authority. Without a device nothing can
be topped up: the second candidate is then the largest discount, up to the wanted one, that margin and authority allow.
"""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.margin import Leaving, leaving
from engine.money import net_of_vat, smallest_gross
from engine.months import Months, Payers
from engine.rulebook import InForce
from engine.tables import altered
from engine.terms import MONEY, NONE, Monthly, Priced, Terms, Truth, Whole, price, value_is_stated
from engine.wish import Wish

CENTS_AT_ONCE = np.arange(8)


@dataclass(frozen=True)
class Costs:
    """Terms priced, what recurs under them and what leaving means, whoever accepts them; of the shape of the terms."""

    priced: Priced
    monthly: Monthly
    leaving: Leaving


@dataclass(frozen=True)
class Solver:
    """What terms are solved against: who pays, and the deepest concession of each asker and account, (n, 1)."""

    in_force: InForce
    payers: Payers
    depth_limit_cents: Whole

    def price(self, terms: Terms) -> tuple[Priced, Months]:
        """What terms cost and bring, same shape."""
        costs = _costs(terms, self.in_force)
        return costs.priced, self.bring(costs)

    def bring(self, costs: Costs) -> Months:
        """What the months of terms bring in, same shape."""
        return self.payers.months(costs.monthly, costs.leaving)


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
    costs = _costs_of_wishes(wish, _discounts(wish, solver), solver.in_force)
    priced, months = costs.priced, solver.bring(costs)
    if (wish.device != NONE).any():
        top_up, months = _topped_up(priced, months, solver)
        priced = _with_top_up(priced, top_up, solver)
    return Solved(priced, months, _differs_from_the_exact(priced.terms))


def _discounts(wish: Wish, solver: Solver) -> Whole:
    """The discount of each personal candidate, (n, P): the wanted one, or the largest within authority."""
    blank = solver.in_force.catalogue.blank_wish
    wanted = np.maximum(solver.payers.tariffs.price_cents - wish.max_monthly_cents, 0)
    discount: Whole = blank.discount_cents + wanted
    if wanted.any():
        half = discount.shape[1] // 2
        terms = _terms(blank.behind(half), wish.device, wish.needs, discount[:, half:])
        discount[:, half:] = np.where(wish.device == NONE, largest_discount(terms, solver), terms.discount_cents)
    return discount


def _terms(blank: Terms, device: Whole, needs: Whole, discount_cents: Whole) -> Terms:
    """What is wished, without a top-up, (n, P)."""
    zeros = np.zeros_like(discount_cents)
    return altered(
        blank, device=zeros + device, top_up_cents=zeros, discount_cents=discount_cents, extras=zeros + needs
    )


def _costs(terms: Terms, in_force: InForce, subsidised: Truth | None = None) -> Costs:
    """What terms cost; their months as if a handset were `subsidised`, where that is said."""
    priced, monthly = price(terms, in_force.catalogue.goods, in_force.policy, in_force.law.vat_micro)
    if subsidised is not None:
        monthly = altered(monthly, subsidised=subsidised)
    return Costs(priced, monthly, leaving(monthly, in_force.law.exits))


def _costs_both_ways(terms: Terms, in_force: InForce) -> Costs:
    """What terms cost, their months in the first half without a subsidised handset, in the second with one."""
    return _costs(terms, in_force, _second_half(terms.device) & (terms.device != NONE))


def _costs_of_wishes(wish: Wish, discount_cents: Whole, in_force: InForce) -> Costs:
    """What wishes cost before their top-ups are known, (n, P); that of one alone is worked out once a day."""
    if len(discount_cents) == 1:
        return _costs_of_one(in_force, wish.device.item(), wish.needs.item(), tuple(discount_cents[0].tolist()))
    return _costs_both_ways(_terms(in_force.catalogue.blank_wish, wish.device, wish.needs, discount_cents), in_force)


@functools.lru_cache(maxsize=512)
def _costs_of_one(in_force: InForce, device: int, needs: int, discounts_cents: tuple[int, ...]) -> Costs:
    columns = (np.array([cells]) for cells in ([device], [needs], discounts_cents))
    return _costs_both_ways(_terms(in_force.catalogue.blank_wish, *columns), in_force)


def with_levers(terms: Terms, top_up_cents: Whole, discount_cents: Whole) -> Terms:
    """The same terms with another top-up and another discount."""
    return altered(terms, top_up_cents=top_up_cents, discount_cents=discount_cents)


def missing_cents(priced: Priced, months: Months) -> Whole:
    """Net cents that terms lack to keep the margin; negative where they keep more."""
    needed = np.maximum(priced.floor_cents, months.share_floor_cents)
    return needed - months.lowest_cents - priced.once_cents


def smallest_top_ups(plain: Terms, solver: Solver) -> tuple[Whole, Whole]:
    """The smallest top-up that keeps the margin, and the smallest that also stays within authority, (n, C) each."""
    costs = _costs_both_ways(
        Terms(*(np.concatenate((column, column), axis=1) for column in vars(plain).values())), solver.in_force
    )
    top_up, _ = _topped_up(costs.priced, solver.bring(costs), solver)
    exact, within = _halves(top_up).swapaxes(0, 1)
    return exact, within


def _topped_up(priced: Priced, months: Months, solver: Solver) -> tuple[Whole, Months]:
    """The top-up of terms priced without one, 0 without a device, and their months with it, (n, 2 C).

    In the first half it is the smallest that keeps the margin, in the second the smallest also within authority.
    From the cent at which the phone is no longer subsidised the law lets the customer leave for nothing, so the
    margin falls there: below that cent it is solved with a subsidy, from it on without. So the months of the first
    half are worked out without a subsidised handset, those of the second half with one, and each takes what it needs.
    """
    vat_micro, goods = solver.in_force.law.vat_micro, solver.in_force.catalogue.goods
    device, lowest, lacking = map(_halves, (priced.terms.device, months.lowest_cents, missing_cents(priced, months)))
    has_device, cost = device != NONE, goods.device_cost_cents[device]
    np.maximum(lacking[:, 0], cost[:, 0], out=lacking[:, 0])
    smallest = smallest_gross(lacking, vat_micro)
    at_least = _halves(smallest_gross(priced.depth_cents - solver.depth_limit_cents, vat_micro))
    at_least[:, 0] = 0
    unsubsidised, subsidised = np.maximum(smallest[:, :1], at_least), np.maximum(smallest[:, 1:], at_least)
    still = net_of_vat(subsidised, vat_micro) < cost
    top_up = np.where(has_device, np.where(still, subsidised, unsubsidised), 0)
    lowest = np.where(has_device, np.where(still, lowest[:, 1:], lowest[:, :1]), lowest)
    shape = months.lowest_cents.shape
    return top_up.reshape(shape), altered(months, lowest_cents=lowest.reshape(shape))


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

    Searched from the wanted one downwards, some cents at once and never past a fit: a cent less brings at most its
    months in cents, and what rounding adds is less than three steps. (No halving: a high floor share falls faster than
    the margin.)
    """
    discount = np.where(plain.device == NONE, plain.discount_cents, 0)
    while discount.any():
        tried = np.maximum(discount[..., None] - CENTS_AT_ONCE, 0)
        lacking = _lacks_with(tried, plain, solver)
        fits = (lacking <= 0) | (tried == 0)
        found, largest = fits.any(axis=-1), np.where(fits, tried, 0).max(axis=-1)
        if found.all():
            return largest
        step = np.maximum(lacking[..., -1] // np.maximum(plain.discount_months, 1) - 3, 1)
        discount = np.where(found, largest, np.maximum(tried[..., -1] - step, 0))
    return discount


def _lacks_with(discounts_cents: Whole, plain: Terms, solver: Solver) -> Whole:
    """Net cents that terms lack to keep margin and authority at each of some discounts, (n, C, discounts)."""
    many = discounts_cents.shape[-1]
    terms = Terms(*(column.repeat(many, axis=1) for column in vars(plain).values()))
    of_each = discounts_cents.reshape(len(discounts_cents), -1)
    priced, months = solver.price(with_levers(terms, terms.top_up_cents, of_each))
    lacking = np.maximum(missing_cents(priced, months), priced.depth_cents - solver.depth_limit_cents)
    return np.maximum(lacking, months.lacks_cents).reshape(discounts_cents.shape)


def _differs_from_the_exact(terms: Terms) -> Truth:
    """Which candidates stand: every exact one, and the nearest within authority where it is another."""
    top_up, discount = _halves(terms.top_up_cents), _halves(terms.discount_cents)
    differs = (top_up != top_up[:, :1]) | (discount != discount[:, :1])
    differs[:, 0] = True
    return differs.reshape(terms.top_up_cents.shape)


def _second_half(columns: Whole) -> Truth:
    """Which of the columns stand in the second half, [C]."""
    many = columns.shape[1]
    return np.arange(many) >= many // 2


def _halves(columns: Any) -> Any:
    """Columns (n, 2 C) as (n, 2, C)."""
    return columns.reshape(len(columns), 2, columns.shape[1] // 2)
