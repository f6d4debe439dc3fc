"""Every bad request at a door of a case gets its exact status, code and place, and changes nothing."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from ledger.store import reading
from ledger.tables import chain
from tests.api.bad_addresses import ADDRESSES, STRANGE_IDS
from tests.api.bad_bodies import DOORS, Door, families
from tests.api.bad_inputs import JSON, Bad
from tests.api.world import Operator

MEMBERS = {"type", "title", "status", "detail", "instance", "errors"}
CASES = [
    pytest.param(door, bad, id=f"{door.title}: {family}: {bad.title}")
    for door in DOORS
    for family, cases in families(door).items()
    for bad in cases
]


def check(answer: Any, status: int, code: str, pointer: str) -> None:
    problem = answer.get_json(force=True)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert (pointer, code) in [(error["pointer"], error["code"]) for error in problem["errors"]]
    assert (problem["status"], set(problem)) == (status, MEMBERS)
    if len(problem["errors"]) == 1:
        assert problem["type"] == f"/problems/{code}"
    assert b"Traceback" not in answer.data
    assert b"<" not in answer.data


def test_every_family_of_every_door_has_at_least_ten_cases() -> None:
    counted = {(door.title, family): len(cases) for door in DOORS for family, cases in families(door).items()}
    assert {cell: count for cell, count in counted.items() if count < 10} == {}


@pytest.fixture(scope="module")
def client(shared_operator: Operator) -> FlaskClient:
    return shared_operator.client


@pytest.mark.parametrize(("door", "bad"), CASES)
def test_a_bad_body_is_named_exactly(shared_operator: Operator, client: FlaskClient, door: Door, bad: Bad) -> None:
    headers = {"Content-Type": JSON, **shared_operator.headers("manager"), **bad.headers}
    check(client.post(door.path, data=bad.body, headers=headers), bad.status, bad.code, bad.pointer)


@pytest.mark.parametrize(("path", "asked", "status", "code", "pointer"), ADDRESSES)
def test_a_bad_address_is_named_exactly(
    shared_operator: Operator, path: str, asked: str, status: int, code: str, pointer: str
) -> None:
    headers = shared_operator.headers("supervisor")
    check(shared_operator.client.get(f"{path}?{asked}", headers=headers), status, code, pointer)


@pytest.mark.parametrize("strange", STRANGE_IDS)
def test_nothing_is_known_by_a_strange_id(shared_operator: Operator, strange: str) -> None:
    client, headers = shared_operator.client, shared_operator.headers("manager")
    check(client.post(f"/promise/{strange}", json={"state": "kept"}, headers=headers), 404, "not-found", "")
    check(client.post(f"/alarm/{strange}", json={"state": "closed"}, headers=headers), 404, "not-found", "")
    check(client.post(f"/decision/{strange}/contest", json={"reason": "x"}, headers=headers), 404, "not-found", "")
    review = {"outcome": "upheld", "note": "x"}
    check(client.post(f"/contest/{strange}", json=review, headers=headers), 404, "not-found", "")
    check(client.get(f"/decision/{strange}/why", headers=headers), 404, "not-found", "")
    check(client.get(f"/decision/{strange}/why-not/{strange}", headers=headers), 404, "not-found", "")
    auditor = shared_operator.headers("auditor")
    check(client.get(f"/case/{strange}", headers=auditor), 404, "not-found", "")


def test_after_all_that_nothing_was_written(operator: Operator) -> None:
    def length() -> int:
        with reading(operator.service.store) as connection:
            return int(connection.execute(select(chain.c.length)).scalar_one())

    before, headers = length(), {"Content-Type": JSON, **operator.headers("manager")}
    for door in DOORS:
        for cases in families(door).values():
            for bad in cases[:3]:
                operator.client.post(door.path, data=bad.body, headers={**headers, **bad.headers})
    assert length() == before


def test_the_kinds_of_a_signal_do_not_lend_each_other_their_fields(shared_operator: Operator) -> None:
    fields = {"channel": "web", "text": "x", "where": "forum", "reach": 5, "day": "2026-11-25"}
    own: dict[str, tuple[str, ...]] = {
        "contact": ("channel",),
        "fault_opened": ("text",),
        "fault_closed": (),
        "public_complaint": ("where", "reach"),
        "port_requested": (),
        "objection": (),
        "callback": ("day",),
    }
    for kind, names in own.items():
        body = {"contract_id": "C-1", "kind": kind, **fields}
        answer = shared_operator.client.post("/signal", json=body, headers=shared_operator.headers())
        problem = answer.get_json(force=True)
        found = {(error["pointer"], error["code"]) for error in problem["errors"]}
        assert found == {(f"/{name}", "unknown-field") for name in fields if name not in names}
