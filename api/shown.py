"""POST /shown: an offer was shown or told to the customer."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint

from api.asking import ShownRequest, read_asked
from api.docs import described, described_request
from api.errors import Problem
from api.examples import SHOWN, SHOWN_REQUESTS
from api.identity import require_role
from api.proposals import at_proposal, named_offer
from api.replies import Shown
from api.sending import send
from api.service import Service
from engine.policy import ROLES_THAT_OFFER
from ledger import writer
from ledger.keys import KeyHolder
from ledger.writer import Moved

_SCHEMA = ShownRequest()


def shown_blueprint(service: Service) -> Blueprint:
    """The resource /shown over one service."""
    blueprint = Blueprint("shown", __name__, description="What the customer has seen")

    @blueprint.route("/shown")
    class ShownOffer(MethodView):
        @described_request(blueprint, ShownRequest, SHOWN_REQUESTS)
        @described(blueprint, Shown, SHOWN, (400, 401, 403, 404, 406, 409, 410, 412, 413, 415, 422, 500, 503))
        def post(self) -> Response:
            """Write that an offer on the table was shown to the customer, and whether it was read back"""
            holder = require_role(request, service.store, ROLES_THAT_OFFER)
            return send(show(service, holder, read_asked(request, _SCHEMA)))

    return blueprint


def show(service: Service, holder: KeyHolder, asked: Mapping[str, Any]) -> dict[str, Any] | Problem:
    """Write that an offer was shown; once shown it stays shown. Raises Problem 404."""
    with at_proposal(service, holder, asked["proposal_id"]) as desk:
        offer = named_offer(desk, asked)
        if isinstance(offer, Problem):
            return offer
        try:
            writer.show(desk.connection, desk.case, offer, desk.act, asked["read_back"])
        except Moved:
            return Problem.of("withdrawn", f"this offer is {offer.state}")
        named = {name: asked[name] for name in ("proposal_id", "offer_id", "digest")}
        return {**named, "state": "shown", "shown_at": desk.now, "read_back": asked["read_back"]}
