"""Writes the messages that leave: each in the transaction of what it tells, and again for every try to deliver it."""

import datetime
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from ledger.journal import By, Event, canonical, draw_id
from ledger.records import time_text
from ledger.tables import contracts, outbox
from ledger.writer.journal import append

OUTBOX = By("outbox")


def post(connection: Connection, subject_id: str, kind: str, at: datetime.datetime, data: Mapping[str, Any]) -> str:
    """Put a message in the outbox and return its id; it stays there until the receiver has confirmed it."""
    of = select(contracts.c.contract_id).where(contracts.c.subject_id == subject_id)
    now, contract_id = time_text(at), connection.execute(of).scalar_one()
    payload = {"type": kind, "timestamp": now, "data": {"contract_id": contract_id, **data}}
    message_id = f"msg_{draw_id()}"
    [sequence] = append(connection, now, Event("posted", OUTBOX, message_id, subject_id, {"kind": kind}))
    row = {"message_id": message_id, "sequence": sequence, "subject_id": subject_id, "kind": kind}
    waiting = {"payload": canonical(payload), "created_at": now, "next_try_at": now, "attempts": 0}
    connection.execute(insert(outbox).values(**row, **waiting))
    return message_id


def claim(connection: Connection, message: Row[Any], until: datetime.datetime) -> bool:
    """Take a message that is due for one try; False when another courier was faster. A claim lapses at `until`.

    The claim is the time of the next try itself: whoever dies with a message leaves it to be tried again then.
    """
    mine = {"next_try_at": time_text(until), "attempts": message.attempts + 1}
    return _change(connection, message, message.next_try_at, **mine)


def mark_delivered(connection: Connection, message: Row[Any], at: datetime.datetime) -> bool:
    """Write that the receiver has confirmed a message; False when that is on record already."""
    now = time_text(at)
    waiting = (outbox.c.message_id == message.message_id) & outbox.c.delivered_at.is_(None)
    if connection.execute(update(outbox).where(waiting).values(delivered_at=now)).rowcount != 1:
        return False
    append(connection, now, Event("delivered", OUTBOX, message.message_id, message.subject_id))
    return True


def try_later(connection: Connection, message: Row[Any], claimed: datetime.datetime, at: datetime.datetime) -> bool:
    """Write when a claimed message that was not confirmed is tried again; False where the claim had lapsed."""
    return _change(connection, message, time_text(claimed), next_try_at=time_text(at))


def _change(connection: Connection, message: Row[Any], due: str, **columns: Any) -> bool:
    here = (outbox.c.message_id == message.message_id) & (outbox.c.next_try_at == due)
    waiting = update(outbox).where(here, outbox.c.delivered_at.is_(None))
    return connection.execute(waiting.values(**columns)).rowcount == 1
