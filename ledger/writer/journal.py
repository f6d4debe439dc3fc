"""Appends events to the journal; every change of the store stands in the transaction of an event."""

import datetime
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from ledger.journal import CHAIN, GENESIS, By, Event, body_digest, canonical, draw_salt, link
from ledger.records import time_text
from ledger.tables import bodies, chain, events

_HEAD = select(chain).where(chain.c.name == CHAIN).with_for_update()
_MOVE_HEAD = update(chain).where(chain.c.name == CHAIN)
_INSERT_EVENTS, _INSERT_BODIES = insert(events), insert(bodies)


@dataclass(frozen=True)
class Act:
    """Who does something, and at which moment of the operator's calendar."""

    by: By
    at: datetime.datetime

    @property
    def now(self) -> str:
        """The moment as the store writes it."""
        return time_text(self.at)

    def end_of_day(self, days: int) -> str:
        """The moment at which the day some days on has ended, by the operator's calendar."""
        after = self.at.date() + datetime.timedelta(days + 1)
        return time_text(datetime.datetime.combine(after, datetime.time.min, self.at.tzinfo))


def start_chain(connection: Connection) -> None:
    """Begin the journal of a new store; a journal that has begun stays as it is."""
    if connection.execute(_HEAD).first() is None:
        connection.execute(insert(chain).values(name=CHAIN, length=0, head=GENESIS))


def hold_journal(connection: Connection) -> None:
    """Lock the journal until commit, before other rows that many may want: who holds it waits for nobody.

    Transactions that lock the journal and such a row in either order would wait for each other.
    """
    connection.execute(_HEAD)


def append(connection: Connection, at: str, *happened: Event) -> list[int]:
    """Append events that happened at one moment; returns their sequence numbers. Locks the journal until commit."""
    head = connection.execute(_HEAD).one()
    rows, kept, previous = [], [], head.head
    for sequence, event in enumerate(happened, start=head.length + 1):
        salt = draw_salt()
        row = _row(sequence, at, event, previous, salt)
        rows.append(row)
        previous = row["digest"]
        if event.body is not None:
            kept.append(_body(sequence, event, salt))
    connection.execute(_INSERT_EVENTS, rows)
    if kept:
        connection.execute(_INSERT_BODIES, kept)
    connection.execute(_MOVE_HEAD, {"length": head.length + len(rows), "head": previous})
    return [row["sequence"] for row in rows]


def _row(sequence: int, at: str, event: Event, previous: str, salt: bytes) -> dict[str, Any]:
    row = {
        "sequence": sequence,
        "at": at,
        "kind": event.kind,
        "subject_id": event.subject_id,
        "actor": event.by.actor,
        "role": event.by.role,
        "about": event.about,
        "details": canonical(event.details).decode(),
        "body_digest": None if event.body is None else body_digest(salt, event.body, event.answer),
        "previous": previous,
    }
    return {**row, "digest": link(row)}


def _body(sequence: int, event: Event, salt: bytes) -> dict[str, Any]:
    return {
        "sequence": sequence,
        "subject_id": event.subject_id,
        "salt": salt,
        "content": event.body,
        "answer": event.answer,
    }
