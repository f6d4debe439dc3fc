"""One contract that a value report follows: how it was decided on, how its window ended, what it brought and cost."""

import datetime
from dataclasses import dataclass, field

from ledger.followed import Around
from training.value.worth import Accepted, Prospects

GONE = ("left", "ported")
LEFT, STAYED, RUNNING, UNTOLD = "left", "stayed", "running", "untold"
"""How a contract ended its window; running: the window is not over; untold: it is, and nobody has said how."""


@dataclass(frozen=True)
class Followed:
    """One contract: how it was first decided on, what it is worth, and how its window ended."""

    decision_id: str
    subject_id: str
    account: str
    arm: str
    control_share_micro: int
    channel: str
    agent_id: str
    decided_at: str
    decided_on: datetime.date
    window_ends: datetime.date
    tenure_months: int | None
    price_cents: int
    offered_first: str
    best: str
    fault_on_file: bool
    p_churn_micro: int
    prospects: Prospects
    offered: bool
    calls: int
    call_cents: int
    accepted: tuple[Accepted, ...]
    ending: str
    around: Around = field(repr=False)

    @property
    def control(self) -> bool:
        """Whether the draw left it in the control group."""
        return self.arm == "control"

    @property
    def drawn(self) -> bool:
        """Whether there was a control group that it could have been drawn to."""
        return self.control_share_micro > 0

    @property
    def known(self) -> bool:
        """Whether its window is over and somebody has told how it ended."""
        return self.ending in (LEFT, STAYED)

    @property
    def margin_cents(self) -> int:
        """What its months are worth, before anything that was given."""
        if self.ending == LEFT:
            return self.prospects.leaves
        if self.accepted:
            return max(self.accepted, key=lambda one: one.commitment_months).stays
        return self.prospects.refuses if self.offered else self.prospects.untouched

    @property
    def concession_cents(self) -> int:
        """What was given: handsets, discounts, extras, credits."""
        left = self.ending == LEFT
        return sum(one.concession_leaves if left else one.concession_stays for one in self.accepted)

    @property
    def handling_cents(self) -> int:
        """What it cost to carry out what was accepted."""
        return sum(one.handling for one in self.accepted)

    @property
    def contact_cents(self) -> int:
        """What our own calls cost."""
        return self.calls * self.call_cents

    @property
    def cost_cents(self) -> int:
        """All of what it cost."""
        return self.concession_cents + self.handling_cents + self.contact_cents

    @property
    def net_cents(self) -> int:
        """What is left of the margin."""
        return self.margin_cents - self.cost_cents
