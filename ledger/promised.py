"""Reads of promises: which fell due in a period, and what became of them."""

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, case, func, literal, select

from ledger.tables import contracts, promises

NORMAL_95 = 1.959964


@dataclass(frozen=True)
class Period:
    """Days of the operator's calendar, both included, as seen on a later one of them or after them."""

    first: datetime.date
    last: datetime.date
    today: datetime.date


def find_promise(connection: Connection, promise_id: str) -> Row[Any] | None:
    """The promise with this id, and the contract it was made on."""
    return connection.execute(_WITH_CONTRACT.where(promises.c.promise_id == promise_id)).first()


def what_became(connection: Connection, period: Period) -> Sequence[Row[Any]]:
    """How many promises of each kind fell due in a period, by what became of them: (kind, became, count)."""
    became = _became(period).label("became")
    counted = select(promises.c.kind, became, func.count().label("count")).where(_due(period))
    return connection.execute(counted.group_by(promises.c.kind, became).order_by(promises.c.kind)).all()


def became_by_contract(connection: Connection, period: Period) -> dict[str, list[tuple[str, str]]]:
    """(promise, what became of it) for all that fell due in a period, by the pseudonym of the contract."""
    found: dict[str, list[tuple[str, str]]] = {}
    told = select(promises.c.promise_id, promises.c.subject_id, _became(period).label("became")).where(_due(period))
    for row in connection.execute(told.order_by(promises.c.due_on, promises.c.promise_id)):
        found.setdefault(row.subject_id, []).append((row.promise_id, row.became))
    return found


def promises_due(connection: Connection, period: Period, most: int, passed_over: int) -> Sequence[Row[Any]]:
    """The promises that fell due in a period, the first due first, each with what became of it and its contract."""
    rows = _WITH_CONTRACT.add_columns(_became(period).label("became")).where(_due(period))
    rows = rows.order_by(promises.c.due_on, promises.c.promise_id)
    return connection.execute(rows.limit(most).offset(passed_over)).all()


def wilson_interval(kept: float, of: int) -> tuple[float, float] | None:
    """Where a share lies with 95 % confidence (Wilson's score interval); None of nothing."""
    if of == 0:
        return None
    share, weight = kept / of, NORMAL_95**2 / of
    middle, spread = share + weight / 2, NORMAL_95 * math.sqrt(share * (1 - share) / of + weight / (4 * of))
    return max(0.0, (middle - spread) / (1 + weight)), min(1.0, (middle + spread) / (1 + weight))


_WITH_CONTRACT = select(promises, contracts.c.contract_id).join_from(
    promises, contracts, promises.c.subject_id == contracts.c.subject_id, isouter=True
)


def _due(period: Period) -> ColumnElement[bool]:
    days = promises.c.due_on.between(period.first.isoformat(), period.last.isoformat())
    return days & (promises.c.state != "released")


def _became(period: Period) -> ColumnElement[str]:
    """kept: by its day; kept_late; broken; late: open, and its day has passed; open: its day has not passed."""
    return case(
        ((promises.c.state == "kept") & (promises.c.settled_on <= promises.c.due_on), literal("kept")),
        (promises.c.state == "kept", literal("kept_late")),
        (promises.c.state == "broken", literal("broken")),
        (promises.c.due_on < period.today.isoformat(), literal("late")),
        else_=literal("open"),
    )
