"""Chance without a generator: a draw is a hash of who is meant and of a salt, the same for ever and everywhere.

All draws share a million cells that are equally likely: the first are those of the control group, the next explore, the
others take the best. Each chance is a count of cells, so each is a whole number of 1e-6, exactly.
"""

import datetime
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from engine.policy import Policy
from engine.question import Question
from engine.tables import MICRO
from engine.terms import NONE, Truth, Whole

ARMS = ("control", "explore", "best")
"""What decided the main offer: the control group's own choice, a draw among near equals, or the best score."""
CONTROL, EXPLORE, BEST = range(len(ARMS))

FIRST_YEAR = 2000
"""The validities of control groups are counted from its first month, so that no edit of a rulebook moves them."""

_BYTES = 8


@dataclass(frozen=True)
class Shares:
    """How many of the million cells draw the control group, and how many explore."""

    control: int
    explore: int

    @classmethod
    def of(cls, policy: Policy) -> "Shares":
        """The shares of policy; what the control group leaves is the most that can explore."""
        control = policy.micro("control_share")
        return cls(control, min(policy.micro("explore_share"), MICRO - control))

    @property
    def best(self) -> int:
        """How many take the best."""
        return MICRO - self.control - self.explore


def cell_of(cells: int, *key: str) -> int:
    """One of so many equally likely cells, from 0: the first eight bytes of the SHA-256 of the lines of a key."""
    digest = hashlib.sha256("\n".join(key).encode()).digest()
    return int.from_bytes(digest[:_BYTES], "big") * cells >> 8 * _BYTES


def valid_from(today: datetime.date, control_months: int) -> datetime.date:
    """The first day of the validity in which a day lies: the group is drawn anew every so many months."""
    month = 12 * (today.year - FIRST_YEAR) + today.month - 1
    years, month = divmod(month - month % control_months, 12)
    return datetime.date(FIRST_YEAR + years, month + 1, 1)


def draw_control(question: Question, shares: Shares) -> Truth:
    """Who is in the control group, [n]: an account with all of its lines, for a whole validity."""
    policy = question.in_force.policy
    since = valid_from(question.today, policy["control_months"]).isoformat()
    salt = str(policy["chance_salt"])
    cells = (cell_of(MICRO, "control", salt, since, account) for account in _accounts(question))
    return np.fromiter((cell < shares.control for cell in cells), dtype=bool)


def draw_exploring(question: Question, shares: Shares) -> Whole:
    """Which of the exploring cells each customer outside the control group draws at this step of this day, -1: none."""
    facts, salt = question.facts, str(question.in_force.policy["chance_salt"])
    columns = (facts[name].tolist() for name in ("contract_id", "steps_taken", "refused_offers"))
    steps = zip(_accounts(question), *columns, strict=True)
    day = question.today.isoformat()
    cells = (
        cell_of(MICRO - shares.control, "explore", salt, day, account, contract, str(taken), *sorted(refused))
        for account, contract, taken, refused in steps
    )
    return np.fromiter((cell if cell < shares.explore else NONE for cell in cells), dtype=np.int64)


def _accounts(question: Question) -> Iterable[str]:
    """Who pays for each contract, by which the lines of a household stay together; else the contract itself."""
    customers, contracts = question.facts["customer_id"].tolist(), question.facts["contract_id"].tolist()
    return [customer or contract for customer, contract in zip(customers, contracts, strict=True)]
