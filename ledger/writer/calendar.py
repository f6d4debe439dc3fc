"""Writes what the calendar does by itself: proposals past their last day, acceptances that nobody confirmed in time."""

import datetime

from sqlalchemy import Connection, bindparam, select

from ledger.cases import Proposal, live_proposal
from ledger.records import time_text
from ledger.tables import acceptances, contracts, proposals
from ledger.writer.acceptances import expire_acceptance
from ledger.writer.proposals import expire

CASES_A_SWEEP = 200


_SUBJECT = acceptances.c.subject_id
_UNCONFIRMED = select(acceptances).where(
    acceptances.c.state == "to_confirm", acceptances.c.confirm_by <= bindparam("now")
)
_UNCONFIRMED_OF_ONE = _UNCONFIRMED.where(bindparam("of_subject") == _SUBJECT)


def lapse(connection: Connection, subject_id: str, live: Proposal | None, now: datetime.datetime) -> bool:
    """Expire what has passed its last moment on a locked case; False when nothing had.

    `now` is a moment of the operator's calendar: a proposal holds through its last day there.
    """
    over = live if live is not None and live.row.expires_on < now.date().isoformat() else None
    if over is not None:
        expire(connection, over, time_text(now))
    late = {"of_subject": subject_id, "now": time_text(now)}
    unconfirmed = connection.execute(_UNCONFIRMED_OF_ONE, late).all()
    for acceptance in unconfirmed:
        expire_acceptance(connection, acceptance, now)
    return over is not None or bool(unconfirmed)


def sweep(connection: Connection, now: datetime.datetime) -> int:
    """Expire what has passed its last moment, on up to `CASES_A_SWEEP` cases; returns on how many.

    A case that somebody has on their desk is left to them. Call it again, in a new transaction, until it returns 0.
    """
    past = (proposals.c.state == "live") & (proposals.c.expires_on < now.date().isoformat())
    due = select(proposals.c.subject_id).where(past).union(_UNCONFIRMED.with_only_columns(_SUBJECT))
    cases = select(contracts.c.subject_id).where(contracts.c.subject_id.in_(due)).limit(CASES_A_SWEEP)
    locked = connection.execute(cases.with_for_update(skip_locked=True), {"now": time_text(now)}).scalars().all()
    return sum(lapse(connection, each, live_proposal(connection, each), now) for each in locked)
