"""Writes that a customer is erased: what names or describes them is deleted; the journal keeps that it happened."""

import datetime

from sqlalchemy import Connection, delete, func, select, update

from ledger.cases import live_proposal
from ledger.gone import ERASED
from ledger.journal import Event
from ledger.records import time_text
from ledger.tables import acceptances, alarms, bodies, cases, contracts, decisions, outbox, promises, reactions, replies
from ledger.writer.alarms import close_alarm
from ledger.writer.files import COMMANDS
from ledger.writer.journal import append
from ledger.writer.promises import release_promises
from ledger.writer.proposals import close_interactions, withdraw


class StillNeeded(Exception):
    """What is not finished with a customer, who can be erased once it is."""


def erase(connection: Connection, contract_id: str, at: datetime.datetime) -> bool:
    """Erase all that is kept of one contract; False where none is on file. Raises StillNeeded.

    A pseudonym stays in the journal and the other tables, and nothing is left that says whose it was.
    """
    found = select(contracts.c.subject_id).where(contracts.c.contract_id == contract_id).with_for_update()
    subject_id = connection.execute(found).scalar()
    if subject_id is None:
        return False
    _refuse_what_is_needed(connection, subject_id)
    _end_what_runs(connection, subject_id, at)
    mine = decisions.c.subject_id == subject_id
    connection.execute(update(decisions).where(mine).values(answer_digest=""))
    connection.execute(update(reactions).where(reactions.c.subject_id == subject_id).values(wants="{}"))
    connection.execute(update(outbox).where(outbox.c.subject_id == subject_id).values(payload=b""))
    for table in (bodies, replies, cases, contracts):
        connection.execute(delete(table).where(table.c.subject_id == subject_id))
    append(connection, time_text(at), Event(ERASED, COMMANDS, subject_id=subject_id))
    return True


def _refuse_what_is_needed(connection: Connection, subject_id: str) -> None:
    waiting = (outbox.c.subject_id == subject_id) & outbox.c.delivered_at.is_(None)
    messages = connection.execute(select(func.count()).select_from(outbox).where(waiting)).scalar_one()
    if messages:
        raise StillNeeded(f"{messages} messages on its orders are not delivered yet")
    unconfirmed = (acceptances.c.subject_id == subject_id) & (acceptances.c.state == "to_confirm")
    if connection.execute(select(acceptances.c.acceptance_id).where(unconfirmed)).first() is not None:
        raise StillNeeded("an acceptance waits for its confirmation")


def _end_what_runs(connection: Connection, subject_id: str, at: datetime.datetime) -> None:
    """Nothing is left on the table, on a desk or on a worklist that nobody could carry out."""
    now = time_text(at)
    live = live_proposal(connection, subject_id)
    if live is not None:
        withdraw(connection, live, COMMANDS, now, "erased")
    close_interactions(connection, subject_id, now)
    for about in _unsettled(connection, subject_id):
        release_promises(connection, about, COMMANDS, at)
    waiting = (alarms.c.subject_id == subject_id) & alarms.c.closed_at.is_(None)
    for alarm in connection.execute(select(alarms).where(waiting)).all():
        close_alarm(connection, alarm, COMMANDS, now)


def _unsettled(connection: Connection, subject_id: str) -> list[str]:
    mine = (promises.c.subject_id == subject_id) & promises.c.state.in_(("open", "broken"))
    return list(connection.execute(select(promises.c.about).where(mine).distinct()).scalars())
