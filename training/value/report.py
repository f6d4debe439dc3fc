"""The value report as data: every figure with its sample, its interval and the list of decisions behind it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from training.value.cohort import RUNNING, UNTOLD, Cohort, Followed
from training.value.earned import Told, against_control, by_offer_made, share_kept
from training.value.groups import (
    FEWEST_PEOPLE,
    Group,
    by_channel,
    by_offer,
    by_price,
    by_team,
    by_tenure,
    split,
)

FORMAT = 1
TREATED, CONTROL = "treated", "control"


@dataclass(frozen=True)
class Behind:
    """A decision behind a figure, and the side or group on which it counts."""

    decision_id: str
    side: str


@dataclass
class Report:
    """What the report says, JSON-ready, and the decisions behind each figure, by the name of its list."""

    told: Told
    lists: dict[str, list[Behind]] = field(default_factory=dict)


Teams = Mapping[str, Sequence[tuple[str, str]]]


def tell_report(cohort: Cohort, teams: Teams, became: Mapping[str, Sequence[str]]) -> Report:
    """All figures of a cohort; `teams`: of each agent, `became`: what became of the promises on each contract."""
    lists: dict[str, list[Behind]] = {}
    everybody = Group("all", tuple(cohort.followed))
    few = everybody.people < FEWEST_PEOPLE

    def figure(dimension: str, group: Group, tell: Callable[[Group], Told]) -> Told:
        name = list_name(dimension, group.name)
        lists[name] = [Behind(one.decision_id, CONTROL if one.control else TREATED) for one in group.members]
        return {**tell(group), "decisions": f"decisions/{name}.csv"}

    def earned(group: Group) -> Told:
        return against_control(group, became)

    dimensions: dict[str, tuple[Callable[[Followed], str], bool]] = {
        "tenure": (by_tenure, False),
        "price": (by_price, False),
        "channel": (by_channel, False),
        "team": (by_team(teams), True),
    }
    promised = [one for some in became.values() for one in some]
    treated = [one for one in cohort.followed if not one.control]
    told: Told = {
        "format": FORMAT,
        "since": cohort.period.first.isoformat(),
        "until": cohort.period.last.isoformat(),
        "as_of": cohort.period.today.isoformat(),
        "rulebooks": sorted(cohort.rulebooks),
        "left_out": {"not_over": cohort.count(RUNNING), "not_told": cohort.count(UNTOLD), "gone": cohort.gone},
        "earned": None if few else figure("all", everybody, earned),
        "by": {
            name: [figure(name, group, earned) for group in split(cohort.followed, of, staffed)]
            for name, (of, staffed) in dimensions.items()
        },
        "by_offer": [figure("offer", group, by_offer_made) for group in split(treated, by_offer)],
        "promises": share_kept(promised) if len(became) >= FEWEST_PEOPLE else None,
    }
    return Report(told, lists)


def list_name(dimension: str, name: str) -> str:
    """The name of the list of a figure: small letters, digits and hyphens."""
    return "-".join(filter(None, re.split(r"[^a-z0-9]+", f"{dimension} {name}".lower().replace("+", " plus"))))
