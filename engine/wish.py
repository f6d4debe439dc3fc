"""Wish first: the terms a customer asks for, with the smallest top-up that keeps the margin, exact to the cent.

For every commitment of the wish two personal candidates stand: the wish at the smallest top-up that keeps the margin,
and, where the asker's authority ends before it, the nearest terms inside that authority. Without a device nothing can
be topped up: the second candidate is then the largest discount, up to the wanted one, that margin and authority allow.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.fields import NO_LIMIT
from engine.margin import Tariff, lowest_monthly_margin, month_without_commitment_lacks, needed_cents, share_floor_cents
from engine.money import net_of_vat, smallest_gross
from engine.rulebook import InForce
from engine.tables import Cases
from engine.terms import NONE, Priced, Terms, Whole, price

UNLIMITED = 2**40
NAMES = ("wants_device", "wants_needs")
LIMITS = ("wants_max_commitment_months", "wants_max_monthly_cents", "wants_max_upfront_cents")


@dataclass(frozen=True)
class Wish:
    """What each customer asks for, as columns (n, 1); a limit not said is UNLIMITED.

    `named` [n]: something is asked for; `stated` [n]: and the catalogue knows all of it, so that it can be granted.
    """

    named: NDArray[np.bool_]
    stated: NDArray[np.bool_]
    device: Whole
    needs: Whole
    max_commitment_months: Whole
    max_monthly_cents: Whole
    max_upfront_cents: Whole


def read_wishes(cases: Cases, in_force: InForce) -> Wish:
    """The wishes of n customers. Raises nothing: what the catalogue does not know is named, not stated."""
    catalogue = in_force.catalogue
    device = np.array([catalogue.device_index.get(name, NONE) for name in cases["wants_device"]], dtype=np.int64)
    bit = catalogue.extra_bit
    needs = np.array(
        [sum(1 << bit[n] for n in set(names) if n in bit) for names in cases["wants_needs"]], dtype=np.int64
    )
    limits = [np.where(cases[name] == NO_LIMIT, UNLIMITED, cases[name]) for name in LIMITS]
    known = np.array([not unknown_names(in_force, *asked) for asked in zip(*(cases[n] for n in NAMES), strict=True)])
    named = (device != NONE) | (needs > 0) | (limits[1] < cases["price_cents"]) | ~known
    return Wish(named, named & known, *(column[:, None] for column in (device, needs, *limits)))


def unknown_names(in_force: InForce, device: str, needs: Iterable[str]) -> list[str]:
    """What one customer asks for that the catalogue does not know."""
    catalogue = in_force.catalogue
    unknown = [device] if device and device not in catalogue.device_index else []
    return unknown + [name for name in needs if name not in catalogue.extra_bit]


def overshoot(wish: Wish, terms: Terms, price_cents: Whole) -> tuple[Whole, Whole, Whole]:
    """By how much terms pass the wish: months, cents a month, cents upfront; each (n, C), 0 where within."""
    return (
        np.maximum(terms.commitment_months - wish.max_commitment_months, 0),
        np.maximum(price_cents - terms.discount_cents - wish.max_monthly_cents, 0),
        np.maximum(terms.top_up_cents - wish.max_upfront_cents, 0),
    )


def asked_for(wish: Wish, terms: Terms, price_cents: Whole) -> NDArray[np.bool_]:
    """Whether terms hold everything a customer asked for, within every limit they stated, (n, C)."""
    if not wish.stated.any():
        return np.zeros((len(wish.stated), terms.extras.shape[1]), dtype=bool)
    holds = ((wish.device == NONE) | (wish.device == terms.device)) & ((terms.extras & wish.needs) == wish.needs)
    holds &= (terms.commitment_months <= wish.max_commitment_months) & (terms.top_up_cents <= wish.max_upfront_cents)
    return holds & (price_cents - terms.discount_cents <= wish.max_monthly_cents) & wish.stated[:, None]


@dataclass(frozen=True)
class Solver:
    """What terms are solved against: the tariff and the deepest concession of each asker and account, (n, 1)."""

    in_force: InForce
    tariffs: Tariff
    depth_limit_cents: Whole

    def price(self, terms: Terms) -> Priced:
        """What terms cost and bring under the rulebook of the day, same shape."""
        return price(terms, self.in_force.catalogue.goods, self.in_force.policy, self.in_force.law.vat_micro)

    def missing_cents(self, priced: Priced) -> Whole:
        """Net cents that terms lack to keep the margin; negative where they keep more."""
        monthly, policy = priced.monthly, self.in_force.policy
        secured = lowest_monthly_margin(self.tariffs, monthly, self.in_force.law) + priced.once_cents
        share = share_floor_cents(self.tariffs, monthly, policy.micro("floor_share"))
        return needed_cents(policy, monthly.commitment_months, share) - secured


def wish_terms(wish: Wish, solver: Solver) -> tuple[Terms, NDArray[np.bool_]]:
    """The personal candidates of n wishes (n, P) and which of them exist; without a wish none does."""
    months = np.array(solver.in_force.catalogue.wish_commitments, dtype=np.int64)
    plain = _terms(wish, solver, months)
    top_up, top_up_in_authority = smallest_top_ups(plain, solver)
    discount = np.where(wish.device == NONE, largest_discount(plain, solver), plain.discount_cents)
    exact = with_levers(plain, top_up, plain.discount_cents)
    nearer = with_levers(plain, top_up_in_authority, discount)
    differs = (nearer.top_up_cents != exact.top_up_cents) | (nearer.discount_cents != exact.discount_cents)
    exists = np.concatenate([np.ones_like(differs), differs], axis=1) & wish.stated[:, None]
    both = {name: np.concatenate([getattr(exact, name), getattr(nearer, name)], axis=1) for name in vars(exact)}
    return Terms(**both), exists


@dataclass(frozen=True)
class WishTwins:
    """Which 12-month candidates of a wish (`members`) offer the same services as each candidate, [n, P, members]."""

    members: Whole
    same: NDArray[np.bool_]

    def any_passes(self, passes: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Whether some twin of each candidate passes, (n, P), from who passes (n, P)."""
        return np.asarray(np.any(self.same & passes[:, None, self.members], axis=-1))

    def of(self, row: int, candidate: int) -> Whole:
        """The twins of one candidate, the cheapest top-up first."""
        return self.members[self.same[row, candidate]]


def wish_twins(terms: Terms) -> WishTwins:
    """The twins of personal candidates: device and extras are the wish's, so the same discount makes a twin."""
    members = np.flatnonzero(terms.commitment_months[0] == 12)
    return WishTwins(members, terms.discount_cents[:, :, None] == terms.discount_cents[:, None, members])


def _terms(wish: Wish, solver: Solver, months: Whole) -> Terms:
    shape = (len(wish.stated), len(months))
    catalogue, policy = solver.in_force.catalogue, solver.in_force.policy
    lasts = np.where(months > 0, months, policy["months_of_discount_without_commitment"])
    zeros = np.zeros(shape, dtype=np.int64)

    def fill(column: Whole | int) -> Whole:
        return zeros + column

    return Terms(
        template=fill(catalogue.wish_template),
        device=fill(wish.device),
        commitment_months=fill(months),
        top_up_cents=fill(0),
        discount_cents=fill(np.maximum(solver.tariffs.price_cents - wish.max_monthly_cents, 0)),
        discount_months=fill(lasts),
        extras=fill(wish.needs),
        credit_cents=fill(0),
        trade_in=fill(NONE),
    )


def with_levers(terms: Terms, top_up_cents: Whole, discount_cents: Whole) -> Terms:
    """The same terms with another top-up and another discount."""
    return Terms(**{**vars(terms), "top_up_cents": top_up_cents, "discount_cents": discount_cents})


def smallest_top_ups(plain: Terms, solver: Solver) -> tuple[Whole, Whole]:
    """The smallest top-up that keeps the margin, and the smallest that also stays within authority, (n, C) each.

    From the cent at which the phone is no longer subsidised the law lets the customer leave for nothing, so the
    margin falls there: below that cent it is solved with a subsidy, from it on without.
    """
    vat_micro, goods = solver.in_force.law.vat_micro, solver.in_force.catalogue.goods
    cost = goods.device_cost_cents[plain.device]
    priced = solver.price(plain)
    deep = smallest_gross(priced.depth_cents - solver.depth_limit_cents, vat_micro)
    subsidised = smallest_gross(solver.missing_cents(priced), vat_micro)
    unsubsidised = smallest_gross(cost, vat_micro)
    if (net_of_vat(np.maximum(subsidised, deep), vat_micro) >= cost).any():
        paid = with_levers(plain, unsubsidised, plain.discount_cents)
        lacking = net_of_vat(unsubsidised, vat_micro) + solver.missing_cents(solver.price(paid))
        unsubsidised = np.maximum(unsubsidised, smallest_gross(lacking, vat_micro))

    def smallest(at_least: Whole) -> Whole:
        low = np.maximum(subsidised, at_least)
        still = net_of_vat(low, vat_micro) < cost
        return np.where(plain.device == NONE, 0, np.where(still, low, np.maximum(unsubsidised, at_least)))

    return smallest(np.zeros_like(deep)), smallest(deep)


def largest_discount(plain: Terms, solver: Solver) -> Whole:
    """The largest discount, up to the wanted one, that keeps margin and authority, (n, C); 0 where none does.

    Searched from the wanted one downwards, never past a fit: a cent less brings at most its months in cents, and what
    rounding adds is less than three steps. (No halving: a high floor share falls faster than the margin.)
    """
    discount = np.where(plain.device == NONE, plain.discount_cents, 0)
    months = np.maximum(plain.discount_months, 1)
    while discount.any():
        priced = solver.price(with_levers(plain, plain.top_up_cents, discount))
        lacking = np.maximum(solver.missing_cents(priced), priced.depth_cents - solver.depth_limit_cents)
        lacking = np.maximum(lacking, month_without_commitment_lacks(solver.tariffs, priced.monthly))
        too_deep = (lacking > 0) & (discount > 0)
        if not too_deep.any():
            break
        step = np.maximum(lacking // months - 3, 1)
        discount = np.where(too_deep, np.maximum(discount - step, 0), discount)
    return discount
