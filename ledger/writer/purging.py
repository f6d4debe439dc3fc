"""Writes that what was kept for long enough is deleted: old bodies, what was said, replies, messages that arrived."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, delete, exists, func, select, update

from ledger.gone import DECISIONS, PURGED
from ledger.journal import Event, canonical
from ledger.tables import bodies, cases, decisions, events, outbox, reactions, replies
from ledger.writer.files import COMMANDS
from ledger.writer.journal import append

CASES_A_TIME = 500
ALWAYS_KEPT = ("objects_to_profiling",)
"""What was said and is never over: an objection holds until the customer lifts it."""

_SAYS = (cases.c.wants != "null") | (cases.c.heard != "{}") | cases.c.question_digest.is_not(None)


@dataclass(frozen=True)
class Range:
    """A stretch of the journal, and the moment before which its bodies of one kind are over."""

    keeping: str
    first: int
    last: int
    before: str


def bodies_over(connection: Connection, part: Range) -> list[int]:
    """The events of a range whose bodies are over, by their sequence."""
    kind = events.c.kind == "decided" if part.keeping == DECISIONS else events.c.kind != "decided"
    over = (
        select(bodies.c.sequence)
        .join_from(bodies, events, bodies.c.sequence == events.c.sequence)
        .where(bodies.c.sequence.between(part.first, part.last), events.c.at < part.before, kind)
    )
    return list(connection.execute(over.order_by(bodies.c.sequence)).scalars())


def purge_bodies(connection: Connection, part: Range, at: str) -> int:
    """Delete the bodies of a range that are over, with the event that says so; returns how many there were."""
    over = bodies_over(connection, part)
    if over:
        mine = decisions.c.sequence.in_(over)
        connection.execute(update(decisions).where(mine).values(answer_digest=""))
        connection.execute(delete(bodies).where(bodies.c.sequence.in_(over)))
        append(connection, at, Event(PURGED, COMMANDS, details={**asdict(part), "first": over[0], "last": over[-1]}))
    return len(over)


def count_said(connection: Connection, before: str) -> dict[str, int]:
    """How many replies, and messages that arrived, are from before a moment."""
    count = select(func.count())
    return {
        "replies": connection.execute(count.select_from(replies).where(_replied(before))).scalar_one(),
        "messages": connection.execute(count.select_from(outbox).where(_arrived(before))).scalar_one(),
    }


def forget_replies(connection: Connection, before: str, at: str) -> dict[str, int]:
    """Delete replies and the payloads of messages that arrived, all from before a moment; returns how many.

    That an order was accepted once stays known: by the proposal, whatever became of the reply.
    """
    forgotten = count_said(connection, before)
    if any(forgotten.values()):
        connection.execute(delete(replies).where(_replied(before)))
        connection.execute(update(outbox).where(_arrived(before)).values(payload=b""))
        append(connection, at, Event("forgotten", COMMANDS, details={**forgotten, "before": before}))
    return forgotten


def silent_cases(connection: Connection, before: str, after: str = "") -> Sequence[Any]:
    """Up to CASES_A_TIME cases in which nothing has happened since a moment, those after one subject."""
    heard_from = exists().where(events.c.subject_id == cases.c.subject_id, events.c.at >= before)
    silent = select(cases.c.subject_id, cases.c.heard).where(~heard_from, cases.c.subject_id > after, _SAYS)
    return connection.execute(silent.order_by(cases.c.subject_id).limit(CASES_A_TIME)).all()


def forget_cases(connection: Connection, silent: Sequence[Any], before: str, at: str) -> None:
    """Delete the wishes of silent cases and what was heard of them."""
    for case in silent:
        kept = {name: told for name, told in orjson.loads(case.heard).items() if name in ALWAYS_KEPT}
        columns = {"wants": "null", "heard": canonical(kept).decode(), "question_digest": None}
        connection.execute(update(cases).where(cases.c.subject_id == case.subject_id).values(**columns))
        connection.execute(update(reactions).where(reactions.c.subject_id == case.subject_id).values(wants="{}"))
    if silent:
        append(connection, at, Event("forgotten", COMMANDS, details={"cases": len(silent), "before": before}))


def _replied(before: str) -> ColumnElement[bool]:
    return replies.c.given_at < before


def _arrived(before: str) -> ColumnElement[bool]:
    return outbox.c.delivered_at.is_not(None) & (outbox.c.created_at < before) & (outbox.c.payload != b"")
