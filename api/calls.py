"""The call of ours that a question is about: when it begins where the customer lives, and what was said of calling."""

import datetime

from api.service import Desk
from engine.calls import Verdict, judge_calls
from engine.decide import read_question
from engine.fields import OUTBOUND_CHANNELS
from intake.moments import Place, moment_of_call
from ledger.calls import heard_of_calls, overlay_calls
from ledger.snapshots import Snapshot, read_snapshots


def call_of(desk: Desk, snapshot: Snapshot) -> Snapshot:
    """The fields of the call that a question over its channel is, or is asked in; none where the customer comes to us.

    A call is judged as it begins: while it lasts neither the clock nor what is said in it makes another call of it.
    """
    if snapshot["channel"] not in OUTBOUND_CHANNELS:
        return {}
    begins = _begins(desk, snapshot["channel"])
    place = Place(desk.in_force.law.market, snapshot.get("time_zone", ""), snapshot.get("department", ""))
    moment = moment_of_call(place, begins)
    heard = heard_of_calls(desk.connection, desk.case.contract, begins)
    return {
        "call_on": moment.on.isoformat(),
        "call_minute": moment.minute,
        "call_zone": moment.zone,
        "public_holidays": list(moment.public_holidays),
        **overlay_calls(snapshot, desk.case.contract.imported_at, heard, moment.zone),
    }


def verdict_on(desk: Desk, snapshot: Snapshot) -> Verdict | None:
    """Whether the call of a question is lawful; None where nobody is called."""
    if snapshot["channel"] not in OUTBOUND_CHANNELS:
        return None
    [verdict] = judge_calls(read_question(read_snapshots([snapshot]), desk.in_force, desk.today))
    return verdict


def _begins(desk: Desk, channel: str) -> datetime.datetime:
    """When the call began that the asker is in; now, where they are in none."""
    running = desk.case.interaction
    if desk.in_contact() and running is not None and running.channel == channel:
        return datetime.datetime.fromisoformat(running.opened_at).astimezone(desk.service.zone)
    return desk.moment
