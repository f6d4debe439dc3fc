"""Writes what is heard on a contract outside an offer: faults, public complaints, a port, an objection, a callback."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Row, insert, select

from ledger.calls import CALL_ATTEMPTED, CALL_REFUSED, CALLS_CONSENTED, DO_NOT_CALL
from ledger.cases import Case
from ledger.heard import hear
from ledger.journal import Event, canonical, draw_id
from ledger.records import time_text
from ledger.tables import alarms, outcomes, promises
from ledger.writer.alarms import Alarm, close_alarm, raise_alarm
from ledger.writer.journal import Act, append
from ledger.writer.promises import promise, settle_promise
from ledger.writer.proposals import Contact, keep_case, open_interaction, withdraw

COMPLAINT, PORT = "public_complaint", "port_requested"


@dataclass(frozen=True)
class Complaint:
    """A complaint made in public: where, read by how many, which role answers it, within how many hours."""

    where: str
    reach: int
    route: str
    answer_hours: int


@dataclass(frozen=True)
class Saying:
    """What somebody has to say on a case."""

    connection: Connection
    case: Case
    act: Act

    @property
    def subject_id(self) -> str:
        """Whose case it is."""
        return self.case.subject_id

    def write(self, kind: str, about: str = "", body: bytes | None = None, **details: Any) -> int:
        """Append an event of the case; returns its sequence."""
        event = Event(kind, self.act.by, about, self.subject_id, details, body)
        return append(self.connection, self.act.now, event)[0]

    def learn(self, **said: Any) -> None:
        """Keep facts of the case as they are now said to be."""
        before = orjson.loads(self.case.contract.heard) if self.case.begun else {}
        heard = hear(before, self.case.contract.imported_at, self.act.now, said)
        keep_case(self.connection, self.subject_id, self.case.begun, heard=canonical(heard).decode())


def keep_contact(saying: Saying, channel: str, minutes: int) -> None:
    """Write that an agent is in contact with the customer: opens their interaction, or lets it last longer."""
    connection, case = saying.connection, saying.case
    if not case.begun:
        keep_case(connection, case.subject_id, begun=False)
    opened = open_interaction(connection, case, Contact(saying.act.by, channel, saying.act.at, minutes))
    prolonged = Event("contact_prolonged", saying.act.by, "", case.subject_id, {"channel": channel})
    append(connection, saying.act.now, *(opened or [prolonged]))


def open_fault(saying: Saying, what: str, repair_days: int) -> Row[Any]:
    """Write that something does not work, and return the promise to repair it; no offer stays on the table.

    Heard again while a repair is promised, the promise stands as it was made.
    """
    fault_id = draw_id()
    saying.learn(open_fault=what)
    saying.write("fault_opened", fault_id, canonical({"fault": what}))
    _clear_the_table(saying, "a fault")
    standing = _unsettled(saying, "repair")
    return standing[0] if standing else _promise(saying, "repair", fault_id, repair_days)


def close_fault(saying: Saying) -> Sequence[Row[Any]]:
    """Write that everything works again, and return the promises that this keeps."""
    saying.learn(open_fault="")
    saying.write("fault_closed")
    kept = _unsettled(saying, "repair")
    for each in kept:
        settle_promise(saying.connection, each, saying.act.by, saying.act.at, "kept")
    return _as_they_stand(saying, kept)


def complain(saying: Saying, complaint: Complaint) -> Row[Any]:
    """Write a complaint made in public, and return its alarm: it must be answered within some hours.

    Heard again from the same place while it is not answered it is the same complaint, due at the earlier moment.
    """
    told: dict[str, Any] = {"where": complaint.where, "reach": complaint.reach}
    answer_by = time_text(saying.act.at + datetime.timedelta(hours=complaint.answer_hours))
    saying.write(COMPLAINT, **told, answer_by=answer_by)
    told_before = [(each, orjson.loads(each.details)) for each in _open_alarms(saying, COMPLAINT)]
    same = [(each, said) for each, said in told_before if said["where"] == complaint.where]
    if not same:
        saying.learn(public_complaints_on_file=1)
    for each, said in same:
        if said["reach"] >= complaint.reach:
            return each
        answer_by = min(answer_by, each.answer_by)
        close_alarm(saying.connection, each, saying.act.by, saying.act.now)
    return _raise(saying, Alarm(COMPLAINT, "", {**told, "route": complaint.route}, answer_by))


def ask_for_port(saying: Saying) -> Row[Any]:
    """Write that the customer takes the number elsewhere, and return the alarm: one for as long as it is open."""
    saying.learn(reason_for_contact=PORT)
    saying.write(PORT)
    waiting = _open_alarms(saying, PORT)
    return waiting[0] if waiting else _raise(saying, Alarm(PORT))


def object_to_profiling(saying: Saying) -> None:
    """Write an objection to profiling; what lies on the table goes, for a profile chose it."""
    saying.learn(objects_to_profiling=True)
    saying.write("objected")
    _clear_the_table(saying, "an objection to profiling")


def ask_for_callback(saying: Saying, days: int) -> Row[Any]:
    """Write that the customer wants to be called, and return the promise to do so on the day that many days on."""
    due_on = (saying.act.at.date() + datetime.timedelta(days=days)).isoformat()
    asked = draw_id()
    if not saying.case.begun:
        keep_case(saying.connection, saying.subject_id, begun=False)
    saying.write("callback_asked", asked, due_on=due_on)
    standing = [each for each in _unsettled(saying, "callback") if (each.due_on, each.state) == (due_on, "open")]
    return standing[0] if standing else _promise(saying, "callback", asked, days)


OF_CALLS = {
    "no_answer": CALL_ATTEMPTED,
    "call_refused": CALL_REFUSED,
    "do_not_call": DO_NOT_CALL,
    "calls_consented": CALLS_CONSENTED,
}
"""What may be heard of calls of ours, and the event of it: from then on the rules on calls count it."""


def hear_of_calls(saying: Saying, kind: str) -> None:
    """Write that nobody answered our call, or what the customer said of being called; it holds for all their lines."""
    if not saying.case.begun:
        keep_case(saying.connection, saying.subject_id, begun=False)
    saying.write(OF_CALLS[kind])


def record_outcome(saying: Saying, kind: str, happened_on: str) -> bool:
    """Write how it ended, once a day of a contract; False where something is on record for the day. Ends a port.

    Who has left gets no offer: none stays on the table, and the round is over.
    """
    this_day = (outcomes.c.subject_id == saying.subject_id) & (outcomes.c.happened_on == happened_on)
    if saying.connection.execute(select(outcomes.c.sequence).where(this_day)).first() is not None:
        return False
    sequence = saying.write("outcome", outcome=kind, happened_on=happened_on)
    row = {"sequence": sequence, "subject_id": saying.subject_id, "kind": kind, "happened_on": happened_on}
    saying.connection.execute(insert(outcomes).values(**row))
    saying.learn(reason_for_contact=None)
    for each in _open_alarms(saying, PORT):
        close_alarm(saying.connection, each, saying.act.by, saying.act.now)
    if kind != "stayed":
        _clear_the_table(saying, "the customer has left")
        keep_case(saying.connection, saying.subject_id, True, exit_on=saying.act.at.date().isoformat())
    return True


def _clear_the_table(saying: Saying, because: str) -> None:
    if saying.case.live is not None:
        withdraw(saying.connection, saying.case.live, saying.act.by, saying.act.now, because)


def _raise(saying: Saying, alarm: Alarm) -> Row[Any]:
    alarm_id = raise_alarm(saying.connection, saying.subject_id, alarm, saying.act.by, saying.act.now)
    return saying.connection.execute(select(alarms).where(alarms.c.alarm_id == alarm_id)).one()


def _open_alarms(saying: Saying, kind: str) -> Sequence[Row[Any]]:
    mine = (alarms.c.subject_id == saying.subject_id) & (alarms.c.kind == kind) & alarms.c.closed_at.is_(None)
    return saying.connection.execute(select(alarms).where(mine).order_by(alarms.c.raised_at)).all()


def _promise(saying: Saying, kind: str, about: str, days: int) -> Row[Any]:
    [promise_id] = promise(saying.connection, saying.subject_id, about, saying.act.at, {kind: days})
    return saying.connection.execute(select(promises).where(promises.c.promise_id == promise_id)).one()


def _unsettled(saying: Saying, kind: str) -> Sequence[Row[Any]]:
    """The promises of one kind that were not kept so far, the first due first."""
    mine = (promises.c.subject_id == saying.subject_id) & (promises.c.kind == kind)
    waiting = select(promises).where(mine, promises.c.state.in_(("open", "broken")))
    return saying.connection.execute(waiting.order_by(promises.c.due_on, promises.c.promise_id)).all()


def _as_they_stand(saying: Saying, rows: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    ids = [row.promise_id for row in rows]
    return saying.connection.execute(select(promises).where(promises.c.promise_id.in_(ids))).all()
