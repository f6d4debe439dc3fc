"""POST /withdraw: the operator takes back what does not bind yet; the customer withdraws what does, in time."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy import Row

from api.accept import promised_with
from api.asking import read_asked
from api.confirm import gone
from api.docs import described, described_request
from api.errors import Problem
from api.examples import ACCEPTED, NAMED
from api.idempotency import Attempt
from api.identity import require_role
from api.proposals import at_proposal
from api.replies import Promised, Reply
from api.schemas import Closed, Name, Text, one_of
from api.service import Desk, Service
from engine.policy import ROLES_THAT_OFFER
from ledger import queries, writer
from ledger.keys import KeyHolder

WHO = ("customer", "operator")
BECAUSE = ("changed_mind", "better_offer", "not_as_told", "mistake", "cannot_deliver", "fraud", "other")
PROBLEMS = (400, 401, 403, 404, 406, 409, 410, 413, 415, 422, 500, 503)
WITHDRAWN = ("withdrawn", "withdrawn_by_customer")
_NOT_ACCEPTED = "the customer has accepted nothing of this proposal: POST /reaction declines an offer"

REQUESTS = {
    "customer": {
        "summary": "The customer withdraws what they accepted",
        "value": {"proposal_id": NAMED["proposal_id"], "by": "customer", "because": "changed_mind"},
    },
    "operator": {
        "summary": "An offer was made by mistake, and nobody has accepted it yet",
        "value": {"proposal_id": NAMED["proposal_id"], "by": "operator", "because": "mistake"},
    },
}

EXAMPLE = {
    "proposal_id": NAMED["proposal_id"],
    "acceptance_id": ACCEPTED["acceptance_id"],
    "status": "withdrawn_by_customer",
    "withdrawn_at": "2026-11-25T09:30:00.000000Z",
    "promises": [
        {
            "promise_id": "2e1c9b7d6f304a58b8d7c6a5f4e3d2c1",
            "kind": "refund",
            "due_on": "2026-12-09",
            "state": "open",
        }
    ],
}


class WithdrawRequest(Closed):
    """Which proposal is withdrawn, by which side, and why."""

    proposal_id = Name(required=True, metadata={"description": "the proposal, as the answer named it"})
    by = Text(required=True, validate=one_of(WHO), metadata={"description": "which side withdraws"})
    because = Text(required=True, validate=one_of(BECAUSE), metadata={"description": "the reason given"})


class Withdrawal(Reply):
    """What was withdrawn, and what is promised with it."""

    proposal_id = fields.String(required=True)
    acceptance_id = fields.String(
        required=True, allow_none=True, metadata={"description": "null where nothing of it had been accepted"}
    )
    status = fields.String(required=True, validate=validate.OneOf(WITHDRAWN))
    withdrawn_at = fields.DateTime(required=True)
    promises = fields.List(fields.Nested(Promised), required=True, metadata={"description": "about the acceptance"})


_SCHEMA = WithdrawRequest()


def withdraw_blueprint(service: Service) -> Blueprint:
    """The resource /withdraw over one service."""
    blueprint = Blueprint("withdraw", __name__, description="What was taken back")

    @blueprint.route("/withdraw")
    class Withdraw(MethodView):
        @described_request(blueprint, WithdrawRequest, REQUESTS, idempotent=True)
        @described(blueprint, Withdrawal, EXAMPLE, PROBLEMS)
        def post(self) -> Response:
            """Take a proposal back before it binds, or write that the customer withdraws in time"""
            holder = require_role(request, service.store, ROLES_THAT_OFFER)
            asked = read_asked(request, _SCHEMA)
            attempt = Attempt.of(request, holder, asked)
            return attempt.once(service, lambda: withdraw(service, holder, asked, attempt))

    return blueprint


def withdraw(service: Service, holder: KeyHolder, asked: Mapping[str, Any], attempt: Attempt) -> tuple[int, bytes]:
    """Status and body of the reply, written with the withdrawal or the refusal. Raises Problem 404."""
    with at_proposal(service, holder, asked["proposal_id"]) as desk:
        return attempt.keep(desk, lambda: _withdraw(desk, asked), status=200)


def _withdraw(desk: Desk, asked: Mapping[str, Any]) -> dict[str, Any] | Problem:
    acceptance = queries.acceptance_of_proposal(desk.connection, asked["proposal_id"])
    return _from_the_table(desk, asked) if acceptance is None else _accepted(desk, acceptance, asked)


def _from_the_table(desk: Desk, asked: Mapping[str, Any]) -> dict[str, Any] | Problem:
    """Nothing was accepted: the operator may take the offers back."""
    live = desk.case.live
    if live is None or live.id != asked["proposal_id"]:
        expired = "expired" in queries.states_of_proposal(desk.connection, asked["proposal_id"])
        code, detail = ("offer-expired", "its last day") if expired else ("withdrawn", "its time on the table")
        return Problem.of(code, f"this proposal has passed {detail}")
    if asked["by"] == "customer":
        return Problem.of("not-accepted", _NOT_ACCEPTED)
    writer.withdraw(desk.connection, live, desk.by, desk.now, asked["because"])
    return _reply(desk, asked["proposal_id"], None, "withdrawn")


def _accepted(desk: Desk, acceptance: Row[Any], asked: Mapping[str, Any]) -> dict[str, Any] | Problem:
    """Before it binds either side may step back; afterwards only the customer, and only in time."""
    if (refused := gone(acceptance)) is not None:
        return refused
    if acceptance.state == "to_confirm":
        writer.take_back(desk.connection, acceptance, desk.act, f"{asked['by']}: {asked['because']}")
        return _reply(desk, acceptance.proposal_id, acceptance.acceptance_id, "withdrawn")
    if asked["by"] == "operator":
        return Problem.of("already-accepted", "the customer has accepted, and only they may withdraw")
    if acceptance.withdraw_until <= desk.now:
        return Problem.of("withdrawal-over", f"the customer could withdraw until {acceptance.withdraw_until}")
    refund_days = desk.in_force.policy["promise_refund_days"]
    writer.withdraw_by_customer(desk.connection, acceptance, desk.act, asked["because"], refund_days)
    return _reply(desk, acceptance.proposal_id, acceptance.acceptance_id, "withdrawn_by_customer")


def _reply(desk: Desk, proposal_id: str, acceptance_id: str | None, status: str) -> dict[str, Any]:
    return {
        "proposal_id": proposal_id,
        "acceptance_id": acceptance_id,
        "status": status,
        "withdrawn_at": desk.now,
        "promises": promised_with(desk, acceptance_id) if acceptance_id else [],
    }
