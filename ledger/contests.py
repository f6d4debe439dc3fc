"""Reads of contested decisions: which wait for a human, until when, and what became of the others."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, case, func, select

from ledger.tables import alarms, bodies, contracts, decisions, events
from ledger.writer import CONTEST

_asked, _settled = events.alias("asked"), events.alias("settled")
_reason, _note = bodies.alias("reason"), bodies.alias("note")


def _contests() -> Select[Any]:
    """Every contest with what was said of it; what was erased is null."""
    asked = (_asked.c.subject_id == alarms.c.subject_id) & (_asked.c.about == alarms.c.alarm_id)
    settled = (_settled.c.subject_id == alarms.c.subject_id) & (_settled.c.about == alarms.c.alarm_id)
    columns = (
        alarms,
        contracts.c.contract_id,
        decisions.c.agent_id,
        _settled.c.details.label("settled"),
        _reason.c.content.label("reason"),
        _note.c.content.label("note"),
    )
    return (
        select(*columns)
        .join_from(alarms, decisions, decisions.c.decision_id == alarms.c.about)
        .join(contracts, contracts.c.subject_id == alarms.c.subject_id, isouter=True)
        .join(_asked, asked & (_asked.c.kind == "contested"), isouter=True)
        .join(_reason, _reason.c.sequence == _asked.c.sequence, isouter=True)
        .join(_settled, settled & (_settled.c.kind == "contest_settled"), isouter=True)
        .join(_note, _note.c.sequence == _settled.c.sequence, isouter=True)
        .where(alarms.c.kind == CONTEST)
    )


def find_contest(connection: Connection, contest_id: str) -> Row[Any] | None:
    """The contest with this id, and the agent of the decision."""
    return connection.execute(_contests().where(alarms.c.alarm_id == contest_id)).first()


def open_contest(connection: Connection, decision_id: str) -> Row[Any] | None:
    """The review of a decision that nobody has made yet."""
    mine = (alarms.c.about == decision_id) & alarms.c.closed_at.is_(None)
    return connection.execute(_contests().where(mine)).first()


def contests(connection: Connection, most: int, passed_over: int) -> Sequence[Row[Any]]:
    """Every contest, those that wait first, the first due first."""
    in_order = _contests().order_by(alarms.c.closed_at.is_not(None), alarms.c.answer_by, alarms.c.alarm_id)
    return connection.execute(in_order.limit(most).offset(passed_over)).all()


def count_contests(connection: Connection, now: str) -> dict[str, int]:
    """How many wait, how many of them overdue, how many were settled, and how many of these too late."""
    waits, late = alarms.c.closed_at.is_(None), alarms.c.answer_by < now
    settled_late = alarms.c.closed_at >= alarms.c.answer_by
    counts = {"open": waits, "overdue": waits & late, "settled": ~waits, "settled_late": ~waits & settled_late}
    columns = (func.count(case((which, 1))).label(name) for name, which in counts.items())
    return dict(connection.execute(select(*columns).where(alarms.c.kind == CONTEST)).one()._mapping)
