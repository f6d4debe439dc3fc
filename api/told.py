"""What several doors tell of a case in the same words: promises, alarms, interactions."""

import datetime
from typing import Any

import orjson
from marshmallow import fields, validate
from sqlalchemy import Row

from api.replies import Promised, Reply, required
from engine.fields import CHANNELS
from engine.policy import ROLES_THAT_OFFER
from ledger.writer import COMPLAINT, PORT

PLACES = ("social_network", "forum", "review_site", "press", "broadcast", "other")
TOLD_OF_AN_ALARM = ("where", "reach", "differences")


class PromiseTold(Promised):
    """A promise as it stands today."""

    about = required(fields.String, "the acceptance, the fault or the wish to be called that it was made about")
    made_at = required(fields.DateTime)
    settled_on = required(fields.Date, allow_none=True)
    late = required(fields.Boolean, "open, and its day has passed")


class AlarmTold(Reply):
    """What a human must look at."""

    alarm_id = required(fields.String)
    kind = required(fields.String)
    about = required(fields.String, "the proposal or the order it speaks of; empty: the contract")
    details = required(fields.Dict, "of a public complaint where and its reach, of an order what differs")
    raised_at = required(fields.DateTime)
    answer_by = required(fields.DateTime, "last moment to answer", allow_none=True)
    closed_at = required(fields.DateTime, allow_none=True)
    route = required(fields.String, "the role it goes to", validate=validate.OneOf(ROLES_THAT_OFFER))


class InteractionTold(Reply):
    """A contact of an agent with the customer."""

    interaction_id = required(fields.String)
    agent_id = required(fields.String)
    channel = required(fields.String, validate=validate.OneOf(CHANNELS))
    opened_at = required(fields.DateTime)
    closes_at = required(fields.DateTime, "when it ends by itself")
    closed_at = required(fields.DateTime, allow_none=True)


def tell_promise(row: Row[Any], today: datetime.date) -> dict[str, Any]:
    """A promise, JSON-ready."""
    names = ("promise_id", "kind", "about", "made_at", "due_on", "state", "settled_on")
    return {**{name: getattr(row, name) for name in names}, "late": is_late(row, today)}


def is_late(row: Row[Any], today: datetime.date) -> bool:
    """Whether a promise is open and its day has passed."""
    return bool(row.state == "open" and row.due_on < today.isoformat())


def tell_alarm(row: Row[Any]) -> dict[str, Any]:
    """An alarm, JSON-ready; agent ids, facts and amounts of the house stay behind."""
    names = ("alarm_id", "kind", "about", "raised_at", "answer_by", "closed_at")
    details = orjson.loads(row.details)
    told = {name: details[name] for name in TOLD_OF_AN_ALARM if name in details}
    return {**{name: getattr(row, name) for name in names}, "details": told, "route": route_of(row.kind, details)}


def route_of(kind: str, details: dict[str, Any]) -> str:
    """The role that an alarm goes to: a complaint where policy sends it, a port to whoever is asked, others upwards."""
    if kind == COMPLAINT:
        return str(details["route"])
    return "agent" if kind == PORT else "supervisor"


def tell_interaction(row: Row[Any]) -> dict[str, Any]:
    """An interaction, JSON-ready."""
    names = ("interaction_id", "agent_id", "channel", "opened_at", "closes_at", "closed_at")
    return {name: getattr(row, name) for name in names}
