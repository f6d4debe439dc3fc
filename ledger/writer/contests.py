"""Writes that a decision is contested, and what a human made of it; what they said lies in bodies, to be erasable."""

from typing import Any

from sqlalchemy import Connection, Row

from ledger.journal import Event, canonical
from ledger.writer.alarms import Alarm, close_alarm, raise_alarm
from ledger.writer.journal import Act, append
from ledger.writer.proposals import Moved

CONTEST = "contest"


def contest(connection: Connection, decision: Row[Any], act: Act, reason: str, days: int) -> str:
    """Ask for a human review of a decision, to be answered within some days; returns the id of the contest."""
    about = Alarm(CONTEST, decision.decision_id, {}, act.end_of_day(days))
    contest_id = raise_alarm(connection, decision.subject_id, about, act.by, act.now)
    said = {"decision_id": decision.decision_id}
    event = Event("contested", act.by, contest_id, decision.subject_id, said, canonical({"reason": reason}))
    append(connection, act.now, event)
    return contest_id


def settle_contest(connection: Connection, contested: Row[Any], act: Act, outcome: str, note: str) -> None:
    """Write what a human made of a contested decision: upheld or changed. Raises Moved where it is settled."""
    if not close_alarm(connection, contested, act.by, act.now):
        raise Moved
    said = {"decision_id": contested.about, "outcome": outcome}
    event = Event("contest_settled", act.by, contested.alarm_id, contested.subject_id, said, canonical({"note": note}))
    append(connection, act.now, event)
