"""Why the body of an event is gone: its customer was erased, or its time was over. The journal says which."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, select

from ledger.tables import events

DECIDED, ERASED, PURGED = "decided", "erased", "purged"
DECISIONS, CONTACTS = "decisions", "contacts"
"""What is kept for a time of its own: decisions, and what was said in a contact."""

_TOLD = select(events).where(events.c.kind.in_((ERASED, PURGED))).order_by(events.c.sequence)


def kept_as(kind: str) -> str:
    """Whether the body of an event of this kind is kept as a decision or as a contact."""
    return DECISIONS if kind == DECIDED else CONTACTS


@dataclass(frozen=True)
class Purge:
    """A range of the journal whose bodies of one kind were deleted where they were older than a moment."""

    sequence: int
    keeping: str
    first: int
    last: int
    before: str

    def covers(self, event: Mapping[str, Any]) -> bool:
        """Whether this purge was to delete the body of an event."""
        within = self.first <= event["sequence"] <= self.last < self.sequence
        return within and self.keeping == kept_as(event["kind"]) and event["at"] < self.before


def _purge(event: Mapping[str, Any]) -> list[Purge]:
    try:
        return [Purge(event["sequence"], **orjson.loads(event["details"]))]
    except (ValueError, TypeError):  # not what we wrote: it explains nothing
        return []


class Gone:
    """All that was erased and purged, as events of the journal tell it."""

    def __init__(self, told: Iterable[Mapping[str, Any]]) -> None:
        self._erased: dict[str, int] = {}
        self._purges: list[Purge] = []
        for event in told:
            if event["kind"] == ERASED:
                self._erased[event["subject_id"]] = event["sequence"]
            elif event["kind"] == PURGED:
                self._purges += _purge(event)

    @classmethod
    def read(cls, connection: Connection) -> "Gone":
        """What the journal of a store tells."""
        return cls(dict(row._mapping) for row in connection.execute(_TOLD))

    def erased(self, event: Mapping[str, Any]) -> bool:
        """Whether the customer of an event was erased after it."""
        return event["sequence"] < self._erased.get(event["subject_id"], 0)

    def why(self, event: Mapping[str, Any]) -> str | None:
        """Why the body of an event is not there: erased, purged, or None where nothing explains it."""
        if self.erased(event):
            return ERASED
        for index, purge in enumerate(self._purges):
            if purge.covers(event):
                self._purges.insert(0, self._purges.pop(index))  # the next body asked for is most often of this one
                return PURGED
        return None
