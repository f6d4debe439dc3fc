"""What each reaction is worth, in EUR, written from docs/arithmetic.md ("Value") and from nothing else."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.markets.people import Floats, People
from benchmarks.markets.shelf import Shelf

WINDOW_MONTHS = 6


@dataclass(frozen=True)
class Worth:
    """EUR: `accepted` [n, C]; `left`, `refused` and `uncontacted` [n, 1] (the last two stayed); `contact` a call."""

    accepted: Floats
    left: Floats
    refused: Floats
    uncontacted: Floats
    contact: float

    def expected(self, p_accept: Any, p_leave: Any, p_leave_uncontacted: Any) -> Floats:
        """What offering is worth beside not calling, [n, C], from chances [n, C] and, not called, [n, 1]."""
        calling = p_accept * self.accepted + p_leave * self.left + (1 - p_accept - p_leave) * self.refused
        not_calling = p_leave_uncontacted * self.left + (1 - p_leave_uncontacted) * self.uncontacted
        return calling - self.contact - not_calling


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
    once = (
        (shelf.top_up - shelf.credit - shelf.taken_back) / vat
        - shelf.device_net
        + shelf.resale_net
        - policy["handling_cents"] / 100
    )
    given = shelf.discount / vat * discounted + shelf.extras_net * with_extras
    margin = (people.fact("price_cents") / vat - people.fact("cost_to_serve_cents"))[:, None] / 100
    leaver = np.clip(1 - (t - 0.5) / WINDOW_MONTHS, 0, None)
    return Worth(
        accepted=margin * accepter.sum(axis=1) - given + once,
        left=margin * (present * leaver).sum(),
        refused=margin * lives(policy["monthly_leaving_after_refusing_share"]).sum(),
        uncontacted=margin * lives(policy["monthly_leaving_uncontacted_share"]).sum(),
        contact=policy["contact_cost_cents"] / 100,
    )
