"""POST /approval: somebody with the authority lets an offer be accepted, or does not."""

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy import Row

from api.approvals import verdicts_on
from api.asking import NamedOffer, read_asked
from api.docs import described, described_request
from api.errors import Problem
from api.examples import NAMED
from api.identity import require_role
from api.proposals import at_proposal, named_offer
from api.replies import Reply
from api.schemas import Text, one_of
from api.sending import send
from api.service import Desk, Service
from engine.policy import ROLES_THAT_OFFER
from ledger import writer
from ledger.keys import KeyHolder

VERDICTS = ("approved", "refused")
EXAMPLE = {**NAMED, "verdict": "approved", "by": "supervisor-7", "role": "supervisor"}


class ApprovalRequest(NamedOffer):
    """An offer on the table, and whether it may be accepted."""

    verdict = Text(required=True, validate=one_of(VERDICTS), metadata={"description": "approved or refused"})


class Approval(Reply):
    """What was said on an offer, and by whom."""

    proposal_id = fields.String(required=True)
    offer_id = fields.String(required=True)
    digest = fields.String(required=True)
    verdict = fields.String(required=True, validate=validate.OneOf(VERDICTS))
    by = fields.String(required=True)
    role = fields.String(required=True, validate=validate.OneOf(ROLES_THAT_OFFER))


_SCHEMA = ApprovalRequest()
_EXAMPLES = {"approve": {"summary": "A supervisor approves", "value": {**NAMED, "verdict": "approved"}}}


def approval_blueprint(service: Service) -> Blueprint:
    """The resource /approval over one service."""
    blueprint = Blueprint("approval", __name__, description="Who lets an offer be accepted")

    @blueprint.route("/approval")
    class Approvals(MethodView):
        @described_request(blueprint, ApprovalRequest, _EXAMPLES)
        @described(blueprint, Approval, EXAMPLE, (400, 401, 403, 404, 406, 409, 410, 412, 413, 415, 422, 500, 503))
        def post(self) -> Response:
            """Approve an offer that needs another person, or refuse to"""
            holder = require_role(request, service.store, ROLES_THAT_OFFER[1:])
            return send(approve(service, holder, read_asked(request, _SCHEMA)))

    return blueprint


def approve(service: Service, holder: KeyHolder, asked: Mapping[str, Any]) -> dict[str, Any] | Problem:
    """Write a verdict on an offer on the table; nobody approves for themselves. Raises Problem 404."""
    with at_proposal(service, holder, asked["proposal_id"], in_contact=False) as desk:
        offer = named_offer(desk, asked)
        if isinstance(offer, Problem):
            return offer
        refusal = _may_not(desk, offer)
        if refusal is not None:
            return refusal
        writer.approve(desk.connection, offer, desk.act, desk.case.subject_id, asked["verdict"])
        named = {name: asked[name] for name in ("proposal_id", "offer_id", "digest", "verdict")}
        return {**named, "by": holder.agent_id, "role": holder.role}


def _may_not(desk: Desk, offer: Row[Any]) -> Problem | None:
    if desk.holder.role not in orjson.loads(offer.terms)["may_approve"]:
        return Problem.of("not-allowed", "this offer goes beyond the authority of your role")
    if any(said.agent_id == desk.holder.agent_id for said in verdicts_on(desk, offer)):
        return Problem.of("already-approved", "you have given your verdict on this offer")
    return None
