"""Which contracts of a file something was heard of: on the contract itself, or of calls on any line of its customer."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from ledger.calls import KINDS
from ledger.tables import cases, contracts, events

_ON_FILE = select(contracts, cases.c.heard).join_from(
    contracts, cases, contracts.c.subject_id == cases.c.subject_id, isouter=True
)
_IDS_A_STATEMENT = 500
NOTHING = "{}"


def contracts_heard_of(connection: Connection, contract_ids: Sequence[str]) -> list[Row[Any]]:
    """The contracts on file among some of which the desk has heard anything, with what it has heard."""
    starts = range(0, len(contract_ids), _IDS_A_STATEMENT)
    return [row for at in starts for row in _some(connection, contract_ids[at : at + _IDS_A_STATEMENT])]


def _some(connection: Connection, contract_ids: Sequence[str]) -> list[Row[Any]]:
    mine = _ON_FILE.where(contracts.c.contract_id.in_(contract_ids)).order_by(contracts.c.contract_id)
    found = connection.execute(mine).all()
    customers = {row.customer_id for row in found} - {""}
    lines = or_(
        contracts.c.subject_id.in_([row.subject_id for row in found]), contracts.c.customer_id.in_(list(customers))
    )
    heard = (
        select(contracts.c.subject_id, contracts.c.customer_id)
        .join_from(events, contracts, events.c.subject_id == contracts.c.subject_id)
        .where(lines, events.c.kind.in_(KINDS))
        .distinct()
    )
    told = connection.execute(heard).all()
    subjects, callers = {row.subject_id for row in told}, {row.customer_id for row in told} - {""}
    return [row for row in found if _says(row.heard) or row.subject_id in subjects or row.customer_id in callers]


def _says(heard: str | None) -> bool:
    return heard is not None and heard != NOTHING
