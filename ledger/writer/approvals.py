"""Writes what those who may approve an offer have said of it."""

from typing import Any

from sqlalchemy import Connection, Row, insert

from ledger.journal import By, Event
from ledger.tables import approvals
from ledger.writer.journal import append


def approve(connection: Connection, offer: Row[Any], by: By, subject_id: str, verdict: str, at: str) -> None:
    """Write one person's verdict on an offer."""
    row = {"proposal_id": offer.proposal_id, "offer_id": offer.offer_id, "agent_id": by.actor, "role": by.role}
    connection.execute(insert(approvals).values(**row, verdict=verdict, given_at=at))
    append(connection, at, Event(verdict, by, offer.proposal_id, subject_id, {"offer_id": offer.offer_id}))
