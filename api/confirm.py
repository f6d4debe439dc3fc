"""POST /confirm: the durable confirmation after our call, from which on an acceptance binds and its order leaves."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import orjson
from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from sqlalchemy import Row

from api.accept import acceptance_reply
from api.asking import read_asked
from api.docs import described, described_request
from api.errors import Problem
from api.examples import ACCEPTED
from api.idempotency import Attempt
from api.identity import require_role
from api.proposals import UNKNOWN, at_proposal
from api.replies import Acceptance
from api.schemas import Closed, Name, Text, one_of
from api.service import Desk, Service
from engine.policy import ROLES_THAT_OFFER
from ledger import queries, writer
from ledger.cases import BINDING
from ledger.keys import KeyHolder
from ledger.store import reading

HOW = ("signed", "electronic")
PROBLEMS = (400, 401, 403, 404, 406, 409, 410, 413, 415, 422, 500, 503)
REQUESTS = {
    "signed": {
        "summary": "The written confirmation has come back signed",
        "value": {"acceptance_id": ACCEPTED["acceptance_id"], "how": "signed"},
    }
}


class ConfirmRequest(Closed):
    """Which acceptance is confirmed, and on which durable medium."""

    acceptance_id = Name(required=True, metadata={"description": "the acceptance, as /accept named it"})
    how = Text(required=True, validate=one_of(HOW), metadata={"description": "on paper, or accepted electronically"})


_SCHEMA = ConfirmRequest()


def confirm_blueprint(service: Service) -> Blueprint:
    """The resource /confirm over one service."""
    blueprint = Blueprint("confirm", __name__, description="What the customer has confirmed")

    @blueprint.route("/confirm")
    class Confirm(MethodView):
        @described_request(blueprint, ConfirmRequest, REQUESTS, idempotent=True)
        @described(blueprint, Acceptance, ACCEPTED, PROBLEMS)
        def post(self) -> Response:
            """Write the signed or electronic confirmation of an acceptance: it binds, and its order leaves"""
            holder = require_role(request, service.store, ROLES_THAT_OFFER)
            asked = read_asked(request, _SCHEMA)
            attempt = Attempt.of(request, holder, asked)
            return attempt.once(service, lambda: confirm(service, holder, asked, attempt))

    return blueprint


def confirm(service: Service, holder: KeyHolder, asked: Mapping[str, Any], attempt: Attempt) -> tuple[int, bytes]:
    """Status and body of the reply, written with the confirmation or the refusal. Raises Problem 404."""
    with at_acceptance(service, holder, asked["acceptance_id"]) as (desk, acceptance):
        return attempt.keep(desk, lambda: _confirm(desk, acceptance, asked["how"]), status=200)


@contextmanager
def at_acceptance(service: Service, holder: KeyHolder, acceptance_id: str) -> Iterator[tuple[Desk, Row[Any]]]:
    """The desk with the case of an acceptance, for who is in contact with the customer. Raises Problem 404."""
    with reading(service.store) as connection:
        known = queries.find_acceptance(connection, acceptance_id)
    if known is None:
        raise Problem.of("not-found", UNKNOWN)
    with at_proposal(service, holder, known.proposal_id) as desk:
        acceptance = queries.find_acceptance(desk.connection, acceptance_id)
        assert acceptance is not None
        yield desk, acceptance


def gone(acceptance: Row[Any]) -> Problem | None:
    """Why an acceptance does not hold, None where it does."""
    if acceptance.state in BINDING:
        return None
    if acceptance.state == "expired":
        return Problem.of("offer-expired", f"the confirmation was awaited until {acceptance.confirm_by}")
    return Problem.of("withdrawn", f"this acceptance is {acceptance.state}")


def _confirm(desk: Desk, acceptance: Row[Any], how: str) -> dict[str, Any] | Problem:
    if (refused := gone(acceptance)) is not None:
        return refused
    if acceptance.state == "to_confirm":
        writer.confirm(desk.connection, acceptance, desk.act, how, desk.follow_up(to_confirm=True))
    row = queries.find_acceptance(desk.connection, acceptance.acceptance_id)
    assert row is not None
    offer = queries.find_offer(desk.connection, row.proposal_id, row.offer_id)
    return acceptance_reply(desk, row._asdict(), orjson.loads(offer.terms))
