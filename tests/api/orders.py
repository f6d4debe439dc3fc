"""After the yes, as tests drive it: an acceptance, what is confirmed and withdrawn, and the messages that leave."""

import datetime
import itertools
from typing import Any

import orjson
from sqlalchemy import Engine, select
from werkzeug.test import TestResponse

from ledger.store import reading
from ledger.tables import outbox, stock
from tests.api.calls import Call
from tests.api.world import NOON, Operator

WISH = {"device": "galaxy-a17", "max_commitment_months": 12}
KEYS = itertools.count(1)


def accepted(operator: Operator, channel: str = "phone_in", wants: dict[str, Any] = WISH) -> dict[str, Any]:
    call = Call(operator, channel=channel)
    answer = call.ask(wants=wants)
    assert call.show(answer).status_code == 200
    reply = call.accept(answer)
    assert reply.status_code == 201, reply.data
    return reply.get_json()


def post(operator: Operator, door: str, role: str = "agent", key: str = "", **body: Any) -> TestResponse:
    headers = {**operator.headers(role), "Idempotency-Key": key or f"another-{next(KEYS)}"}
    return operator.client.post(door, json=body, headers=headers)


def confirm(operator: Operator, acceptance: dict[str, Any], **more: Any) -> TestResponse:
    return post(operator, "/confirm", **{"acceptance_id": acceptance["acceptance_id"], "how": "signed", **more})


def withdraw(operator: Operator, acceptance: dict[str, Any], by: str, **more: Any) -> TestResponse:
    named = {"proposal_id": acceptance["proposal_id"], "by": by, "because": "changed_mind"}
    return post(operator, "/withdraw", **{**named, **more})


def later(operator: Operator, **days: float) -> Operator:
    """The operator after some time; the agent is in contact again."""
    after = operator.with_service(clock=lambda: NOON + datetime.timedelta(**days))
    Call(after, channel="web").ask()
    return after


def rows_of(store: Engine, table: Any) -> list[Any]:
    with reading(store) as connection:
        return list(connection.execute(select(table)))


def taken(operator: Operator) -> int:
    [row] = [row for row in rows_of(operator.service.store, stock) if row.device == "galaxy-a17"]
    return int(row.taken)


def messages(operator: Operator) -> list[dict[str, Any]]:
    rows = sorted(rows_of(operator.service.store, outbox), key=lambda row: row.sequence)
    return [orjson.loads(row.payload) for row in rows]
