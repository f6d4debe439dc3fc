"""GET /worklist: what needs a human today, the most pressing first."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy import Row

from api.deciding import may_call
from api.docs import described, described_question
from api.identity import require_role
from api.pages import LIMIT, PAGE, limit_field, one_page, page_field, passed_over, read_address
from api.replies import Reply, Sentences, required
from api.schemas import Closed
from api.sending import send
from api.sentences import Teller
from api.service import Service
from api.told import route_of
from engine.answers import writers_of
from engine.policy import ROLES_THAT_OFFER
from ledger.keys import KeyHolder
from ledger.records import time_text
from ledger.store import reading
from ledger.worklist import APPROVAL, CONFIRMATION, ORDER, PROMISE, View, unkept_callbacks, what_needs_a_human

SEE_ALL = ("supervisor", "manager")


class WorklistQuestion(Closed):
    """Which page."""

    limit = limit_field()
    page = page_field()


class Waiting(Reply):
    """Something that needs a human."""

    why = required(fields.String, validate=validate.OneOf(ORDER))
    about = required(fields.String, "the promise, alarm, proposal or acceptance")
    contract_id = required(fields.String)
    until = required(fields.String, "last day or moment; null: at once", allow_none=True)
    role = required(fields.String, "who should see to it", validate=validate.OneOf(ROLES_THAT_OFFER))
    sentences = fields.Nested(Sentences, required=True)


class Worklist(Reply):
    """What needs a human, a page at a time."""

    items = fields.List(fields.Nested(Waiting), required=True)
    page = required(fields.Integer)
    more = required(fields.Boolean, "there is another page")


WAITING = {
    "why": "public_complaint",
    "about": "9136ed7be5dfc3bb3e1c5e0c959e9181",
    "contract_id": "C-1001",
    "until": "2026-11-23T14:00:00.000000Z",
    "role": "manager",
    "sentences": {
        "fr": "Plainte publique (un forum), lue par 4200 personnes : répondre avant le 23 novembre 2026 à 15:00.",
        "nl": "Openbare klacht (een forum), gelezen door 4200 mensen: antwoorden voor 23 november 2026 om 15:00.",
        "en": "Public complaint (a forum), read by 4200 people: answer before 23 November 2026, 15:00.",
    },
}
EXAMPLE = {"items": [WAITING], "page": 1, "more": False}
_SCHEMA = WorklistQuestion()


def worklist_blueprint(service: Service) -> Blueprint:
    """The resource /worklist over one service."""
    blueprint = Blueprint("worklist", __name__, description="What needs a human today")

    @blueprint.route("/worklist")
    class WorklistOfToday(MethodView):
        @described_question(blueprint, [LIMIT, PAGE])
        @described(blueprint, Worklist, EXAMPLE, (400, 401, 403, 406, 422, 500, 503))
        def get(self) -> Response:
            """Tell what needs a human: agents see the customers they are in contact with, the others all"""
            holder = require_role(request, service.store, ROLES_THAT_OFFER)
            return send(todo(service, holder, read_address(request, _SCHEMA)))

    return blueprint


def todo(service: Service, holder: KeyHolder, asked: Mapping[str, Any]) -> dict[str, Any]:
    """One page of what needs a human now."""
    moment, agent_id = service.now(), None if holder.role in SEE_ALL else holder.agent_id
    with reading(service.store) as connection:
        in_force = service.rulebooks.in_force(connection).as_of(moment.date())
        view = View(moment.date(), time_text(moment), in_force.policy["four_eyes_depth_cents"], agent_id)
        unkept = unkept_callbacks(connection, view)
        not_now = tuple(row.promise_id for row in unkept if not may_call(service, holder, row.contract_id))
        view = replace(view, not_now=not_now)
        rows = what_needs_a_human(connection, view, asked["limit"] + 1, passed_over(asked))
    listed, more = one_page(rows, asked)
    teller = Teller(writers_of(in_force), service.zone)
    return {"items": [tell_waiting(row, teller) for row in listed], "page": asked["page"], "more": more}


def tell_waiting(row: Row[Any], teller: Teller) -> dict[str, Any]:
    """One thing that needs a human, JSON-ready."""
    why, details = ORDER[row.place], orjson.loads(row.details)
    return {
        "why": why,
        "about": row.about,
        "contract_id": row.contract_id,
        "until": row.until,
        "role": _role(why, row.kind, details),
        "sentences": teller.tell("worklist", why, _named(why, row, details)),
    }


def _role(why: str, kind: str, details: dict[str, Any]) -> str:
    if why == APPROVAL:
        return next((role for role in SEE_ALL if role in details["may_approve"]), SEE_ALL[-1])
    return {PROMISE: "supervisor", CONFIRMATION: "agent"}.get(why) or route_of(kind, details)


def _named(why: str, row: Row[Any], details: dict[str, Any]) -> dict[str, Any]:
    date = {"date": row.until} if row.until else {}
    if why == PROMISE:
        return {**date, "promise": row.kind}
    if why == APPROVAL:
        return {**date, "offer": details}
    return {**date, "alarm": row.kind, **{name: details[name] for name in ("where", "reach") if name in details}}
