"""How much a rulebook would change: the last decisions, asked again today under it and under the one in force."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from engine.changes import days_from
from engine.rulebook import Rulebook
from engine.tables import MICRO
from ledger import queries
from ledger.records import outcome_digest
from ledger.retaken import take_under

MOST_DECISIONS = 200
MOST_DAYS = 12
"""A rulebook with more days ahead on which it changes is not measured day by day: all of it counts as changed."""


@dataclass(frozen=True)
class Impact:
    """Of so many recent decisions, how many answers would be others, on the day of those ahead with the most."""

    asked: int
    changed: int
    on: datetime.date

    @property
    def share(self) -> float:
        """The share of the answers that would change; 0 where there is no decision to ask again."""
        return self.changed / self.asked if self.asked else 0.0

    def is_above(self, share: float) -> bool:
        """Whether more would change than a share."""
        return self.changed * MICRO > self.asked * round(share * MICRO)


def measure_impact(connection: Connection, rulebook: Rulebook, over: Rulebook | None, today: datetime.date) -> Impact:
    """What putting a rulebook in force would change; all of it where `over`, the one in force, cannot be used.

    The last decisions are asked again as of today and of every later day on which either rulebook says something else,
    so that what is announced counts as much as what holds at once.
    """
    rows = queries.last_decisions(connection, MOST_DECISIONS)
    days = [] if over is None else sorted({*days_from(rulebook, today), *days_from(over, today)})
    if over is None or len(days) > MOST_DAYS:
        return Impact(len(rows), len(rows), today)
    found = [Impact(len(rows), _changed(rows, rulebook, over, day), day) for day in days]
    return max(found, key=lambda impact: impact.changed)


def _changed(rows: Sequence[Row[Any]], rulebook: Rulebook, over: Rulebook, day: datetime.date) -> int:
    if not rows:
        return 0
    pairs = zip(take_under(rows, over, day), take_under(rows, rulebook, day), strict=True)
    return sum(outcome_digest(now.outcome.written) != outcome_digest(then.outcome.written) for now, then in pairs)
