"""GET /contests: every contested decision, those that wait first, and how many are overdue."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import fields

from api.contest import EXAMPLE as CONTEST
from api.contest import ContestTold, tell_contest
from api.docs import described, described_question
from api.identity import require_role
from api.pages import LIMIT, PAGE, limit_field, one_page, page_field, passed_over, read_address
from api.replies import Reply, required
from api.schemas import Closed
from api.sending import send
from api.service import Service
from ledger.contests import contests, count_contests
from ledger.records import time_text
from ledger.store import reading

MAY_READ = ("supervisor", "manager", "auditor")


class ContestsQuestion(Closed):
    """Which page."""

    limit = limit_field()
    page = page_field()


class Counts(Reply):
    """How many contests there are."""

    waiting = required(fields.Integer, data_key="open")
    overdue = required(fields.Integer, "of those that wait")
    settled = required(fields.Integer)
    settled_late = required(fields.Integer, "of those that are settled")


class Contests(Reply):
    """Contested decisions, a page at a time: each has an outcome, or waits until a moment, or is overdue."""

    counts = fields.Nested(Counts, required=True)
    contests = fields.List(
        fields.Nested(ContestTold),
        required=True,
        metadata={"description": "those that wait first, by their last moment"},
    )
    page = required(fields.Integer)
    more = required(fields.Boolean, "there is another page")


EXAMPLE = {
    "counts": {"open": 1, "overdue": 0, "settled": 3, "settled_late": 0},
    "contests": [CONTEST],
    "page": 1,
    "more": False,
}
_SCHEMA = ContestsQuestion()


def contests_blueprint(service: Service) -> Blueprint:
    """The resource /contests over one service."""
    blueprint = Blueprint("contests", __name__, description="Contested decisions")

    @blueprint.route("/contests")
    class ContestsListed(MethodView):
        @described_question(blueprint, [LIMIT, PAGE])
        @described(blueprint, Contests, EXAMPLE, (400, 401, 403, 406, 422, 500, 503))
        def get(self) -> Response:
            """Tell every contested decision: what became of it, or until when it waits"""
            require_role(request, service.store, MAY_READ)
            return send(list_contests(service, read_address(request, _SCHEMA)))

    return blueprint


def list_contests(service: Service, asked: Mapping[str, Any]) -> dict[str, Any]:
    """One page of contested decisions, and how many there are."""
    now = time_text(service.now())
    with reading(service.store) as connection:
        counts = count_contests(connection, now)
        rows = contests(connection, asked["limit"] + 1, passed_over(asked))
    listed, more = one_page(rows, asked)
    told = [tell_contest(row, now) for row in listed]
    return {"counts": counts, "contests": told, "page": asked["page"], "more": more}
