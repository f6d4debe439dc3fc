"""Writes promises with their due days, and whether they were kept."""

import datetime
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from ledger.journal import By, Event, draw_id
from ledger.records import time_text
from ledger.tables import promises
from ledger.writer.journal import append
from ledger.writer.proposals import Moved

PROMISED = By("promises")


def promise(
    connection: Connection, subject_id: str, about: str, at: datetime.datetime, kinds: Mapping[str, int]
) -> list[str]:
    """Promise something about an acceptance, a repair or a callback: each kind with the days until it is due."""
    now = time_text(at)
    rows = [
        {
            "promise_id": draw_id(),
            "subject_id": subject_id,
            "kind": kind,
            "about": about,
            "made_at": now,
            "due_on": (at.date() + datetime.timedelta(days=days)).isoformat(),
            "state": "open",
        }
        for kind, days in kinds.items()
    ]
    if rows:
        connection.execute(insert(promises), rows)
        made = [(row, {"kind": row["kind"], "due_on": row["due_on"], "about": about}) for row in rows]
        append(
            connection, now, *(Event("promised", PROMISED, row["promise_id"], subject_id, said) for row, said in made)
        )
    return [row["promise_id"] for row in rows]


def settle_promise(connection: Connection, made: Row[Any], by: By, at: datetime.datetime, state: str) -> None:
    """Write that a promise was kept or broken; what was broken can still be kept. Raises Moved where it is settled."""
    here = (promises.c.promise_id == made.promise_id) & promises.c.state.in_(("open", "broken"))
    settled = update(promises).where(here).values(state=state, settled_on=at.date().isoformat())
    if connection.execute(settled).rowcount != 1:
        raise Moved
    told = {"kind": made.kind, "due_on": made.due_on}
    append(connection, time_text(at), Event(f"promise_{state}", by, made.promise_id, made.subject_id, told))


def release_promises(connection: Connection, about: str, by: By, at: datetime.datetime) -> None:
    """Write that what was promised about one thing, and is not settled, fell away with it."""
    unsettled = (promises.c.about == about) & promises.c.state.in_(("open", "broken"))
    rows = connection.execute(select(promises.c.promise_id, promises.c.subject_id).where(unsettled)).all()
    if rows:
        released = update(promises).where(unsettled)
        connection.execute(released.values(state="released", settled_on=at.date().isoformat()))
        append(
            connection, time_text(at), *(Event("promise_released", by, row.promise_id, row.subject_id) for row in rows)
        )
