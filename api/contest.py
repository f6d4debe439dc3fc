"""POST /decision/{decision_id}/contest: a human looks at it again. POST /contest/{contest_id}: what they made of it."""

from typing import Any

import orjson
from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy import Row

from api.asking import read_asked
from api.docs import described, described_request
from api.errors import Problem
from api.examples import ANSWER
from api.explaining import READ_ANY, UNKNOWN
from api.identity import require_role
from api.replies import Reply, required
from api.schemas import Closed, FreeText, Text, is_name, one_of
from api.sending import send
from api.service import Service, at_desk
from engine.policy import ROLES_THAT_OFFER
from ledger import queries, writer
from ledger.contests import find_contest, open_contest
from ledger.keys import KeyHolder
from ledger.store import reading
from ledger.writer import Moved

MAY_SETTLE = ("supervisor", "manager")
OUTCOMES = ("upheld", "changed")
MOST_LETTERS = 500
NO_CONTEST = "no contest with this id was made"


class ContestRequest(Closed):
    """Why a decision is contested."""

    reason = FreeText(MOST_LETTERS, required=True, metadata={"description": "in the customer's words"})


class SettleContestRequest(Closed):
    """What a human made of a contested decision."""

    outcome = Text(required=True, validate=one_of(OUTCOMES), metadata={"description": "what became of the decision"})
    note = FreeText(MOST_LETTERS, required=True, metadata={"description": "why, and what is done instead"})


class ContestTold(Reply):
    """A contested decision, and how far its review is."""

    contest_id = required(fields.String)
    decision_id = required(fields.String)
    contract_id = required(fields.String, "null: erased", allow_none=True)
    asked_at = required(fields.DateTime)
    answer_by = required(fields.DateTime, "last moment to answer")
    overdue = required(fields.Boolean, "not settled, and that moment has passed")
    reason = required(fields.String, "null: erased, or kept for its time", allow_none=True)
    settled_at = required(fields.DateTime, allow_none=True)
    outcome = required(
        fields.String,
        "null: not settled, or fallen away with the customer",
        allow_none=True,
        validate=validate.OneOf((*OUTCOMES, None)),
    )
    note = required(fields.String, allow_none=True)


REQUESTS = {"contest": {"summary": "The customer does not agree", "value": {"reason": "I was promised this phone"}}}
SETTLE_REQUESTS = {
    "changed": {"summary": "A human decides otherwise", "value": {"outcome": "changed", "note": "offered by hand"}}
}
EXAMPLE: dict[str, Any] = {
    "contest_id": "3b8e1c5e9f48d2a6f0957d240b7d4a1e",
    "decision_id": ANSWER["decision_id"],
    "contract_id": "C-1001",
    "asked_at": "2026-11-23T12:00:00.000000Z",
    "answer_by": "2026-12-07T23:00:00.000000Z",
    "overdue": False,
    "reason": "I was promised this phone",
    "settled_at": None,
    "outcome": None,
    "note": None,
}
EXAMPLE_SETTLED = {**EXAMPLE, "settled_at": "2026-11-24T09:00:00.000000Z", "outcome": "changed", "note": "by hand"}
_CONTEST, _SETTLE = ContestRequest(), SettleContestRequest()


def contest_blueprint(service: Service) -> Blueprint:
    """The resources /decision/{decision_id}/contest and /contest/{contest_id} over one service."""
    blueprint = Blueprint("contest", __name__, description="A human looks at a decision")

    @blueprint.route("/decision/<decision_id>/contest")
    class ContestOfDecision(MethodView):
        @described_request(blueprint, ContestRequest, REQUESTS)
        @described(blueprint, ContestTold, EXAMPLE, (400, 401, 403, 404, 406, 413, 415, 422, 500, 503), status=201)
        def post(self, decision_id: str) -> Response:
            """Ask for a human review of a decision; asked again while it waits it is the same review"""
            holder = require_role(request, service.store, ROLES_THAT_OFFER)
            reason = read_asked(request, _CONTEST)["reason"]
            return send(ask_for_review(service, holder, decision_id, reason), status=201)

    @blueprint.route("/contest/<contest_id>")
    class Contest(MethodView):
        @described_request(blueprint, SettleContestRequest, SETTLE_REQUESTS)
        @described(blueprint, ContestTold, EXAMPLE_SETTLED, (400, 401, 403, 404, 406, 409, 413, 415, 422, 500, 503))
        def post(self, contest_id: str) -> Response:
            """Write what a human made of a contested decision: somebody else than who took it"""
            holder = require_role(request, service.store, MAY_SETTLE)
            return send(settle(service, holder, contest_id, read_asked(request, _SETTLE)))

    return blueprint


def ask_for_review(service: Service, holder: KeyHolder, decision_id: str, reason: str) -> dict[str, Any]:
    """Ask for a human review of a decision. Raises Problem 404; agents ask for customers they are in contact with."""
    with reading(service.store) as connection:
        decided = queries.find_decision(connection, decision_id) if is_name(decision_id) else None
        contract_id = decided and queries.contract_of_subject(connection, decided.subject_id)
    if decided is None or contract_id is None:
        raise Problem.of("not-found", UNKNOWN)
    with at_desk(service, holder, contract_id) as desk:
        if holder.role not in READ_ANY and not desk.in_contact():
            raise Problem.of("not-found", UNKNOWN)
        waiting = open_contest(desk.connection, decision_id)
        if waiting is None:
            writer.contest(desk.connection, decided, desk.act, reason, desk.in_force.policy["contest_answer_days"])
            waiting = open_contest(desk.connection, decision_id)
        assert waiting is not None
        return tell_contest(waiting, desk.now)


def settle(service: Service, holder: KeyHolder, contest_id: str, asked: dict[str, Any]) -> dict[str, Any] | Problem:
    """Write what became of a contested decision. Raises Problem 404, and 403 for who took the decision."""
    with reading(service.store) as connection:
        known = find_contest(connection, contest_id) if is_name(contest_id) else None
    if known is None or known.contract_id is None:
        raise Problem.of("not-found", NO_CONTEST)
    if known.agent_id == holder.agent_id:
        raise Problem.of("not-allowed", "expected somebody else than who took the decision")
    with at_desk(service, holder, known.contract_id) as desk:
        try:
            writer.settle_contest(desk.connection, known, desk.act, asked["outcome"], asked["note"])
        except Moved:
            return Problem.of("already-recorded", "this contest is settled")
        settled = find_contest(desk.connection, contest_id)
        assert settled is not None
        return tell_contest(settled, desk.now)


def tell_contest(row: Row[Any], now: str) -> dict[str, Any]:
    """A contest, JSON-ready."""
    return {
        "contest_id": row.alarm_id,
        "decision_id": row.about,
        "contract_id": row.contract_id,
        "asked_at": row.raised_at,
        "answer_by": row.answer_by,
        "overdue": row.closed_at is None and row.answer_by < now,
        "reason": _said(row.reason, "reason"),
        "settled_at": row.closed_at,
        "outcome": row.settled and orjson.loads(row.settled)["outcome"],
        "note": _said(row.note, "note"),
    }


def _said(body: Any, name: str) -> str | None:
    return None if body is None else str(orjson.loads(bytes(body))[name])
