"""Writes alarms: what a human must look at, because two sides do not agree or because a customer waits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, insert, update

from ledger.journal import By, Event, canonical, draw_id
from ledger.tables import alarms
from ledger.writer.journal import append


@dataclass(frozen=True)
class Alarm:
    """What is wrong with which thing; `details` hold nothing personal, `answer_by` is the last moment to answer."""

    kind: str
    about: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    answer_by: str | None = None


def raise_alarm(connection: Connection, subject_id: str, alarm: Alarm, by: By, at: str) -> str:
    """Raise an alarm on a contract, and return its id."""
    row = {"alarm_id": draw_id(), "subject_id": subject_id, "kind": alarm.kind, "about": alarm.about}
    details = canonical(alarm.details).decode()
    connection.execute(insert(alarms).values(**row, details=details, raised_at=at, answer_by=alarm.answer_by))
    told = {**alarm.details, "kind": alarm.kind, "about": alarm.about}
    append(connection, at, Event("alarm_raised", by, row["alarm_id"], subject_id, told))
    return row["alarm_id"]


def close_alarm(connection: Connection, alarm: Row[Any], by: By, at: str) -> bool:
    """Write that somebody has seen to an alarm; False when it is no longer open."""
    still_open = (alarms.c.alarm_id == alarm.alarm_id) & alarms.c.closed_at.is_(None)
    if connection.execute(update(alarms).where(still_open).values(closed_at=at)).rowcount != 1:
        return False
    append(connection, at, Event("alarm_closed", by, alarm.alarm_id, alarm.subject_id, {"kind": alarm.kind}))
    return True
