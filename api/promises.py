"""POST /promise/{promise_id}: was it kept? GET /promises: how often promises are kept, and which were not."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import ValidationError, fields, validate, validates, validates_schema
from sqlalchemy import Row

from api.asking import read_asked
from api.docs import described, described_question, described_request
from api.errors import Problem
from api.identity import require_role
from api.pages import LIMIT, PAGE, limit_field, one_page, page_field, passed_over, read_address
from api.replies import Reply, required
from api.schemas import Closed, Dated, Day, Text, is_name, one_of
from api.sending import send
from api.service import Service, at_desk
from api.told import PromiseTold, tell_promise
from engine.policy import ROLES_THAT_OFFER
from ledger import writer
from ledger.keys import KeyHolder
from ledger.promised import Period, find_promise, promises_due, what_became, wilson_interval
from ledger.store import reading
from ledger.writer import Moved

MAY_SETTLE_ANY = ("supervisor", "manager")
MAY_COUNT = ("supervisor", "manager", "auditor")
SETTLED = ("kept", "broken")
BECAME = ("kept", "kept_late", "broken", "late", "open")
PERIOD_DAYS = 30
MOST_DAYS_BACK, MOST_DAYS_AHEAD = 3_660, 365
UNKNOWN = "no promise with this id was made to a customer you are in contact with"


class SettleRequest(Closed):
    """What became of a promise."""

    state = Text(required=True, validate=one_of(SETTLED), metadata={"description": "what became of it"})


class PromisesQuestion(Dated):
    """Promises that fall due from one day to another."""

    first = Day(data_key="from")
    last = Day(data_key="until")
    limit = limit_field()
    page = page_field()

    @validates("first", "last")
    def is_near(self, day: str, **_options: Any) -> None:
        """Raises ValidationError for a day too far away."""
        self.check_day(day, -MOST_DAYS_BACK, MOST_DAYS_AHEAD)

    @validates_schema
    def is_a_period(self, read: dict[str, Any], **_options: Any) -> None:
        """Raises ValidationError for days in the wrong order."""
        first, last = self.period(read)
        if first > last:
            raise ValidationError({"from": ["invalid-time: expected a day up to that of until"]})

    def period(self, read: Mapping[str, Any]) -> tuple[datetime.date, datetime.date]:
        """(first day, last day); without any the last thirty days up to today."""
        last = datetime.date.fromisoformat(read["last"]) if "last" in read else self.today
        if "first" in read:
            return datetime.date.fromisoformat(read["first"]), last
        return last - datetime.timedelta(days=PERIOD_DAYS - 1), last


class Interval(Reply):
    """Where a share lies with 95 % confidence (Wilson)."""

    low = required(fields.Float)
    high = required(fields.Float)


class KindOfPromise(Reply):
    """How the promises of one kind were kept."""

    kind = required(fields.String)
    kept = required(fields.Integer, "by its day")
    kept_late = required(fields.Integer)
    broken = required(fields.Integer)
    late = required(fields.Integer, "not settled, and its day has passed")
    open = required(fields.Integer, "its day has not passed; not in the share")
    kept_share = required(fields.Float, "kept by its day, of all that are due", allow_none=True)
    interval = fields.Nested(Interval, required=True, allow_none=True)


class PromiseListed(PromiseTold):
    """A promise behind the figures."""

    contract_id = required(fields.String, "null: erased", allow_none=True)
    became = required(fields.String, validate=validate.OneOf(BECAME))


class PromisesKept(Reply):
    """The kept-promise rate by kind, and the list behind it, a page at a time."""

    first = required(fields.Date, data_key="from")
    last = required(fields.Date, data_key="until")
    kinds = fields.List(fields.Nested(KindOfPromise), required=True)
    promises = fields.List(fields.Nested(PromiseListed), required=True)
    page = required(fields.Integer)
    more = required(fields.Boolean, "there is another page")


REQUESTS = {"kept": {"summary": "The phone has arrived", "value": {"state": "kept"}}}
EXAMPLE = {
    "promise_id": "6f2c9b7d1e304a58b8d7c6a5f4e3d2c1",
    "kind": "delivery",
    "about": "0b7d4a1e5c9f48d2a6b3e8c1f0957d24",
    "made_at": "2026-11-23T12:04:00.000000Z",
    "due_on": "2026-11-28",
    "state": "kept",
    "settled_on": "2026-11-27",
    "late": False,
}
EXAMPLE_OF_MANY = {
    "from": "2026-11-01",
    "until": "2026-11-30",
    "kinds": [
        {
            "kind": "delivery",
            "kept": 9,
            "kept_late": 1,
            "broken": 0,
            "late": 0,
            "open": 2,
            "kept_share": 0.9,
            "interval": {"low": 0.595849, "high": 0.982124},
        }
    ],
    "promises": [{**EXAMPLE, "contract_id": "C-1001", "became": "kept"}],
    "page": 1,
    "more": False,
}
_PERIOD = [
    {"name": "from", "description": "first due day", "schema": {"type": "string", "format": "date"}},
    {"name": "until", "description": "last due day", "schema": {"type": "string", "format": "date"}},
]
_SETTLE = SettleRequest()


def promises_blueprint(service: Service) -> Blueprint:
    """The resources /promise and /promises over one service."""
    blueprint = Blueprint("promises", __name__, description="What was promised, and whether it was kept")

    @blueprint.route("/promise/<promise_id>")
    class Promise(MethodView):
        @described_request(blueprint, SettleRequest, REQUESTS)
        @described(blueprint, PromiseTold, EXAMPLE, (400, 401, 403, 404, 406, 409, 413, 415, 422, 500, 503))
        def post(self, promise_id: str) -> Response:
            """Write that a promise was kept or broken; what was broken can still be kept"""
            holder = require_role(request, service.store, ROLES_THAT_OFFER)
            return send(settle(service, holder, promise_id, read_asked(request, _SETTLE)["state"]))

    @blueprint.route("/promises")
    class Promises(MethodView):
        @described_question(blueprint, [*_PERIOD, LIMIT, PAGE])
        @described(blueprint, PromisesKept, EXAMPLE_OF_MANY, (400, 401, 403, 406, 422, 500, 503))
        def get(self) -> Response:
            """Tell how often promises of a period were kept, by kind, with the list behind it"""
            require_role(request, service.store, MAY_COUNT)
            schema = PromisesQuestion(service.now().date())
            asked = read_address(request, schema)
            return send(count(service, Period(*schema.period(asked), schema.today), asked))

    return blueprint


def settle(service: Service, holder: KeyHolder, promise_id: str, state: str) -> dict[str, Any] | Problem:
    """Write what became of a promise; said again, it is so already. Raises Problem 404.

    Agents speak for customers they are in contact with, supervisors and managers for all.
    """
    with reading(service.store) as connection:
        known = find_promise(connection, promise_id) if is_name(promise_id) else None
    if known is None or known.contract_id is None:
        raise Problem.of("not-found", UNKNOWN)
    with at_desk(service, holder, known.contract_id) as desk:
        if holder.role not in MAY_SETTLE_ANY and not desk.in_contact():
            raise Problem.of("not-found", UNKNOWN)
        made = find_promise(desk.connection, promise_id)
        if made is not None and made.state != state:
            try:
                writer.settle_promise(desk.connection, made, desk.by, desk.moment, state)
            except Moved:
                return Problem.of("already-recorded", f"this promise is {made.state}")
            made = find_promise(desk.connection, promise_id)
        assert made is not None
        return tell_promise(made, desk.today)


def count(service: Service, period: Period, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The kept-promise rate of each kind in a period, and a page of the promises behind it."""
    with reading(service.store) as connection:
        counted = what_became(connection, period)
        rows = promises_due(connection, period, asked["limit"] + 1, passed_over(asked))
    listed, more = one_page(rows, asked)
    return {
        "from": period.first.isoformat(),
        "until": period.last.isoformat(),
        "kinds": [_kind(kind, counted) for kind in sorted({row.kind for row in counted})],
        "promises": [
            {**tell_promise(row, period.today), "contract_id": row.contract_id, "became": row.became} for row in listed
        ],
        "page": asked["page"],
        "more": more,
    }


def _kind(kind: str, counted: Sequence[Row[Any]]) -> dict[str, Any]:
    became = dict.fromkeys(BECAME, 0) | {row.became: int(row._mapping["count"]) for row in counted if row.kind == kind}
    due = sum(became.values()) - became["open"]
    interval = wilson_interval(became["kept"], due)
    return {
        "kind": kind,
        **became,
        "kept_share": None if interval is None else round(became["kept"] / due, 6),
        "interval": interval and {"low": round(interval[0], 6), "high": round(interval[1], 6)},
    }
