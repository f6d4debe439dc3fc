"""POST /accept: the customer accepts an offer that was shown; recorded once, or not at all."""

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from sqlalchemy import Row

from api.approvals import highest_role, missing_approval, verdicts_on
from api.asking import AcceptRequest, read_asked
from api.docs import described, described_request
from api.errors import Problem, unavailable
from api.examples import ACCEPT_REQUESTS, ACCEPTED
from api.guard import no_longer_allowed
from api.idempotency import Attempt
from api.identity import require_role
from api.proposals import at_proposal, named_offer
from api.replies import Acceptance
from api.service import Desk, Service
from engine.fields import OUTBOUND_CHANNELS
from engine.policy import ROLES_THAT_OFFER
from ledger import queries, writer
from ledger.keys import KeyHolder
from ledger.rulebooks import rulebook_stands
from ledger.writer import Moved, SoldOut

PROBLEMS = (400, 401, 403, 404, 406, 409, 410, 412, 413, 415, 422, 500, 503)

_SCHEMA = AcceptRequest()


def accept_blueprint(service: Service) -> Blueprint:
    """The resource /accept over one service."""
    blueprint = Blueprint("accept", __name__, description="What the customer has accepted")

    @blueprint.route("/accept")
    class Accept(MethodView):
        @described_request(blueprint, AcceptRequest, ACCEPT_REQUESTS, idempotent=True)
        @described(blueprint, Acceptance, ACCEPTED, PROBLEMS, status=201)
        def post(self) -> Response:
            """Write that the customer accepts a shown offer: once per Idempotency-Key, once per proposal"""
            holder = require_role(request, service.store, ROLES_THAT_OFFER)
            asked = read_asked(request, _SCHEMA)
            attempt = Attempt.of(request, holder, asked)
            return attempt.once(service, lambda: accept(service, holder, asked, attempt))

    return blueprint


def accept(service: Service, holder: KeyHolder, asked: Mapping[str, Any], attempt: Attempt) -> tuple[int, bytes]:
    """Status and body of the reply, written with the acceptance or the refusal. Raises Problem 404."""
    with at_proposal(service, holder, asked["proposal_id"]) as desk:
        if not rulebook_stands(desk.connection, desk.rulebook.digest):
            raise unavailable("another rulebook has just come into force")
        return attempt.keep(desk, lambda: _accept(desk, asked))


def _accept(desk: Desk, asked: Mapping[str, Any]) -> dict[str, Any] | Problem:
    offer = named_offer(desk, asked)
    if isinstance(offer, Problem):
        return offer
    if offer.state != "shown":
        return Problem.of("not-shown", "show the offer to the customer first: POST /shown")
    if _lacks_consent(desk, offer):
        return Problem.of("not-read-back", "EU-107: read the offer back, so that its term is agreed to: POST /shown")
    verdicts = verdicts_on(desk, offer)
    refused = missing_approval(desk, offer, verdicts) or no_longer_allowed(desk, offer, highest_role(desk, verdicts))
    if refused is not None:
        return refused
    try:
        with desk.connection.begin_nested():
            row = writer.accept(desk.connection, desk.case, offer, desk.act, desk.follow_up(_outbound(desk)))
    except Moved:
        return Problem.of("withdrawn", "this offer is no longer on the table")
    except SoldOut:
        return Problem.of("sold-out", "the last one of this device is taken")
    return acceptance_reply(desk, row, orjson.loads(offer.terms))


def _lacks_consent(desk: Desk, offer: Row[Any]) -> bool:
    """Whether the law wants the customer's express consent to the term, and the term was not read back."""
    if not orjson.loads(offer.terms)["needs_express_consent"]:
        return False
    return not queries.was_read_back(desk.connection, desk.case.subject_id, offer.proposal_id, offer.offer_id)


def _outbound(desk: Desk) -> bool:
    """Whether the law on calls we make applies: to this contact, or to the one in which the proposal was made."""
    assert desk.case.live is not None
    assert desk.case.interaction is not None
    channels = {desk.case.live.row.channel, desk.case.interaction.channel}
    return not channels.isdisjoint(OUTBOUND_CHANNELS)


def promised_with(desk: Desk, acceptance_id: str) -> list[dict[str, Any]]:
    """What was promised about an acceptance, as it is answered."""
    names = ("promise_id", "kind", "due_on", "state")
    rows = queries.promises_about(desk.connection, acceptance_id)
    return [{name: getattr(row, name) for name in names} for row in rows]


def acceptance_reply(desk: Desk, row: Mapping[str, Any], offer: Mapping[str, Any]) -> dict[str, Any]:
    """An acceptance as it is answered: what was accepted, whether it binds yet, and what was promised with it."""
    return {
        "acceptance_id": row["acceptance_id"],
        "contract_id": desk.case.contract.contract_id,
        "proposal_id": row["proposal_id"],
        "offer_id": row["offer_id"],
        "digest": row["terms_digest"],
        "status": row["state"],
        "accepted_at": row["accepted_at"],
        "confirm_by": row["confirm_by"] if row["state"] == "to_confirm" else None,
        "withdraw_until": row["withdraw_until"] if row["state"] == "accepted" else None,
        "offer": offer,
        "promises": promised_with(desk, row["acceptance_id"]),
    }
