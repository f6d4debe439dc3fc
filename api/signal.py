"""POST /signal: what was heard on a contract: a contact, a call in vain, a fault, a complaint, a port, an objection."""

import datetime
from collections.abc import Mapping
from typing import Any

from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import ValidationError, fields, validate, validates, validates_schema
from sqlalchemy import Row

from api.asking import read_asked
from api.docs import described, described_request
from api.identity import require_role
from api.replies import Reply, required
from api.schemas import Dated, Day, FreeText, Name, Text, Whole, at_most, one_of
from api.sending import send
from api.service import Desk, Service, at_desk
from api.told import PLACES, AlarmTold, InteractionTold, PromiseTold, tell_alarm, tell_interaction, tell_promise
from engine.fields import CHANNELS
from engine.policy import ROLES_THAT_OFFER
from ledger import writer
from ledger.cases import live_proposal
from ledger.history import open_interactions
from ledger.keys import KeyHolder

MOST_LETTERS = 500
MOST_READERS = 10_000_000_000
MOST_DAYS_AHEAD = 365

OF_A_KIND: Mapping[str, tuple[str, ...]] = {
    "contact": ("channel",),
    "fault_opened": ("text",),
    "fault_closed": (),
    "public_complaint": ("where", "reach"),
    "port_requested": (),
    "objection": (),
    "callback": ("day",),
    **dict.fromkeys(writer.OF_CALLS, ()),
}
"""Every kind of signal, and the fields that go with it."""

ONLY_WITH_A_KIND = sorted({name for names in OF_A_KIND.values() for name in names})
MAY_BE_LEFT_OUT = ("day",)


class SignalRequest(Dated):
    """What was heard, and on which contract; some fields go with one kind only."""

    contract_id = Name(required=True, metadata={"description": "the contract it was heard on"})
    kind = Text(required=True, validate=one_of(tuple(OF_A_KIND)), metadata={"description": "what was heard"})
    channel = Text(validate=one_of(CHANNELS), metadata={"description": "of a contact: how the two meet"})
    text = FreeText(MOST_LETTERS, metadata={"description": "of a fault: what does not work"})
    where = Text(validate=one_of(PLACES), metadata={"description": "of a public complaint: where it stands"})
    reach = Whole(validate=at_most(MOST_READERS), metadata={"description": "of a public complaint: its readers"})
    day = Day(metadata={"description": "of a callback: the day wished, at most a year ahead"})

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def goes_with_the_kind(self, _: Any, body: Mapping[str, Any], **_options: Any) -> None:
        """Raises ValidationError for fields that the kind wants, and for those it has no use for."""
        kind = body.get("kind")
        if not isinstance(kind, str) or kind not in OF_A_KIND:
            return
        wanted = OF_A_KIND[kind]
        missing = [name for name in wanted if name not in body and name not in MAY_BE_LEFT_OUT]
        strange = [name for name in ONLY_WITH_A_KIND if name in body and name not in wanted]
        faults = {name: [f"missing-field: expected with {kind}"] for name in missing}
        faults |= {name: [f"unknown-field: does not go with {kind}"] for name in strange}
        if faults:
            raise ValidationError(faults)

    @validates("day")
    def is_ahead(self, day: str, **_options: Any) -> None:
        """Raises ValidationError for a day that has passed, or is more than a year away."""
        self.check_day(day, 0, MOST_DAYS_AHEAD)


class SignalKept(Reply):
    """What a signal has set going."""

    contract_id = required(fields.String)
    kind = required(fields.String, validate=validate.OneOf(list(OF_A_KIND)))
    heard_at = required(fields.DateTime)
    interaction = fields.Nested(InteractionTold, required=True, allow_none=True)
    promises = fields.List(
        fields.Nested(PromiseTold), required=True, metadata={"description": "what is promised, or was kept with it"}
    )
    alarm = fields.Nested(AlarmTold, required=True, allow_none=True)
    withdrawn = required(fields.String, "the proposal that is no longer on the table", allow_none=True)


REQUESTS = {
    "contact": {
        "summary": "The agent meets the customer",
        "value": {"contract_id": "C-1001", "kind": "contact", "channel": "shop"},
    },
    "fault": {
        "summary": "Something does not work",
        "value": {"contract_id": "C-1001", "kind": "fault_opened", "text": "pas de réseau à la maison"},
    },
    "complaint": {
        "summary": "The customer complains in public",
        "value": {"contract_id": "C-1001", "kind": "public_complaint", "where": "forum", "reach": 4200},
    },
    "callback": {
        "summary": "The customer wants to be called",
        "value": {"contract_id": "C-1001", "kind": "callback", "day": "2026-11-25"},
    },
}
EXAMPLE = {
    "contract_id": "C-1001",
    "kind": "fault_opened",
    "heard_at": "2026-11-23T12:00:00.000000Z",
    "interaction": None,
    "promises": [
        {
            "promise_id": "2d9c1f7e6b5a4c3d8e9f0a1b2c3d4e5f",
            "kind": "repair",
            "about": "81f2a6d4c3b5e7908172635445362718",
            "made_at": "2026-11-23T12:00:00.000000Z",
            "due_on": "2026-11-25",
            "state": "open",
            "settled_on": None,
            "late": False,
        }
    ],
    "alarm": None,
    "withdrawn": "554bd89540d5c6074e31925eb25104e9",
}


def signal_blueprint(service: Service) -> Blueprint:
    """The resource /signal over one service."""
    blueprint = Blueprint("signal", __name__, description="What was heard on a contract")

    @blueprint.route("/signal")
    class Signal(MethodView):
        @described_request(blueprint, SignalRequest, REQUESTS)
        @described(blueprint, SignalKept, EXAMPLE, (400, 401, 403, 404, 406, 413, 415, 422, 500, 503), status=201)
        def post(self) -> Response:
            """Write what was heard, and set going what follows from it"""
            holder = require_role(request, service.store, ROLES_THAT_OFFER)
            asked = read_asked(request, SignalRequest(service.now().date()))
            return send(hear(service, holder, asked), status=201)

    return blueprint


def hear(service: Service, holder: KeyHolder, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Write one signal, and tell what it has set going. Raises Problem 404."""
    with at_desk(service, holder, asked["contract_id"]) as desk:
        set_going, live = _write(desk, asked), desk.case.live
        gone = live is not None and live_proposal(desk.connection, desk.case.subject_id) is None
        return {
            "contract_id": asked["contract_id"],
            "kind": asked["kind"],
            "heard_at": desk.now,
            "interaction": None,
            "promises": [],
            "alarm": None,
            **set_going,
            "withdrawn": live.id if live is not None and gone else None,
        }


def _write(desk: Desk, asked: Mapping[str, Any]) -> dict[str, Any]:
    saying, policy = writer.Saying(desk.connection, desk.case, desk.act), desk.in_force.policy
    match asked["kind"]:
        case "contact":
            writer.keep_contact(saying, asked["channel"], policy["interaction_minutes"])
            running = open_interactions(desk.connection, desk.case.subject_id, desk.now, desk.holder.agent_id)
            return {"interaction": tell_interaction(running[0])}
        case "fault_opened":
            return _promised(desk, writer.open_fault(saying, asked["text"], policy["promise_repair_days"]))
        case "fault_closed":
            return _promised(desk, *writer.close_fault(saying))
        case "public_complaint":
            return {"alarm": tell_alarm(writer.complain(saying, _complaint(desk, asked)))}
        case "port_requested":
            return {"alarm": tell_alarm(writer.ask_for_port(saying))}
        case "objection":
            writer.object_to_profiling(saying)
            return {}
        case kind if kind in writer.OF_CALLS:
            writer.hear_of_calls(saying, kind)
            return {}
        case _:
            return _promised(desk, writer.ask_for_callback(saying, _days_until(desk, asked.get("day"))))


def _promised(desk: Desk, *rows: Row[Any]) -> dict[str, Any]:
    return {"promises": [tell_promise(row, desk.today) for row in rows]}


def _complaint(desk: Desk, asked: Mapping[str, Any]) -> writer.Complaint:
    """A complaint, who answers it and how soon; what may be offered does not depend on it."""
    policy = desk.in_force.policy
    wide = asked["reach"] >= policy["complaint_wide_reach"]
    hours = policy["complaint_wide_answer_hours" if wide else "complaint_answer_hours"]
    return writer.Complaint(asked["where"], asked["reach"], "manager" if wide else "supervisor", hours)


def _days_until(desk: Desk, day: str | None) -> int:
    if day is None:
        return int(desk.in_force.policy["promise_callback_days"])
    return (datetime.date.fromisoformat(day) - desk.today).days
