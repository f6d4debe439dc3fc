"""Which 12-month candidates offer the same services as another: FR-TWIN12 wants one that passes, FR-TWINGAP near."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.terms import NONE, Terms, Truth, Whole

NO_TWIN = 2**62


@dataclass(frozen=True)
class Twins:
    """For each candidate its group of 12-month twins: same template, device, extras, discount and credit, any top-up.

    `members` lists the 12-month candidates group by group, cheapest top-up first, `top_ups_cents` their top-ups;
    `starts` where each group begins;
    `group` [J] is the group of each candidate, -1 (NONE) where no twin exists.
    """

    members: Whole
    starts: Whole
    group: Whole
    top_ups_cents: Whole

    def cheapest_cents(self, passes: Truth) -> Whole:
        """The lowest top-up of a twin that passes, for each candidate (n, J), from who passes (n, J or more)."""
        groups = np.full((len(passes), len(self.starts) + 1), NO_TWIN)
        if len(self.starts):
            passing = np.where(passes.take(self.members, axis=1), self.top_ups_cents, NO_TWIN)
            np.minimum.reduceat(passing, self.starts, axis=1, out=groups[:, :NONE])
        return groups.take(self.group, axis=1)

    def of(self, row: int, candidate: int) -> Whole:
        """The twins of one candidate, whoever the customer is, the cheapest top-up first."""
        group = int(self.group[candidate])
        ends = self.starts[group + 1] if group + 1 < len(self.starts) else len(self.members)
        return self.members[self.starts[group] : ends]


class HasTwins(Protocol):
    """Twins of a table of candidates, with or without personal ones."""

    def cheapest_cents(self, passes: Truth) -> Whole:
        """The lowest top-up of a twin of each candidate that passes, NO_TWIN where none does; shape of `passes`."""

    def of(self, row: int, candidate: int) -> Whole:
        """The twins of one candidate of one customer, the cheapest top-up first."""


@dataclass(frozen=True)
class TwinsOfBoth:
    """The twins of the `first` J candidates, which are listed, and of a wish's behind them.

    `members` are those of a wish over 12 months, at `top_ups_cents` (n, members). Device and extras are the
    wish's, so the `same` discount makes a twin, [n, P, members].
    """

    listed: HasTwins
    first: int
    members: Whole
    same: Truth
    top_ups_cents: Whole

    def cheapest_cents(self, passes: Truth) -> Whole:
        """The lowest top-up of a twin that passes, for each candidate (n, J + P), from who passes (n, J + P)."""
        passing = self.same & passes[:, None, self.first + self.members]
        own = np.where(passing, self.top_ups_cents[:, None, :], NO_TWIN).min(axis=-1, initial=NO_TWIN)
        return np.concatenate((self.listed.cheapest_cents(passes), own), axis=1)

    def of(self, row: int, candidate: int) -> Whole:
        """The twins of one candidate, the cheapest top-up first."""
        if candidate < self.first:
            return self.listed.of(row, candidate)
        return self.first + self.members[self.same[row, candidate - self.first]]


def find_twins(terms: Terms, offer_ids: NDArray[np.str_]) -> Twins:
    """The 12-month twins of every candidate of one table (1, J)."""
    kept = ("template", "device", "extras", "discount_cents", "credit_cents", "trade_in")
    same = np.stack([getattr(terms, name) for name in kept])
    _, service = np.unique(same[:, 0, :], axis=1, return_inverse=True)
    service = service.ravel()
    twelve = np.flatnonzero(terms.commitment_months[0] == 12)
    members = twelve[np.lexsort((offer_ids[twelve], terms.top_up_cents[0, twelve], service[twelve]))]
    services, starts = np.unique(service[members], return_index=True)
    position = np.searchsorted(services, service)
    found = services[np.minimum(position, max(len(services) - 1, 0))] == service if len(services) else service < 0
    return Twins(members, starts, np.where(found, position, NONE), terms.top_up_cents[0, members])
