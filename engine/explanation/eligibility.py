"""What would make a customer eligible: as few facts of an offer's conditions as can be, at the nearest values."""

import functools
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.conditions import satisfied
from engine.dates import add_months, day
from engine.explanation.levers import Change, Lever
from engine.explanation.supposing import AS_IT_IS, Matter, Supposition
from engine.fields import UNKNOWN_COUNT

MOST_VALUES = 1_000
MONTHS_OF = {"tenure_months": "months", "remaining_months": "months"}


@dataclass(frozen=True)
class Conditions(Lever):
    """The facts of an offer's conditions: `found` and each of the values hold them by their names."""

    def changes(self, value: Any) -> list[Change]:
        """Each fact that would be otherwise."""
        return [Change(name, MONTHS_OF.get(name, ""), self.found[name], to) for name, to in value.items()]


def eligible(matter: Matter) -> Iterator[Lever]:
    """As few facts as can be of the offer's conditions, at values that the conditions name."""
    template = matter.in_force.catalogue.templates[matter.term("template")]
    facts = {name: column[0] for name, column in matter.judge([AS_IT_IS]).question.facts.items()}
    wanted: dict[str, list[Any]] = {}
    for condition in template.conditions:
        for one in condition.get("any_of", [condition]):
            named = [one[test] for test in ("at_least", "at_most", "equals") if test in one]
            wanted.setdefault(one["fact"], []).extend([*named, *one.get("one_of", ())])
    choices = {name: _nearest_first(facts[name], values) for name, values in wanted.items()}
    for count in range(1, len(choices) + 1):
        found = list(_meeting(template.conditions, facts, choices, count))
        if found:
            now = {name: facts[name] for name in choices}
            suppose = functools.partial(_suppose_facts, matter, facts)
            yield from (Conditions(" ".join(one), "", now, [one], suppose) for one in found)
            return


def _meeting(
    conditions: Sequence[Mapping[str, Any]], facts: Mapping[str, Any], choices: Mapping[str, list[Any]], count: int
) -> Iterator[dict[str, Any]]:
    """For each set of so many facts the nearest values that meet every condition, where some do."""
    for names in itertools.combinations(choices, count):
        for values in itertools.islice(itertools.product(*(choices[name] for name in names)), MOST_VALUES):
            changed = dict(zip(names, values, strict=True))
            columns = {name: _column(facts[name], changed.get(name, facts[name])) for name in choices}
            if satisfied(conditions, columns, 1)[0]:
                yield changed
                break


def _column(now: Any, value: Any) -> NDArray[Any]:
    column = np.empty(1, dtype=object if isinstance(now, str) else np.asarray(now).dtype)
    column[0] = value
    return column


def _nearest_first(now: Any, values: Sequence[Any]) -> list[Any]:
    """The values that a fact could have instead, the nearest first."""
    if isinstance(now, np.datetime64):
        values = [np.datetime64(value, "D") for value in values]
    others = [value for value in dict.fromkeys(values) if value != now]
    if isinstance(now, str | bool | np.bool_) or _unknown(now):
        return others
    return sorted(others, key=lambda value: abs(value - now))


def _suppose_facts(matter: Matter, facts: Mapping[str, Any], changed: Mapping[str, Any]) -> Supposition:
    """Facts as they would be; months as the day that they are counted from."""
    today, supposed = day(matter.today), dict(changed)
    if "tenure_months" in supposed:
        now, to = int(facts["tenure_months"]), supposed.pop("tenure_months")
        supposed["customer_since"] = _since(today, now, to)
    if "remaining_months" in supposed:
        now, to = int(facts["remaining_months"]), supposed.pop("remaining_months")
        supposed["commitment_end"] = _until(today, now, to)
    return Supposition(facts=supposed)


def _unknown(now: Any) -> bool:
    return bool(np.isnat(now)) if isinstance(now, np.datetime64) else bool(now == UNKNOWN_COUNT)


def _since(today: np.datetime64, now: int, to: int) -> np.datetime64:
    """The first day as a customer nearest to today's by which they are one for so many months."""
    if to > now:
        return add_months(today, -to)
    return add_months(today, -(to + 1)) + np.timedelta64(1, "D")


def _until(today: np.datetime64, now: int, to: int) -> np.datetime64:
    """The last day of a commitment nearest to today's of which so many months are left."""
    if to < now:
        return add_months(today, to)
    return add_months(today, to - 1) + np.timedelta64(1, "D")
