"""Every role at every door with every kind of object: as the table says, and what is not theirs is unknown."""

import datetime
import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from werkzeug.test import TestResponse

from engine.rulebook import Rulebook
from engine.tables import Cases, objects
from ledger import writer
from ledger.store import writing
from tests.api.calls import Call, problem
from tests.api.doors import DOORS, OBJECTS, OFFER, ROLES, Door, Request, published
from tests.api.world import NOON, ROOT, Operator, make_operator, make_store

HOST = "host"
REFUSED_EVERYWHERE = ("auditor", "order_system", "no key", "revoked")
LINES, KEYS = itertools.count(), itertools.count()
A_WHILE = datetime.timedelta(minutes=31)


class Clock:
    """The moment, moved by hand."""

    moment = NOON

    def __call__(self) -> datetime.datetime:
        return self.moment


CLOCK = Clock()


def ordinary(count: int) -> Cases:
    """Lines that get an offer nobody must approve."""
    facts = {
        "contract_id": objects([f"L-{number}" for number in range(count)]),
        "price_cents": np.full(count, 1790),
        "cost_to_serve_cents": np.full(count, 400),
        "customer_since": np.full(count, np.datetime64("2016-03-01")),
        "p_churn": np.full(count, 0.4),
        "p_churn_window_months": np.full(count, 6),
        "calls_consented_on": np.full(count, np.datetime64("2026-01-05")),  # the clock of this test goes round
    }
    return Cases(facts)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, rulebook: Rulebook) -> Iterator[Operator]:
    """An operator with a line for every cell, and a key for every role."""
    store = make_store(tmp_path_factory.mktemp("house"))
    operator = make_operator(store, rulebook).with_service(clock=CLOCK)
    with writing(store) as connection:
        writer.save_contracts(connection, ordinary(400), {}, writer.Source("m" * 64, NOON.date()))
        operator.keys[HOST] = writer.create_key(connection, "host-1", "manager")
        operator.keys["revoked"] = writer.create_key(connection, "gone-1", "manager")
        assert writer.revoke_key(connection, operator.keys["revoked"].split("_")[1])
    yield operator
    store.dispose()


def send(operator: Operator, door: Door, role: str, request: Request) -> TestResponse:
    headers = {"Idempotency-Key": f"key-{next(KEYS)}"}
    headers |= {} if role == "no key" else operator.headers(role)
    if door.method == "GET":
        return operator.client.get(request.address, headers=headers)
    return operator.client.post(request.address, json=request.body, headers=headers)


def prepare(operator: Operator, door: Door, role: str) -> dict[str, Request]:
    """A request about each kind of object: what it names was made by somebody else, and a while ago."""
    calls = {thing: Call(operator, HOST, f"L-{next(LINES)}", "phone_in") for thing in door.objects}
    requests = {thing: door.ask(call) for thing, call in calls.items()}
    CLOCK.moment += A_WHILE
    for who, things in ((role, ("own",)), (HOST, ("own", "theirs"))):
        for thing in things if who in (*OFFER, HOST) and door.objects == OBJECTS else ():
            replace(calls[thing], role=who).signal("contact", channel="phone_in")
    return {thing: request.of_nothing() if thing == "unknown" else request for thing, request in requests.items()}


def cell(answer: TestResponse) -> tuple[int, str]:
    return (answer.status_code, "") if answer.status_code < 300 else problem(answer)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.route)
def test_every_cell_is_as_the_table_says(house: Operator, door: Door) -> None:
    shared = prepare(house, door, "auditor")
    for role in ROLES:
        requests = shared if role in REFUSED_EVERYWHERE else prepare(house, door, role)
        found = {thing: cell(send(house, door, role, requests[thing])) for thing in door.objects}
        assert (role, found) == (role, {thing: door.cell(role, thing) for thing in door.objects})


@pytest.mark.parametrize("door", [door for door in DOORS if "own" in door.opens.values()], ids=lambda door: door.route)
def test_what_is_not_theirs_is_as_unknown_as_what_is_not_there(house: Operator, door: Door) -> None:
    requests = prepare(house, door, "agent")
    bodies = [_body(send(house, door, "agent", requests[thing])) for thing in OBJECTS if thing != "own"]
    assert bodies[0] == bodies[1] == bodies[2]


def _body(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code == 404
    body = answer.get_json(force=True)
    body.pop("instance")
    return {**body, "headers": sorted(set(dict(answer.headers)) - {"X-Request-Id"})}


def test_every_door_has_a_row_and_every_row_a_door(house: Operator) -> None:
    routes = {
        (rule.rule, method)
        for rule in house.client.application.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD"}
    }
    assert {(door.route, door.method) for door in DOORS} == routes


def test_the_table_is_the_published_one() -> None:
    assert published() in (ROOT / "docs/api.md").read_text()
