"""The value report as data: every figure with its sample, its interval and the list of decisions behind it."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from training.value.acting import ToActOn, to_act_on
from training.value.cohort import Cohort
from training.value.contract import RUNNING, UNTOLD, Followed
from training.value.earned import FEWER, Became, Told, against_control, by_offer_made, cautions, share_kept
from training.value.groups import (
    FEWEST_PEOPLE,
    Group,
    by_best,
    by_channel,
    by_offer,
    by_price,
    by_team,
    by_tenure,
    split,
)
from training.value.service import EXPOSURES, LANDMARK_DAYS, Served, at_their_landmark, cost_of

FORMAT = 1
ACT_ON = "act-on.csv"
TREATED, CONTROL = "treated", "control"
WITH, WITHOUT = "with", "without"

SIDE_OF_A_DECISION = ("decision_id", "side")
WHAT_BECAME = ("promise_id", "became")

Teams = Mapping[str, Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class Listed:
    """What lies behind a figure: the id of each decision or promise, and the side or state in which it counts."""

    columns: tuple[str, str]
    rows: Sequence[tuple[str, str]]


@dataclass
class Report:
    """What the report says, JSON-ready; what lies behind each figure, by the name of its list; what to act on."""

    told: Told
    lists: dict[str, Listed] = field(default_factory=dict)
    act_on: list[ToActOn] = field(default_factory=list)

    def link(self, name: str, rows: Iterable[tuple[str, str]], columns: tuple[str, str] = SIDE_OF_A_DECISION) -> Told:
        """Keep a list under a name of its own, and say where it lies."""
        number = 1 + sum(known == name or known.startswith(f"{name}.") for known in self.lists)
        own = name if number == 1 else f"{name}.{number}"
        self.lists[own] = Listed(columns, list(rows))
        return {"decisions": f"decisions/{own}.csv"}


def tell_report(cohort: Cohort, teams: Teams, became: Became) -> Report:
    """All figures of a cohort; `teams`: of each agent, `became`: what became of the promises on each contract."""
    everybody = Group("all", tuple(cohort.followed))
    report = Report(_heading(cohort), act_on=to_act_on(cohort.followed, cohort.period.today))
    if everybody.people < FEWEST_PEOPLE:
        everybody = Group("all", ())
    report.told |= {
        "earned": _earned(report, "all", everybody, became) if everybody.members else None,
        "cautions": cautions(everybody.members),
        "by": {
            name: [_earned(report, name, group, became) for group in split(everybody.members, of, staffed)]
            for name, (of, staffed) in _dimensions(teams).items()
        },
        "by_offer": [_offered(report, group) for group in split(_treated(everybody.members), by_offer)],
        "promises": _promises(report, became),
        "service": _service(report, at_their_landmark(everybody.members)),
    }
    return report


def _heading(cohort: Cohort) -> Told:
    return {
        "format": FORMAT,
        "since": cohort.period.first.isoformat(),
        "until": cohort.period.last.isoformat(),
        "as_of": cohort.period.today.isoformat(),
        "rulebooks": sorted(cohort.rulebooks),
        "left_out": {
            "not_drawn": sum(not one.drawn for one in cohort.followed),
            "not_over": cohort.count(RUNNING),
            "not_told": cohort.count(UNTOLD),
            "gone": cohort.gone,
        },
    }


def _dimensions(teams: Teams) -> dict[str, tuple[Callable[[Followed], str], bool]]:
    """How contracts are grouped, and whether a group speaks of those who served as well."""
    return {
        "tenure": (by_tenure, False),
        "price": (by_price, False),
        "offer": (by_best, False),
        "channel": (by_channel, False),
        "team": (by_team(teams), True),
    }


def _treated(followed: Sequence[Followed]) -> list[Followed]:
    return [one for one in followed if not one.control]


def _earned(report: Report, dimension: str, group: Group, became: Became) -> Told:
    rows = ((one.decision_id, CONTROL if one.control else TREATED) for one in group.members)
    return {**against_control(group, became), **report.link(list_name(dimension, group.name), rows)}


def _offered(report: Report, group: Group) -> Told:
    rows = ((one.decision_id, TREATED) for one in group.members)
    return {**by_offer_made(group), **report.link(list_name("offered", group.name), rows)}


def _promises(report: Report, became: Became) -> Told | None:
    """All promises that fell due in the period, on whatever contract."""
    if len(became) < FEWEST_PEOPLE:
        return None
    promised = [one for some in became.values() for one in some]
    told = share_kept([what for _, what in promised])
    return None if told is None else {**told, **report.link("promises", promised, WHAT_BECAME)}


def _service(report: Report, served: Sequence[Served]) -> Told:
    exposures = []
    for name, exposure in EXPOSURES.items() if served else ():
        told, met = cost_of(exposure, served)
        rows = ((decision_id, WITH if did else WITHOUT) for decision_id, did in met.items())
        exposures.append({"name": name, **told, **report.link(list_name("service", name), rows)})
    few, at_risk = len(report.act_on) < FEWEST_PEOPLE, [one.margin_at_risk_cents for one in report.act_on]
    return {
        "landmark_days": LANDMARK_DAYS,
        "contracts": len(served),
        "exposures": exposures,
        "act_on": {
            "list": ACT_ON,
            "contracts": FEWER if few else len(at_risk),
            "margin_at_risk_cents": None if few else sum(at_risk),
        },
    }


def list_name(dimension: str, name: str) -> str:
    """The name of the list of a figure: small letters, digits and hyphens."""
    words = re.split(r"[^a-z0-9]+", f"{dimension} {name}".lower().replace("+", " plus"))
    return "-".join(word for word in dict.fromkeys(words) if word)
