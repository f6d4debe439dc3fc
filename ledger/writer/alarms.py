"""Writes alarms: what a human must look at because two sides do not agree."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, update

from ledger.journal import By, Event, canonical, draw_id
from ledger.tables import alarms
from ledger.writer.journal import append


def raise_alarm(
    connection: Connection, subject_id: str, kind: str, about: str, by: By, at: str, details: Mapping[str, Any]
) -> str:
    """Raise an alarm about one thing, and return its id; `details` hold nothing personal."""
    row = {"alarm_id": draw_id(), "subject_id": subject_id, "kind": kind, "about": about}
    connection.execute(insert(alarms).values(**row, details=canonical(details).decode(), raised_at=at))
    told = {"kind": kind, "about": about, **details}
    append(connection, at, Event("alarm_raised", by, row["alarm_id"], subject_id, told))
    return row["alarm_id"]


def close_alarm(connection: Connection, alarm_id: str, by: By, at: str) -> bool:
    """Write that somebody has seen to an alarm; False when none with this id is open."""
    still_open = (alarms.c.alarm_id == alarm_id) & alarms.c.closed_at.is_(None)
    if connection.execute(update(alarms).where(still_open).values(closed_at=at)).rowcount != 1:
        return False
    append(connection, at, Event("alarm_closed", by, alarm_id))
    return True
