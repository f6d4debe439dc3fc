"""POST /offer: what may be offered to the customer of one contract, now, by whoever asks."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint

from api.bodies import parse_body, read_body
from api.docs import described, described_request
from api.errors import Flaw, Problem, pointer_to, shown
from api.examples import ANSWER, REQUESTS
from api.identity import require_role
from api.replies import Answer
from api.schemas import OfferRequest, load
from api.service import Service
from engine.catalogue import Catalogue
from engine.policy import ROLES_THAT_OFFER

_SCHEMA = OfferRequest()


def offer_blueprint(service: Service) -> Blueprint:
    """The resource /offer over one service."""
    blueprint = Blueprint("offer", __name__, description="What may be offered to one customer")

    @blueprint.route("/offer")
    class Offer(MethodView):
        @described_request(blueprint, OfferRequest, REQUESTS)
        @described(blueprint, Answer, ANSWER, (400, 401, 403, 404, 406, 413, 415, 422, 500, 503))
        def post(self) -> Response:
            """Decide what to offer, and put it on record before it is answered"""
            holder = require_role(request, service.store, ROLES_THAT_OFFER)
            asked = read_question(read_body(request), service.in_force().catalogue)
            return Response(service.answer(holder, asked), mimetype="application/json")

    return blueprint


def read_question(body: bytes, catalogue: Catalogue) -> dict[str, Any]:
    """A request's body, checked. Raises Problem with every flaw in it, one a place."""
    parsed, flaws = parse_body(body)
    asked, more = load(_SCHEMA, parsed)
    by_place: dict[str, Flaw] = {}
    for flaw in (*flaws, *more, *_unknown_names(parsed, catalogue)):
        by_place.setdefault(flaw.pointer, flaw)
    if by_place:
        raise Problem(by_place.values())
    return asked


def _unknown_names(body: Mapping[str, Any], catalogue: Catalogue) -> Iterator[Flaw]:
    wants = body.get("wants")
    if not isinstance(wants, dict):
        return
    device, needs = wants.get("device"), wants.get("needs")
    if isinstance(device, str) and device not in catalogue.device_index:
        yield Flaw("/wants/device", "unknown-device", _not_among(device, catalogue.device_index))
    for index, need in enumerate(needs if isinstance(needs, list) else ()):
        if isinstance(need, str) and need not in catalogue.extra_bit:
            yield Flaw(pointer_to("/wants/needs", index), "unknown-need", _not_among(need, catalogue.extra_bit))


def _not_among(name: str, known: Mapping[str, int]) -> str:
    return f"{shown(name)} is none of {', '.join(sorted(known))}"
