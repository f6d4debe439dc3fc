"""What the journal holds of calls to a customer: attempts, refusals in a call, consent, and what was promised."""

import datetime
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Row, bindparam, or_, select

from engine.fields import OUTBOUND_CHANNELS
from ledger.notices import END_OF_COMMITMENT, NOTIFIED
from ledger.records import time_text
from ledger.tables import contracts, events, promises

CALL_ATTEMPTED, CALL_REFUSED = "call_attempted", "call_refused"
DO_NOT_CALL, CALLS_CONSENTED = "do_not_call", "calls_consented"
KINDS = ("contact_opened", CALL_ATTEMPTED, "declined", CALL_REFUSED, DO_NOT_CALL, CALLS_CONSENTED, NOTIFIED, "outcome")
"""The events that say something of calls to a customer."""

_HEARD = (
    select(events.c.at, events.c.kind, events.c.details, events.c.subject_id)
    .join_from(events, contracts, events.c.subject_id == contracts.c.subject_id)
    .where(
        events.c.kind.in_(KINDS),
        or_(
            contracts.c.subject_id == bindparam("subject_id"),
            (contracts.c.customer_id == bindparam("customer_id")) & (contracts.c.customer_id != ""),
        ),
    )
    .order_by(events.c.sequence)
)
_KEPT_TODAY = (promises.c.state == "kept") & (promises.c.settled_on >= bindparam("day"))
_ASKED_FOR = (
    select(promises.c.promise_id)
    .where(
        promises.c.subject_id == bindparam("subject_id"),
        promises.c.kind == "callback",
        promises.c.made_at <= bindparam("before"),
        promises.c.state.in_(("open", "broken")) | _KEPT_TODAY,
    )
    .limit(1)
)
"""A call back that was promised when the call began, late or not; to keep it in the call takes nothing from it."""


@dataclass(frozen=True)
class CallsHeard:
    """What was heard of calls to one customer, on all lines, before a moment; moments as the store writes them.

    `wanted`: what they said last of being called, true or false, and when; None: nothing. `ended_on`: the last day of
    this contract, as an outcome says it; None: it runs. `noticed_on`: the day of the last notice of the end.
    """

    attempts: tuple[str, ...] = ()
    refused_at: str | None = None
    wanted: tuple[bool, str] | None = None
    ended_on: str | None = None
    noticed_on: str | None = None
    asked_for: bool = False


def heard_of_calls(connection: Connection, contract: Row[Any], begins: datetime.datetime) -> CallsHeard:
    """What is on record of calls to the customer of a contract before a moment of the operator's calendar."""
    before = time_text(begins)
    subject, now = {"subject_id": contract.subject_id}, {"before": before, "day": begins.date().isoformat()}
    rows = connection.execute(_HEARD, {**subject, "customer_id": contract.customer_id}).all()
    told = [(row, orjson.loads(row.details)) for row in rows]
    earlier = [(row, said) for row, said in told if row.at < before]
    wants = [(row.kind == CALLS_CONSENTED, row.at) for row, _ in told if row.kind in (DO_NOT_CALL, CALLS_CONSENTED)]
    return CallsHeard(
        attempts=tuple(row.at for row, said in earlier if _is_attempt(row.kind, said)),
        refused_at=max((row.at for row, said in earlier if _is_refusal(row.kind, said)), default=None),
        wanted=wants[-1] if wants else None,
        ended_on=_ended_on([said for row, said in told if _ends(row, contract)]),
        noticed_on=max(
            (said["notice_on"] for row, said in earlier if _tells_the_end(row, said, contract)), default=None
        ),
        asked_for=connection.execute(_ASKED_FOR, {**subject, **now}).first() is not None,
    )


def overlay_calls(facts: Mapping[str, Any], imported_at: str, heard: CallsHeard, zone: str) -> dict[str, Any]:
    """The facts of calls, on file and heard of, by the names of engine.fields; days by the clock of a time zone."""
    return {**_made(facts, heard, zone), **_wanted(facts, imported_at, heard, zone)}


def _made(facts: Mapping[str, Any], heard: CallsHeard, zone: str) -> dict[str, Any]:
    """Calls, refusal, notice and end of the contract."""
    noticed = [facts.get("best_tariff_notice_on"), heard.noticed_on]
    refused = [facts.get("call_refused_on"), heard.refused_at and _day(heard.refused_at, zone)]
    return {
        "call_asked_for": heard.asked_for,
        "calls_made": [*facts.get("calls_made", ()), *(_day(at, zone) for at in heard.attempts)],
        "call_refused_on": max(filter(None, refused), default=None),
        "best_tariff_notice_on": max(filter(None, noticed), default=None),
        "contract_ended_on": heard.ended_on or facts.get("contract_ended_on"),
    }


def _wanted(facts: Mapping[str, Any], imported_at: str, heard: CallsHeard, zone: str) -> dict[str, Any]:
    """Whether the customer wants calls, by what was said last; no import takes back that they do not."""
    if heard.wanted is None:
        return {}
    wanted, at = heard.wanted
    if not wanted:
        return {"do_not_call": True, "calls_consented_on": None}
    if facts.get("do_not_call", False) and at <= imported_at:
        return {}
    return {"do_not_call": False, "calls_consented_on": _day(at, zone)}


def _day(at: str, zone: str) -> str:
    return datetime.datetime.fromisoformat(at).astimezone(zoneinfo.ZoneInfo(zone)).date().isoformat()


def _is_attempt(kind: str, said: dict[str, Any]) -> bool:
    return kind == CALL_ATTEMPTED or (kind == "contact_opened" and said["channel"] in OUTBOUND_CHANNELS)


def _is_refusal(kind: str, said: dict[str, Any]) -> bool:
    return kind == CALL_REFUSED or (kind == "declined" and said.get("channel") in OUTBOUND_CHANNELS)


def _ends(row: Row[Any, Any, Any, Any], contract: Row[Any]) -> bool:
    return bool(row.kind == "outcome" and row.subject_id == contract.subject_id)


def _tells_the_end(row: Row[Any, Any, Any, Any], said: dict[str, Any], contract: Row[Any]) -> bool:
    return bool(row.kind == NOTIFIED and said["kind"] == END_OF_COMMITMENT and row.subject_id == contract.subject_id)


def _ended_on(outcomes: Sequence[dict[str, Any]]) -> str | None:
    """The day of the last outcome, where the customer did not stay."""
    last = max(outcomes, key=lambda said: str(said["happened_on"]), default=None)
    return None if last is None or last["outcome"] == "stayed" else str(last["happened_on"])
