"""Writes the messages that leave: each in the transaction of what it tells, and again for every try to deliver it."""

import datetime
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, select, update

from ledger.journal import By, Event, canonical, draw_id
from ledger.records import time_text
from ledger.tables import contracts, outbox
from ledger.writer.journal import append


def post(connection: Connection, subject_id: str, kind: str, at: datetime.datetime, data: Mapping[str, Any]) -> str:
    """Put a message in the outbox and return its id; it stays there until the receiver has confirmed it."""
    of = select(contracts.c.contract_id).where(contracts.c.subject_id == subject_id)
    now, contract_id = time_text(at), connection.execute(of).scalar()
    payload = {"type": kind, "timestamp": now, "data": {"contract_id": contract_id, **data}}
    message_id = f"msg_{draw_id()}"
    row = {"subject_id": subject_id, "kind": kind, "payload": canonical(payload), "created_at": now}
    connection.execute(insert(outbox).values(message_id=message_id, next_try_at=now, attempts=0, **row))
    append(connection, now, Event("posted", By("outbox"), message_id, subject_id, {"kind": kind}))
    return message_id


def mark_delivered(connection: Connection, message_id: str, at: datetime.datetime) -> None:
    """Write that the receiver has confirmed a message."""
    now = time_text(at)
    waiting = (outbox.c.message_id == message_id) & outbox.c.delivered_at.is_(None)
    if connection.execute(update(outbox).where(waiting).values(delivered_at=now)).rowcount == 1:
        append(connection, now, Event("delivered", By("outbox"), message_id))


def try_later(connection: Connection, message_id: str, next_try_at: datetime.datetime) -> None:
    """Write that a try has failed, and when the next one is due."""
    here = outbox.c.message_id == message_id
    later = {"attempts": outbox.c.attempts + 1, "next_try_at": time_text(next_try_at)}
    connection.execute(update(outbox).where(here).values(later))
