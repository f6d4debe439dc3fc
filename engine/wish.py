"""Wish first: the terms a customer asks for, with the smallest top-up that keeps the margin, exact to the cent.

For every commitment of the wish two personal candidates stand: the wish at the smallest top-up that keeps the margin,
and, where the asker's authority ends before it, the nearest terms inside that authority. Without a device nothing can
be topped up: the second candidate is then the largest discount, up to the wanted one, that margin and authority allow.
"""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.catalogue import KINDS, Candidates, HasTwins
from engine.fields import NO_LIMIT
from engine.margin import leaving
from engine.money import net_of_vat, smallest_gross
from engine.months import Months, Payers
from engine.rulebook import InForce
from engine.tables import Cases
from engine.terms import MONEY, NONE, Monthly, Priced, Terms, Truth, Whole, price

UNLIMITED = 2**40
ASKED = ("wants_device", "wants_needs", "price_cents")
SOLVED_TERMS = ("device", "top_up_cents", "discount_cents", "extras")
SOLVED_PRICES = ("once_cents", "depth_cents", "gains_cents", "in_stock", "within_shop_price")
LIMITS = ("wants_max_commitment_months", "wants_max_monthly_cents", "wants_max_upfront_cents")


@dataclass(frozen=True)
class Wish:
    """What each customer asks for, as columns (n, 1); a limit not said is UNLIMITED.

    `named` [n]: something is asked for; `stated` [n]: and the catalogue knows all of it, so that it can be granted.
    """

    named: Truth
    stated: Truth
    device: Whole
    needs: Whole
    max_commitment_months: Whole
    max_monthly_cents: Whole
    max_upfront_cents: Whole


def read_wishes(cases: Cases, in_force: InForce) -> Wish:
    """The wishes of n customers. Raises nothing: what the catalogue does not know is named, not stated."""
    columns = (cases[name].tolist() for name in (*ASKED, *LIMITS))
    wishes = [_read_wish(in_force, *said) for said in zip(*columns, strict=True)]
    named, stated, *others = np.array(wishes, dtype=np.int64).reshape(-1, 7).T
    return Wish(named > 0, stated > 0, *(column[:, None] for column in others))


def _read_wish(in_force: InForce, device: str, needs: Iterable[str], price: int, *limits: int) -> tuple[int, ...]:
    """One wish in the order of the columns of `Wish`."""
    catalogue = in_force.catalogue
    commitment, monthly, upfront = (UNLIMITED if limit == NO_LIMIT else limit for limit in limits)
    index = catalogue.device_index.get(device, NONE)
    bits = sum(1 << catalogue.extra_bit[name] for name in set(needs) if name in catalogue.extra_bit)
    unknown = bool(unknown_names(in_force, device, needs))
    named = unknown or index != NONE or bits > 0 or monthly < price
    return named, named and not unknown, index, bits, commitment, monthly, upfront


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


def asked_for(wish: Wish, terms: Terms, price_cents: Whole) -> Truth:
    """Whether terms hold everything a customer asked for, within every limit they stated, (n, C)."""
    if not wish.stated.any():
        return np.zeros((len(wish.stated), terms.extras.shape[1]), dtype=bool)
    holds = ((wish.device == NONE) | (wish.device == terms.device)) & ((terms.extras & wish.needs) == wish.needs)
    holds &= (terms.commitment_months <= wish.max_commitment_months) & (terms.top_up_cents <= wish.max_upfront_cents)
    return holds & (price_cents - terms.discount_cents <= wish.max_monthly_cents) & wish.stated[:, None]


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
    second = np.arange(terms.discount_cents.shape[1]) >= terms.discount_cents.shape[1] // 2
    subsidised, searched = (wish.device != NONE) & second, (wish.device == NONE) & second
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
    blank = _blank(solver.in_force)
    zeros = np.zeros((len(wish.device), blank.template.shape[1]), dtype=np.int64)
    discount = np.maximum(solver.payers.tariffs.price_cents - wish.max_monthly_cents, 0)
    return dataclasses.replace(
        blank,
        device=zeros + wish.device,
        top_up_cents=zeros,
        discount_cents=zeros + discount,
        extras=zeros + wish.needs,
    )


def _blank(in_force: InForce) -> Terms:
    listed = len(in_force.catalogue.offer_ids)
    return Terms(*(column[:, listed:] for column in vars(in_force.catalogue.open.priced.terms).values()))


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


@dataclass(frozen=True)
class TwinsOfBoth:
    """The twins of the `first` J candidates, which are listed, and of a wish's behind them.

    `members` are those of a wish over 12 months. Device and extras are the wish's, so the `same` discount makes a twin,
    [n, P, members].
    """

    listed: HasTwins
    first: int
    members: Whole
    same: Truth

    def any_passes(self, passes: Truth) -> Truth:
        """Whether some twin of each candidate passes, (n, J + P), from who passes (n, J + P)."""
        own = (self.same & passes[:, None, self.first + self.members]).any(axis=-1)
        return np.concatenate((self.listed.any_passes(passes), own), axis=1)

    def of(self, row: int, candidate: int) -> Whole:
        """The twins of one candidate, the cheapest top-up first."""
        if candidate < self.first:
            return self.listed.of(row, candidate)
        return self.first + self.members[self.same[row, candidate - self.first]]


def beside_the_listed(solved: Solved, in_force: InForce) -> Candidates:
    """The listed candidates (1, J) and, behind them, those of n wishes, (n, J + P)."""
    blank, priced = in_force.catalogue.open, solved.priced
    terms = priced.terms
    members = np.flatnonzero(terms.commitment_months[0] == 12)
    same = terms.discount_cents[:, :, None] == terms.discount_cents[:, None, members]
    return Candidates(
        priced=_in_their_places(blank.priced, priced),
        marks=dataclasses.replace(blank.marks, kind=_fill(blank.marks.kind, _kinds(terms))),
        twins=TwinsOfBoth(blank.twins, len(in_force.catalogue.offer_ids), members, same),
        exists=_fill(blank.exists, solved.exists),
    )


def _in_their_places(blank: Priced, solved: Priced) -> Priced:
    """Every column that a wish can change, filled; the others are the same for everybody."""
    terms = {name: _fill(getattr(blank.terms, name), getattr(solved.terms, name)) for name in SOLVED_TERMS}
    priced = {name: _fill(getattr(blank, name), getattr(solved, name)) for name in SOLVED_PRICES}
    return dataclasses.replace(blank, terms=dataclasses.replace(blank.terms, **terms), **priced)


def _fill(blank: Any, solved: Any) -> Any:
    """Columns (..., 1, J + P), their last P replaced by those of n customers (..., n, P)."""
    column = np.empty((*solved.shape[:-1], blank.shape[-1]), dtype=blank.dtype)
    column[...] = blank
    column[..., -solved.shape[-1] :] = solved
    return column


def _kinds(terms: Terms) -> Whole:
    """What kind of offer each personal candidate is, (n, P): a device, a discount or extras."""
    kind = np.where(terms.discount_cents > 0, KINDS.index("discount"), KINDS.index("extras"))
    return np.where(terms.device != NONE, KINDS.index("device"), kind)
