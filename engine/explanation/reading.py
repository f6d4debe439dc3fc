"""One value that a rule has read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from engine.question import Sheet

AT_LEAST, AT_MOST, ABOVE, EQUALS, ONE_OF, NONE_OF = "at_least", "at_most", "above", "equals", "one_of", "none_of"


@dataclass(frozen=True)
class Reading:
    """One value a rule has read: its name, what was found, and what was needed, by which test, in which unit.

    `number` is the entry of the rulebook that `needed` comes from; "" where it comes from elsewhere. `margin`: it tells
    what the house earns, and only those may see it who may see margins.
    """

    name: str
    found: Any
    test: str
    needed: Any
    unit: str
    number: str = ""
    margin: bool = False


Read = Callable[[Sheet], Iterator[Reading]]


def fact(sheet: Sheet, name: str) -> Any:
    """A fact of the customer, as JSON has it."""
    return plain(sheet.question.facts[name][0])


def plain(value: Any) -> Any:
    """A value of a fact as JSON has it: a day as text, a number of Python's own."""
    if hasattr(value, "item"):
        value = value.item()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return list(value) if isinstance(value, tuple | list) else value
