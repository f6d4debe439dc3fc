"""POST /what-if: what would be offered if facts or wishes were others; nothing is written, nothing can be accepted."""

import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api.asking import OfferRequest, read_asked, refuse_unknown_names
from api.deciding import decide_on, question_of, score_question
from api.docs import described, described_request
from api.errors import Flaw, Problem
from api.examples import ANSWER
from api.identity import require_role
from api.replies import Answer
from api.schemas import Chance, Closed, Day, Flag, Part, Text, Whole, one_of
from api.sending import send
from api.service import Desk, Service, looking_at
from engine.errors import Faults
from engine.fields import FACTS, UNKNOWN_COUNT, Field
from ledger.keys import KeyHolder

ROLES = ("supervisor", "manager")
IDS = ("contract_id", "customer_id")
MOST_LETTERS = 200
WRITTEN_DOWN = ("decision_id", "decided_at", "proposal_id", "digest", "expires_on")


def _field(fact: Field) -> fields.Field[Any]:
    described_as: dict[str, Any] = {"metadata": {"description": fact.meaning}}
    if fact.kind == "whole":
        low = max(fact.low, 0) if fact.default == UNKNOWN_COUNT else fact.low
        within = validate.Range(low, fact.high, error=f"out-of-range: expected {low} to {fact.high}")
        return Whole(validate=within, **described_as)
    if fact.kind == "probability":
        return Chance(validate=validate.Range(0, 1, error="out-of-range: expected 0 to 1"), **described_as)
    if fact.kind == "choice":
        return Text(validate=one_of(fact.choices), **described_as)
    if fact.kind in ("date", "flag"):
        return Day(**described_as) if fact.kind == "date" else Flag(**described_as)
    short = validate.Length(max=MOST_LETTERS, error=f"invalid-string: expected at most {MOST_LETTERS} letters")
    return Text(validate=short, **described_as)


OtherFacts: type[Schema] = type(
    "OtherFacts",
    (Closed,),
    {"__doc__": "Facts as they might be.", **{fact.name: _field(fact) for fact in FACTS if fact.name not in IDS}},
)


class WhatIfRequest(OfferRequest):
    """A question about a contract, with facts that might be others."""

    facts = Part(OtherFacts, metadata={"description": "replace what is on file and what was heard"})
    as_of = Day(metadata={"description": "the day to decide on, by the rules then in force; else today"})


class Supposed(Answer):
    """The answer as it would be, without anything that could be accepted."""

    class Meta(Answer.Meta):
        exclude = WRITTEN_DOWN

    what_if = fields.Boolean(required=True)


_SCHEMA = WhatIfRequest()
_EXAMPLES = {
    "dearer": {
        "summary": "If the customer paid more, and wanted a phone",
        "value": {
            "contract_id": "C-1001",
            "channel": "phone_in",
            "facts": {"price_cents": 2490},
            "wants": {"device": "galaxy-a17"},
        },
    }
}
EXAMPLE = {**{name: value for name, value in ANSWER.items() if name not in WRITTEN_DOWN}, "what_if": True}


def what_if_blueprint(service: Service) -> Blueprint:
    """The resource /what-if over one service."""
    blueprint = Blueprint("what_if", __name__, description="What would be offered if things were otherwise")

    @blueprint.route("/what-if")
    class WhatIf(MethodView):
        @described_request(blueprint, WhatIfRequest, _EXAMPLES)
        @described(blueprint, Supposed, EXAMPLE, (400, 401, 403, 404, 406, 413, 415, 422, 500, 503))
        def post(self) -> Response:
            """Decide on other facts or wishes, without any effect"""
            holder = require_role(request, service.store, ROLES)
            return send(suppose(service, holder, read_asked(request, _SCHEMA, service.catalogue)))

    return blueprint


def suppose(service: Service, holder: KeyHolder, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a supposed question; only reads the store. Raises Problem 404."""
    with looking_at(service, holder, asked["contract_id"]) as desk:
        desk = _on_the_day(desk, asked)
        refuse_unknown_names(asked, desk.in_force.catalogue)
        record = decide_on(desk, score_question(desk, {**question_of(desk, asked), **asked.get("facts", {})}))
    said = orjson.loads(record.answer)
    return {**{name: value for name, value in said.items() if name not in WRITTEN_DOWN}, "what_if": True}


def _on_the_day(desk: Desk, asked: Mapping[str, Any]) -> Desk:
    """The desk as it would stand on the day that is supposed. Raises Problem where the rulebook has no numbers then."""
    if "as_of" not in asked:
        return desk
    then = replace(
        desk, moment=datetime.datetime.combine(datetime.date.fromisoformat(asked["as_of"]), desk.moment.timetz())
    )
    try:
        desk.rulebook.as_of(then.today)
    except Faults as found:
        what = f"the rulebook in force says nothing of that day: {found.faults[0].what}"
        raise Problem([Flaw("/as_of", "invalid-time", what)]) from None
    return then
