"""POST /outcome: how it ended: the customer has stayed, left, or taken the number elsewhere."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import fields, validate, validates

from api.asking import read_asked
from api.docs import described, described_request
from api.errors import Problem
from api.identity import require_role
from api.replies import Reply, required
from api.schemas import Dated, Day, Name, Text, one_of
from api.sending import send
from api.service import Service, at_desk
from ledger import writer
from ledger.keys import KeyHolder

MAY_TELL = ("supervisor", "manager")
ENDINGS = ("stayed", "left", "ported")
MOST_DAYS_BACK = 3_660


class OutcomeRequest(Dated):
    """How it ended, and when."""

    contract_id = Name(required=True, metadata={"description": "the contract that goes on or has ended"})
    kind = Text(required=True, validate=one_of(ENDINGS), metadata={"description": "how it ended"})
    happened_on = Day(required=True, metadata={"description": "the day, today or up to ten years back"})

    @validates("happened_on")
    def has_happened(self, day: str, **_options: Any) -> None:
        """Raises ValidationError for a day still to come, or one too long ago."""
        self.check_day(day, -MOST_DAYS_BACK, 0)


class OutcomeKept(Reply):
    """An outcome as it was written."""

    contract_id = required(fields.String)
    kind = required(fields.String, validate=validate.OneOf(ENDINGS))
    happened_on = required(fields.Date)
    recorded_at = required(fields.DateTime)


_STAYED = {"contract_id": "C-1001", "kind": "stayed", "happened_on": "2026-11-23"}
REQUESTS = {"stayed": {"summary": "The customer has renewed and is still there", "value": _STAYED}}
EXAMPLE = {**_STAYED, "recorded_at": "2026-11-23T12:00:00.000000Z"}


def outcome_blueprint(service: Service) -> Blueprint:
    """The resource /outcome over one service."""
    blueprint = Blueprint("outcome", __name__, description="How it ended")

    @blueprint.route("/outcome")
    class Outcome(MethodView):
        @described_request(blueprint, OutcomeRequest, REQUESTS)
        @described(blueprint, OutcomeKept, EXAMPLE, (400, 401, 403, 404, 406, 409, 413, 415, 422, 500, 503), status=201)
        def post(self) -> Response:
            """Write how it ended: once a day of a contract, and never changed"""
            holder = require_role(request, service.store, MAY_TELL)
            asked = read_asked(request, OutcomeRequest(service.now().date()))
            return send(tell(service, holder, asked), status=201)

    return blueprint


def tell(service: Service, holder: KeyHolder, asked: Mapping[str, Any]) -> dict[str, Any] | Problem:
    """Write an outcome, and end what it ends. Raises Problem 404."""
    with at_desk(service, holder, asked["contract_id"]) as desk:
        saying = writer.Saying(desk.connection, desk.case, desk.act)
        if not writer.record_outcome(saying, asked["kind"], asked["happened_on"]):
            return Problem.of("already-recorded", f"how it stood on {asked['happened_on']} is on record")
        return {**asked, "recorded_at": desk.now}
