"""POST /offer/check: terms an agent composes get a yes, or a no with what is missing and what would pass."""

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import fields, validate

from api.asking import read_asked
from api.deciding import check_terms, decide_on, question_of, score_question
from api.docs import described, described_request
from api.errors import Problem
from api.examples import ANSWER
from api.identity import require_role
from api.offer import keep
from api.replies import Offer, Reply, Sentences
from api.schemas import Closed, Flag, Name, Part, Texts, Whole, at_most
from api.sending import send
from api.service import NOT_ON_FILE, Desk, Service, at_desk
from engine.check import may_be_put_on_the_table, write_check
from engine.policy import COMMITMENTS, ROLES_THAT_OFFER
from ledger import writer
from ledger.journal import Event, canonical
from ledger.keys import KeyHolder

MOST_CENTS, MOST_MONTHS, MOST_EXTRAS = 1_000_000, max(COMMITMENTS), 20
NOTHING = {"proposal_id": None, "digest": None, "expires_on": None}


def _cents(meaning: str) -> Whole:
    return Whole(load_default=0, validate=at_most(MOST_CENTS), metadata={"description": meaning})


def _months(meaning: str) -> Whole:
    return Whole(load_default=0, validate=at_most(MOST_MONTHS), metadata={"description": meaning})


class ComposedTerms(Closed):
    """Terms as an agent composes them; what is left out is not part of them."""

    device = Name(metadata={"description": "by its id in the rulebook"})
    commitment_months = _months("months of commitment")
    top_up_cents = _cents("what the customer pays for the device, including VAT")
    discount_cents = _cents("off the monthly price, including VAT")
    discount_months = _months("how long the discount lasts")
    extras = Texts(
        Name(),
        validate=validate.Length(max=MOST_EXTRAS, error=f"too-many: expected at most {MOST_EXTRAS} extras"),
        metadata={"description": "by their names in the rulebook"},
    )
    extras_months = _months("how long extras last that come without a commitment")
    credit_cents = _cents("one-off credit, including VAT")
    trade_in = Name(metadata={"description": "the device taken back, by its id in the rulebook"})


class CheckRequest(Closed):
    """Terms for the customer of one contract."""

    contract_id = Name(required=True, metadata={"description": "the contract the terms are for"})
    terms = Part(ComposedTerms, required=True, metadata={"description": "what the agent would offer"})
    put_on_table = Flag(
        load_default=False,
        metadata={"description": "make them the proposal, if they are allowed or somebody else may approve them"},
    )


class Nearest(Offer):
    """The nearest terms within every limit, and the rules that speak against making them an offer all the same."""

    rules = fields.List(fields.String(), required=True)


class Check(Reply):
    """Whether terms may be offered; if not, why not, what is missing, and what would pass."""

    contract_id = fields.String(required=True)
    allowed = fields.Boolean(required=True)
    rules = fields.List(fields.String(), required=True, metadata={"description": "ids of the rules that refuse"})
    limits = fields.List(fields.String(), required=True, metadata={"description": "those that are hard limits"})
    missing_cents = fields.Integer(required=True, metadata={"description": "net cents short of the floor"})
    may_approve = fields.List(fields.String(validate=validate.OneOf(ROLES_THAT_OFFER)), required=True)
    offer = fields.Nested(Offer, required=True, allow_none=True)
    nearest = fields.Nested(Nearest, required=True, allow_none=True)
    not_sold = fields.List(  # `unknown` is a name of marshmallow's
        fields.String(),
        required=True,
        data_key="unknown",
        metadata={"description": "names the rulebook does not have"},
    )
    why_not = fields.Nested(Sentences, required=True, allow_none=True)
    proposal_id = fields.String(required=True, allow_none=True, metadata={"description": "where put on the table"})
    digest = fields.String(required=True, allow_none=True)
    expires_on = fields.Date(required=True, allow_none=True)


_TERMS = {"device": "galaxy-a17", "commitment_months": 12, "top_up_cents": 2040}
_EXAMPLES = {
    "compose": {"summary": "A phone for 20.40", "value": {"contract_id": "C-1001", "terms": _TERMS}},
}
EXAMPLE = {
    "contract_id": "C-1001",
    "allowed": True,
    "rules": [],
    "limits": [],
    "missing_cents": 0,
    "may_approve": ["agent", "supervisor", "manager"],
    "offer": {**ANSWER["offers"][0], "place": "composed", "why": "composed"},
    "nearest": None,
    "unknown": [],
    "why_not": None,
    "proposal_id": None,
    "digest": None,
    "expires_on": None,
}
_SCHEMA = CheckRequest()


def check_blueprint(service: Service) -> Blueprint:
    """The resource /offer/check over one service."""
    blueprint = Blueprint("check", __name__, description="Terms that an agent composes")

    @blueprint.route("/offer/check")
    class CheckTerms(MethodView):
        @described_request(blueprint, CheckRequest, _EXAMPLES)
        @described(blueprint, Check, EXAMPLE, (400, 401, 403, 404, 406, 413, 415, 422, 500, 503))
        def post(self) -> Response:
            """Check terms of the agent's own: yes, or no with what is missing and who may approve"""
            holder = require_role(request, service.store, ROLES_THAT_OFFER)
            return send(answer_check(service, holder, read_asked(request, _SCHEMA)))

    return blueprint


def answer_check(service: Service, holder: KeyHolder, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What the rules say of terms for a customer in contact; on record as checked. Raises Problem 404."""
    with at_desk(service, holder, asked["contract_id"]) as desk:
        if not desk.in_contact():
            raise Problem.of("not-found", NOT_ON_FILE)
        assert desk.case.interaction is not None
        contact = {"channel": desk.case.interaction.channel, "reason_for_contact": "asks_for_offer"}
        snapshot, terms = question_of(desk, contact), asked["terms"]
        at_hand = score_question(desk, snapshot)
        given = check_terms(desk, at_hand, terms)
        found = orjson.loads(canonical(write_check(given.checked, 0)))
        details = {"terms": terms, "allowed": found["allowed"], "rules": found["rules"]}
        event = Event("checked", desk.by, "", desk.case.subject_id, details)
        proposal = NOTHING
        if asked["put_on_table"] and may_be_put_on_the_table(given.checked, 0):
            _clear_the_table(desk)
            record = decide_on(desk, at_hand, given)
            keep(desk, record, snapshot, (event,), {})
            proposal = record.proposal
        else:
            writer.append(desk.connection, desk.now, event)
        return {"contract_id": asked["contract_id"], **found, **proposal}


def _clear_the_table(desk: Desk) -> None:
    """Take back what the composed terms replace; the question they answer stays the same."""
    if desk.case.live is not None:
        writer.withdraw(desk.connection, desk.case.live, desk.by, desk.now, "terms composed by an agent")
