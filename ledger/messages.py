"""Reads of the outbox: what is due, in order for each contract, and what still waits."""

import datetime
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from ledger.records import time_text
from ledger.tables import outbox

AT_ONCE = 100

_earlier = outbox.alias("earlier")
_FIRST_OF_ITS_CONTRACT = ~(
    select(_earlier.c.message_id)
    .where(
        _earlier.c.subject_id == outbox.c.subject_id,
        _earlier.c.sequence < outbox.c.sequence,
        _earlier.c.delivered_at.is_(None),
    )
    .exists()
)
_DUE = (
    select(outbox)
    .where(outbox.c.delivered_at.is_(None), outbox.c.next_try_at <= bindparam("now"), _FIRST_OF_ITS_CONTRACT)
    .order_by(outbox.c.next_try_at, outbox.c.sequence)
    .limit(AT_ONCE)
)
_WAITING = select(func.count()).select_from(outbox).where(outbox.c.delivered_at.is_(None))


def due_messages(connection: Connection, now: datetime.datetime) -> Sequence[Row[Any]]:
    """Up to `AT_ONCE` messages to try, the longest due first; none before all earlier ones of its contract arrived."""
    return connection.execute(_DUE, {"now": time_text(now)}).all()


def count_waiting(connection: Connection) -> int:
    """How many messages the receiver has not confirmed."""
    return int(connection.execute(_WAITING).scalar_one())
