"""Writes that customers were told of the end of their commitment and of the best tariff."""

from collections.abc import Sequence

from sqlalchemy import Connection

from ledger.journal import By, Event
from ledger.notices import NOTIFIED, Notice
from ledger.writer.journal import append


def keep_notices(connection: Connection, at: str, by: By, told: Sequence[tuple[str, Notice]]) -> None:
    """Write what was told, by the pseudonym of each contract; the words themselves are in the file that is sent."""
    if told:
        append(connection, at, *(_event(by, subject_id, notice) for subject_id, notice in told))


def _event(by: By, subject_id: str, notice: Notice) -> Event:
    details = {"kind": notice.kind, "notice_on": notice.on.isoformat(), "ends_on": notice.ends_on}
    return Event(NOTIFIED, by, "", subject_id, details)
