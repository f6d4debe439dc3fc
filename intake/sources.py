"""Where a value comes from: its column, and how it is written there."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class FactSource:
    """Where a fact comes from and how it is written there."""

    column: str
    unit: str = ""
    prefix: str = ""
    times: float = 1.0
    values: dict[str, str] = field(default_factory=dict)
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()


def source_of(entry: str | dict[str, Any]) -> FactSource:
    """A source from an entry of a mapping: the name of a column, or a table with more."""
    if isinstance(entry, str):
        return FactSource(entry)
    return FactSource(
        column=entry["column"],
        unit=entry.get("unit", ""),
        prefix=entry.get("prefix", ""),
        times=entry.get("times", 1.0),
        values=entry.get("values", {}),
        yes=tuple(entry.get("yes", [])),
        no=tuple(entry.get("no", [])),
    )
