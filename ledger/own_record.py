"""Reads for the record that a customer may ask for (art. 15 GDPR): all decisions and promises of one contract."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from ledger.history import events_of
from ledger.tables import bodies, decisions, promises

AFTER_ALL = 2**62


def decisions_of(connection: Connection, subject_id: str) -> Sequence[Row[Any]]:
    """Every decision on a contract, oldest first, with its record and answer; those are None once they are deleted."""
    found = select(decisions, bodies.c.content.label("record"), bodies.c.answer).join_from(
        decisions, bodies, decisions.c.sequence == bodies.c.sequence, isouter=True
    )
    mine = found.where(decisions.c.subject_id == subject_id)
    return connection.execute(mine.order_by(decisions.c.sequence)).all()


def promises_of(connection: Connection, subject_id: str) -> Sequence[Row[Any]]:
    """Every promise on a contract, kept or not, in the order in which they were made."""
    mine = select(promises).where(promises.c.subject_id == subject_id)
    return connection.execute(mine.order_by(promises.c.made_at, promises.c.due_on, promises.c.promise_id)).all()


def all_events_of(connection: Connection, subject_id: str, left_out: Sequence[str]) -> Iterator[Row[Any]]:
    """Every event on a contract but those of some kinds, the last first, with their bodies."""
    before = AFTER_ALL
    while page := events_of(connection, subject_id, left_out, before):
        yield from page
        before = page[-1].sequence
