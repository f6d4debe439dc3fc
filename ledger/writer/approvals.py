"""Writes what those who may approve an offer have said of it."""

from typing import Any

from sqlalchemy import Connection, Row, insert

from ledger.journal import Event
from ledger.tables import approvals
from ledger.writer.journal import Act, append


def approve(connection: Connection, offer: Row[Any], act: Act, subject_id: str, verdict: str) -> None:
    """Write one person's verdict on an offer."""
    row = {"proposal_id": offer.proposal_id, "offer_id": offer.offer_id, "agent_id": act.by.actor, "role": act.by.role}
    connection.execute(insert(approvals).values(**row, verdict=verdict, given_at=act.now))
    append(connection, act.now, Event(verdict, act.by, offer.proposal_id, subject_id, {"offer_id": offer.offer_id}))
