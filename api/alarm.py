"""POST /alarm/{alarm_id}: somebody has seen to what had to be seen to."""

from typing import Any

from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint

from api.asking import read_asked
from api.docs import described, described_request
from api.errors import Problem
from api.identity import require_role
from api.schemas import Closed, Text, is_name, one_of
from api.sending import send
from api.service import Service, at_desk
from api.told import AlarmTold, tell_alarm
from engine.policy import ROLES_THAT_OFFER
from ledger import writer
from ledger.history import find_alarm
from ledger.keys import KeyHolder
from ledger.store import reading

MAY_CLOSE_ANY = ("supervisor", "manager")
UNKNOWN = "no alarm with this id, on a contract you are in contact with, goes to your role"


class AlarmRequest(Closed):
    """What became of an alarm."""

    state = Text(required=True, validate=one_of(("closed",)), metadata={"description": "it was seen to"})


REQUESTS = {"closed": {"summary": "The complaint was answered", "value": {"state": "closed"}}}
EXAMPLE = {
    "alarm_id": "9136ed7be5dfc3bb3e1c5e0c959e9181",
    "kind": "public_complaint",
    "about": "",
    "details": {"where": "forum", "reach": 4200},
    "raised_at": "2026-11-23T12:00:00.000000Z",
    "answer_by": "2026-11-23T14:00:00.000000Z",
    "closed_at": "2026-11-23T13:10:00.000000Z",
    "route": "manager",
}
_SCHEMA = AlarmRequest()


def alarm_blueprint(service: Service) -> Blueprint:
    """The resource /alarm over one service."""
    blueprint = Blueprint("alarm", __name__, description="What a human must see to")

    @blueprint.route("/alarm/<alarm_id>")
    class Alarm(MethodView):
        @described_request(blueprint, AlarmRequest, REQUESTS)
        @described(blueprint, AlarmTold, EXAMPLE, (400, 401, 403, 404, 406, 413, 415, 422, 500, 503))
        def post(self, alarm_id: str) -> Response:
            """Write that an alarm was seen to; said again, it is so already"""
            holder = require_role(request, service.store, ROLES_THAT_OFFER)
            read_asked(request, _SCHEMA)
            return send(close(service, holder, alarm_id))

    return blueprint


def close(service: Service, holder: KeyHolder, alarm_id: str) -> dict[str, Any]:
    """Write that an alarm was seen to. Raises Problem 404.

    Agents see to what is routed to them while in contact with the customer; supervisors and managers to all.
    """
    with reading(service.store) as connection:
        known = find_alarm(connection, alarm_id) if is_name(alarm_id) else None
    if known is None or known.contract_id is None:
        raise Problem.of("not-found", UNKNOWN)
    if known.kind == writer.CONTEST:
        raise Problem.of("not-allowed", "a contested decision is settled at /contest, with what became of it")
    with at_desk(service, holder, known.contract_id) as desk:
        theirs = desk.in_contact() and tell_alarm(known)["route"] == holder.role
        if holder.role not in MAY_CLOSE_ANY and not theirs:
            raise Problem.of("not-found", UNKNOWN)
        writer.close_alarm(desk.connection, known, desk.by, desk.now)
        alarm = find_alarm(desk.connection, alarm_id)
        assert alarm is not None
        return tell_alarm(alarm)
