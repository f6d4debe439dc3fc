"""The call of ours that a question is about: when it begins where the customer lives, and what was said of calling."""

import datetime
import zoneinfo
from typing import Any

from api.service import Desk
from engine.calls import Verdict, judge_calls
from engine.decide import read_question
from engine.fields import OUTBOUND_CHANNELS
from intake.moments import Moment, Place, moment_of_call
from ledger.calls import CallsHeard, heard_of_calls
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
        "call_asked_for": heard.asked_for,
        **_made(snapshot, heard, moment),
        **_wanted(desk, snapshot, heard, moment),
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


def _made(snapshot: Snapshot, heard: CallsHeard, moment: Moment) -> dict[str, Any]:
    """Calls, refusal, notice and end of the contract, on file and heard of; days by the customer's calendar."""
    noticed = [snapshot.get("best_tariff_notice_on"), heard.noticed_on]
    refused = [snapshot.get("call_refused_on"), heard.refused_at and _day(heard.refused_at, moment)]
    return {
        "calls_made": [*snapshot.get("calls_made", ()), *(_day(at, moment) for at in heard.attempts)],
        "call_refused_on": max(filter(None, refused), default=None),
        "best_tariff_notice_on": max(filter(None, noticed), default=None),
        "contract_ended_on": heard.ended_on or snapshot.get("contract_ended_on"),
    }


def _wanted(desk: Desk, snapshot: Snapshot, heard: CallsHeard, moment: Moment) -> dict[str, Any]:
    """Whether the customer wants calls, by what was said last; no import takes back that they do not."""
    if heard.wanted is None:
        return {}
    wanted, at = heard.wanted
    if not wanted:
        return {"do_not_call": True, "calls_consented_on": None}
    if snapshot.get("do_not_call", False) and at <= desk.case.contract.imported_at:
        return {}
    return {"do_not_call": False, "calls_consented_on": _day(at, moment)}


def _day(at: str, moment: Moment) -> str:
    return datetime.datetime.fromisoformat(at).astimezone(zoneinfo.ZoneInfo(moment.zone)).date().isoformat()
