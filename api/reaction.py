"""POST /reaction: the customer said no, and why; the answer is the next step of the ladder, or its end."""

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from sqlalchemy import Row

from api.asking import ReactionRequest, read_asked, refuse_unknown_names
from api.deciding import question_of, stated_wants
from api.docs import described, described_request
from api.errors import Problem
from api.examples import ANSWER, REACTION_REQUESTS
from api.identity import require_role
from api.offer import propose
from api.proposals import at_proposal, named_offer
from api.replies import Answer
from api.sending import send
from api.service import Desk, Service
from engine.fields import WANTS
from engine.ladder import Heard, wants_after
from engine.policy import ROLES_THAT_OFFER
from ledger import queries, writer
from ledger.keys import KeyHolder
from ledger.records import Record

ENDS_THE_ROUND = "not_now"
"""Who has no time now is not asked again in this round."""

_SCHEMA = ReactionRequest()


def reaction_blueprint(service: Service) -> Blueprint:
    """The resource /reaction over one service."""
    blueprint = Blueprint("reaction", __name__, description="What the customer said of an offer")

    @blueprint.route("/reaction")
    class Reaction(MethodView):
        @described_request(blueprint, ReactionRequest, REACTION_REQUESTS)
        @described(blueprint, Answer, ANSWER, (400, 401, 403, 404, 406, 409, 410, 412, 413, 415, 422, 500, 503))
        def post(self) -> Response:
            """Write that a shown offer was declined, and get the next one, or a dignified end"""
            holder = require_role(request, service.store, ROLES_THAT_OFFER)
            asked = read_asked(request, _SCHEMA, service.catalogue)
            return send(react(service, holder, asked))

    return blueprint


def react(service: Service, holder: KeyHolder, asked: Mapping[str, Any]) -> bytes | Problem:
    """The answer after a refusal: beliefs have moved, and what was refused does not come back. Raises Problem 404."""
    with at_proposal(service, holder, asked["proposal_id"]) as desk:
        refuse_unknown_names(asked, desk.in_force.catalogue)
        offer = named_offer(desk, asked)
        if isinstance(offer, Problem):
            return offer
        if offer.state != "shown":
            return Problem.of("not-shown", "show the offer to the customer first: POST /shown")
        contact = _contact(desk)
        said = {"reason": asked["reason"], "wants": stated_wants(asked) or {}, "day": desk.today.isoformat()}
        before = question_of(desk, contact)
        wants = wants_after({want.name: before.get(want.name, want.default) for want in WANTS}, [_heard(offer, said)])
        writer.decline(desk.connection, desk.case, offer, desk.act, said)
        if asked["reason"] == ENDS_THE_ROUND:
            _end_round(desk)
        return _next_step(desk.reopened(), contact, wants)


def _next_step(desk: Desk, contact: Mapping[str, Any], wants: Mapping[str, Any]) -> bytes:
    snapshot = {**question_of(desk, contact), **wants}
    record = propose(desk, snapshot, (), wants)
    if _is_the_exit(record):
        writer.close_interactions(desk.connection, desk.case.subject_id, desk.now)
    return record.answer


def _is_the_exit(record: Record) -> bool:
    """Whether nothing more is offered, whatever is due: not where something has to be repaired first."""
    return not record.outcome.written["offers"] and record.outcome.written["stance"] != "repair_first"


def _end_round(desk: Desk) -> None:
    writer.keep_case(desk.connection, desk.case.subject_id, desk.case.begun, exit_on=desk.today.isoformat())


def _contact(desk: Desk) -> dict[str, Any]:
    """How and why the customer is in contact: as the proposal was asked for, over the channel of this agent."""
    assert desk.case.live is not None
    assert desk.case.interaction is not None
    asked = queries.find_decision(desk.connection, desk.case.live.id)
    assert asked is not None
    reason = orjson.loads(asked.record)["case"]["reason_for_contact"]
    return {"channel": desk.case.interaction.channel, "reason_for_contact": reason}


def _heard(offer: Row[Any], said: Mapping[str, Any]) -> Heard:
    return Heard(orjson.loads(offer.terms), said["reason"], said["wants"])
