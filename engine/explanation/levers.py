"""One thing that could be otherwise about a candidate or its customer, and all that it could be instead."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from engine.explanation.supposing import Matter, Supposition
from engine.tables import MICRO

OF_THE_MARGIN = frozenset({"account_granted_cents", "cost_to_serve_cents"})
"""Facts that tell what the house earns or gives."""


@dataclass(frozen=True)
class Change:
    """One thing that would be otherwise: its name and unit, what it is and what it would be."""

    name: str
    unit: str
    found: Any
    value: Any

    @property
    def margin(self) -> bool:
        """Whether how far it would have to move tells what the house earns."""
        return self.name in OF_THE_MARGIN


@dataclass(frozen=True)
class Lever:
    """One thing that could be otherwise: its name and unit, what it is now, and what else, the least change first.

    `breaks` are the places in `values` behind which a rule that had turned may turn back.
    """

    name: str
    unit: str
    found: Any
    values: Sequence[Any]
    suppose: Callable[[Any], Supposition]
    breaks: tuple[int, ...] = ()

    def changes(self, value: Any) -> list[Change]:
        """What would be otherwise at one of its values, thing by thing."""
        return [Change(self.name, self.unit, self.found, value)]


@dataclass(frozen=True)
class Chance(Lever):
    """A chance, whose values are whole millionths."""

    def changes(self, value: Any) -> list[Change]:
        """The chance as a share."""
        return [Change(self.name, self.unit, self.found, value / MICRO)]


Build = Callable[[Matter], Iterator[Lever]]
"""Makes the levers of one kind that a candidate has."""


def fact_lever(name: str, unit: str, found: Any, values: Sequence[Any], **more: Any) -> Lever:
    """A fact of the case that could be otherwise."""
    return Lever(name, unit, found, values, lambda value: Supposition(facts={name: value}), **more)


def term_lever(name: str, unit: str, found: Any, values: Sequence[Any], **more: Any) -> Lever:
    """A term of the candidate that could be otherwise."""
    return Lever(name, unit, found, values, lambda value: Supposition(terms={name: value}), **more)
