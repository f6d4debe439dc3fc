"""Groups of contracts that a figure may speak of: bands and names, and no group of fewer people than a crowd."""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from engine.tables import MICRO
from ledger.trial import TENURE_BANDS
from training.value.contract import Followed

FEWEST_PEOPLE = 10
REST = "all others"
UNKNOWN = "not on file"
NO_TEAM = "no team"
PRICE_BANDS = (("0 to 15 EUR", 0), ("15 to 25 EUR", 1_500), ("25 to 40 EUR", 2_500), ("40 EUR and more", 4_000))
"""Bands of the monthly price including VAT, each with its lowest price in cents."""
RISK_BANDS = (
    ("0 to 5 %", 0),
    ("5 to 10 %", 50_000),
    ("10 to 20 %", 100_000),
    ("20 to 40 %", 200_000),
    ("40 % and more", 400_000),
)
"""Bands of the chance of leaving, each with the lowest in 1e-6."""


@dataclass(frozen=True)
class Group:
    """Some contracts under one name."""

    name: str
    members: tuple[Followed, ...]

    @property
    def people(self) -> int:
        """How many accounts they belong to."""
        return len({one.account for one in self.members})


def band(value: int, bands: Sequence[tuple[str, int]]) -> str:
    """The name of the last band that begins at a value or below it."""
    return next(name for name, lowest in reversed(bands) if value >= lowest)


def by_tenure(one: Followed) -> str:
    """The tenure band of a contract."""
    return UNKNOWN if one.tenure_months is None else f"{band(one.tenure_months, TENURE_BANDS)} months"


def by_price(one: Followed) -> str:
    """The price band of a contract."""
    return band(one.price_cents, PRICE_BANDS)


def by_channel(one: Followed) -> str:
    """The channel of the first contact."""
    return one.channel


def by_best(one: Followed) -> str:
    """What would have been offered first had nobody been drawn."""
    return one.best


def by_offer(one: Followed) -> str:
    """What was offered first."""
    return one.offered_first


def by_risk(one: Followed) -> str:
    """The band of the chance of leaving."""
    return band(min(max(one.p_churn_micro, 0), MICRO), RISK_BANDS)


def by_team(teams: Mapping[str, Sequence[tuple[str, str]]]) -> Callable[[Followed], str]:
    """The team that an agent's key named when the decision was taken; `teams`: agent -> (since, team), in order."""

    def team(one: Followed) -> str:
        named = teams.get(one.agent_id, ())
        begun = [name for since, name in named if since <= one.decided_at] or [name for _, name in named[:1]]
        return (begun[-1] if begun else "") or NO_TEAM

    return team


def split(followed: Sequence[Followed], name_of: Callable[[Followed], str], staffed: bool = False) -> list[Group]:
    """The groups of some contracts by name; small ones are told together, so that none can be worked out.

    `staffed`: a group speaks of those who served as well, and needs as many of them.
    """
    found: dict[str, list[Followed]] = defaultdict(list)
    for one in followed:
        found[name_of(one)].append(one)
    groups = sorted((Group(name, tuple(some)) for name, some in found.items()), key=lambda group: len(group.members))
    crowds = [group for group in groups if _is_crowd(group.members, staffed)]
    rest = [one for group in groups if group not in crowds for one in group.members]
    while rest and not _is_crowd(rest, staffed) and crowds:
        rest += crowds.pop(0).members
    shown = sorted(crowds, key=lambda group: _order(group.name))
    return [*shown, Group(REST, tuple(rest))] if _is_crowd(rest, staffed) else shown


def _order(name: str) -> tuple[float, str]:
    """Bands by the number they begin with, other names behind them by their letters."""
    number = re.match(r"\d+", name)
    return (float(number.group()) if number else math.inf), name


def _is_crowd(some: Sequence[Followed], staffed: bool) -> bool:
    people = {one.account for one in some}
    served_by = {one.agent_id for one in some}
    return len(people) >= FEWEST_PEOPLE and (not staffed or len(served_by) >= FEWEST_PEOPLE)
