"""What was heard on a contract since its facts were imported: what of it still counts, and what is added.

`cases.heard` holds, for each fact, its value and the moment it was last heard.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Row

from engine.fields import FIELD_BY_NAME

Heard = Mapping[str, Mapping[str, Any]]

COUNTS = ("public_complaints_on_file",)
"""Facts of which the file holds a number: what was heard since is added to it."""

NOT_IN_A_FILE = ("objects_to_profiling", "reason_for_contact")
"""Facts that no later import takes back: an objection holds until the customer lifts it, a port until its outcome."""


def still_counting(heard: Heard, imported_at: str) -> dict[str, Mapping[str, Any]]:
    """What was heard after the last import, and what no import takes back."""
    return {name: told for name, told in heard.items() if name in NOT_IN_A_FILE or told["at"] > imported_at}


def overlay(heard: Heard, facts: Mapping[str, Any], imported_at: str) -> dict[str, Any]:
    """The facts that are no longer as the file has them."""
    counting = still_counting(heard, imported_at)
    return {name: _sum(name, facts, told) if name in COUNTS else told["value"] for name, told in counting.items()}


def heard_since(on_file: Row[Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """The same of a contract on file with its case (columns `heard`, `imported_at`); nothing where it has no case."""
    return overlay(orjson.loads(on_file.heard), facts, on_file.imported_at) if on_file.heard else {}


def hear(heard: Heard, imported_at: str, at: str, said: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """What is heard when more is said; None takes a fact back, and a count is added to what counts already."""
    counting = still_counting(heard, imported_at)
    for name, value in said.items():
        before = counting.pop(name, {"value": 0})
        if value is not None:
            counting[name] = {"at": at, "value": before["value"] + value if name in COUNTS else value}
    return counting


def _sum(name: str, facts: Mapping[str, Any], told: Mapping[str, Any]) -> int:
    return min(int(facts[name]) + int(told["value"]), FIELD_BY_NAME[name].high)
