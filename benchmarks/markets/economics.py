"""What each reaction is worth, in EUR, written from docs/arithmetic.md ("Value") and from nothing else."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.markets.people import Floats, People
from benchmarks.markets.shelf import Shelf

WINDOW_MONTHS = 6


@dataclass(frozen=True)
class Worth:
    """Of n customers their margin a month [n]; of C candidates the months [C] it lasts and what is paid or given [C].

    EUR net; months are discounted: of who accepts, and of who left, refused and stayed, or was not called and stayed.
    """

    margin: Floats
    months_accepted: Floats
    given: Floats
    months_left: float
    months_refused: float
    months_uncontacted: float
    contact: float

    def accepted(self, column: Any = None) -> Floats:
        """What accepting is worth: every candidate [n, C], or a candidate each [n]."""
        if column is None:
            return np.outer(self.margin, self.months_accepted) - self.given
        return self.margin * self.months_accepted[column] - self.given[column]

    def expected(self, p_accept: Floats, p_leave: Any, p_leave_uncontacted: Any) -> Floats:
        """What offering is worth beside not calling, [n, C], from chances [n, C] and, not called, [n]."""
        refused, left = self.margin * self.months_refused, self.margin * self.months_left
        not_calling = p_leave_uncontacted * left + (1 - p_leave_uncontacted) * self.margin * self.months_uncontacted
        gained = p_accept * (self.accepted() - refused[:, None]) - p_leave * (refused - left)[:, None]
        return gained + (refused - not_calling)[:, None] - self.contact

    def realised(self, offered: Any, accepted: Any, left: Any) -> Floats:
        """What each customer came to, [n]: offered a candidate or -1, accepted or not, left or not."""
        called = offered >= 0
        stayed = np.where(called, self.months_refused, self.months_uncontacted)
        others = self.margin * np.where(left, self.months_left, stayed)
        return np.where(accepted, self.accepted(np.maximum(offered, 0)), others) - called * self.contact


def worth(people: People, shelf: Shelf) -> Worth:
    """The worth of every reaction of n customers to C candidates."""
    policy, vat = shelf.in_force.policy, 1 + shelf.in_force.law.vat_micro / 1e6
    t = np.arange(1, policy["horizon_months"] + 1)
    present = (1 + policy["yearly_discount_share"]) ** (-t / 12)

    def lives(free_share: float, commitment: Any = 0) -> Any:
        bound = policy["monthly_leaving_in_commitment_share"]
        lost = np.where(t <= WINDOW_MONTHS, 0.0, np.where(t <= commitment, bound, free_share))
        return present * np.cumprod(1 - lost, axis=-1)

    accepter = lives(policy["monthly_leaving_after_accepting_share"], shelf.commitment[:, None])
    discounted = (accepter * (t <= shelf.discount_months[:, None])).sum(axis=1)
    with_extras = (accepter * (t <= shelf.extras_months[:, None])).sum(axis=1)
    paid = (shelf.top_up - shelf.credit - shelf.taken_back) / vat + shelf.resale_net
    lasting = shelf.discount / vat * discounted + shelf.extras_net * with_extras
    return Worth(
        margin=(people.fact("price_cents") / vat - people.fact("cost_to_serve_cents")) / 100,
        months_accepted=accepter.sum(axis=1),
        given=lasting + shelf.device_net + policy["handling_cents"] / 100 - paid,
        months_left=float((present * np.clip(1 - (t - 0.5) / WINDOW_MONTHS, 0, None)).sum()),
        months_refused=float(lives(policy["monthly_leaving_after_refusing_share"]).sum()),
        months_uncontacted=float(lives(policy["monthly_leaving_uncontacted_share"]).sum()),
        contact=policy["contact_cost_cents"] / 100,
    )
