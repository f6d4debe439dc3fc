"""POST /order-echo: what the order system recorded, against what the customer accepted, field by field."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import fields, validate

from api.asking import read_asked
from api.docs import described, described_request
from api.errors import Problem
from api.examples import ACCEPTED, ANSWER
from api.identity import require_role
from api.proposals import contract_behind
from api.replies import Reply
from api.schemas import MAX_NEEDS, Closed, Day, Name, OfferId, Part, Texts, Whole
from api.sending import send
from api.service import Service, at_desk
from ledger import queries, writer
from ledger.columns import MOST_CENTS
from ledger.keys import ORDER_SYSTEM, KeyHolder
from ledger.orders import ORDERED, differences, is_order, ordered_terms
from ledger.store import reading

PROBLEMS = (400, 401, 403, 404, 406, 413, 415, 422, 500, 503)
UNKNOWN = "no order with this id has left"
_RECORDED = {name: ANSWER["offers"][0][name] for name in ORDERED}

REQUESTS = {
    "wrongly": {
        "summary": "The order system recorded 24 months instead of 12, and no end",
        "value": {
            "order_id": ACCEPTED["acceptance_id"],
            "terms": {
                **{name: value for name, value in _RECORDED.items() if name != "commitment_ends_on"},
                "commitment_months": 24,
            },
        },
    },
    "rightly": {
        "summary": "The order system recorded what was accepted",
        "value": {"order_id": ACCEPTED["acceptance_id"], "terms": _RECORDED},
    },
}

EXAMPLE = {
    "order_id": ACCEPTED["acceptance_id"],
    "match": False,
    "differences": [
        {"field": "commitment_months", "accepted": 12, "recorded": 24, "echoed": True},
        {"field": "commitment_ends_on", "accepted": "2027-11-23", "recorded": None, "echoed": False},
    ],
}


def _count() -> Whole:
    limits = f"out-of-range: expected {-MOST_CENTS} to {MOST_CENTS}"
    return Whole(validate=validate.Range(-MOST_CENTS, MOST_CENTS, error=limits))


class RecordedTerms(Closed):
    """The terms of an order as the order system holds them; a term that is left out was not recorded."""

    offer_id = OfferId()
    device = Name(allow_none=True)
    top_up_cents = _count()
    commitment_months = _count()
    commitment_ends_on = Day()
    monthly_cents = _count()
    discount_cents = _count()
    discount_months = _count()
    discount_ends_on = Day(allow_none=True)
    monthly_cents_after_discount = _count()
    extras = Texts(Name(), validate=validate.Length(max=MAX_NEEDS, error=f"too-many: expected at most {MAX_NEEDS}"))
    extras_months = _count()
    extras_end_on = Day(allow_none=True)
    credit_cents = _count()
    trade_in = Name(allow_none=True)
    trade_in_credit_cents = _count()


class EchoRequest(Closed):
    """An order, and what was recorded for it."""

    order_id = Name(required=True, metadata={"description": "the order, as the message order.accepted named it"})
    terms = Part(RecordedTerms, required=True, metadata={"description": "every term that was recorded"})


class Difference(Reply):
    """A term that was not recorded as it was accepted."""

    field = fields.String(required=True, validate=validate.OneOf(ORDERED))
    accepted = fields.Raw(required=True, metadata={"description": "what the customer accepted"})
    recorded = fields.Raw(required=True, metadata={"description": "what the order system recorded"})
    echoed = fields.Boolean(required=True, metadata={"description": "false: the order system did not record it"})


class EchoReply(Reply):
    """Whether an order was recorded as it was accepted."""

    order_id = fields.String(required=True)
    match = fields.Boolean(required=True)
    differences = fields.List(fields.Nested(Difference), required=True)


_SCHEMA = EchoRequest()


def order_echo_blueprint(service: Service) -> Blueprint:
    """The resource /order-echo over one service."""
    blueprint = Blueprint("order-echo", __name__, description="What the order system has recorded")

    @blueprint.route("/order-echo")
    class OrderEcho(MethodView):
        @described_request(blueprint, EchoRequest, REQUESTS)
        @described(blueprint, EchoReply, EXAMPLE, PROBLEMS)
        def post(self) -> Response:
            """Compare what was recorded with what was accepted; a difference raises an alarm"""
            holder = require_role(request, service.store, (ORDER_SYSTEM,))
            return send(compare(service, holder, read_asked(request, _SCHEMA)))

    return blueprint


def compare(service: Service, holder: KeyHolder, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The differences between an order as accepted and as recorded; a new echo is written down. Raises Problem 404."""
    with reading(service.store) as connection:
        order = queries.find_acceptance(connection, asked["order_id"])
    if order is None or not is_order(order):
        raise Problem.of("not-found", UNKNOWN)
    contract_id = contract_behind(service, order.proposal_id, UNKNOWN)
    with at_desk(service, holder, contract_id) as desk:
        found = differences(ordered_terms(desk.connection, order.acceptance_id), asked["terms"])
        writer.keep_echo(desk.connection, order, asked["terms"], found, desk.act)
    return {"order_id": order.acceptance_id, "match": not found, "differences": found}
