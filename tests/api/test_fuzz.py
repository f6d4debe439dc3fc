"""Schemathesis against the description: no answer outside it at any door, none of 5xx, no refusal unknown."""

from typing import Any

import orjson
import pytest
import schemathesis
from hypothesis import given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from schemathesis.specs.openapi.schemas import OpenApiSchema

from api.errors import CODES, PROBLEM_JSON
from ledger.keys import KEY_ROLES
from tests.api.calls import Call, named
from tests.api.doors import DOORS, Door
from tests.api.world import Operator

CASES, OUTSIDE_CASES, LONG_CASES = 12, 4, 300
STRICTER_THAN_DESCRIBED = [positive_data_acceptance]
"""Names must stand in today's rulebook and 3.0 is no whole number: neither can be said in a schema."""

MENDED_BY_US = [negative_data_rejection]
"""Without a body, what is broken may be the missing key, which these tests put right, or a parameter without a name."""

DESCRIBED = [door for door in DOORS if not door.route.startswith(("/docs", "/openapi"))]
GUARDED = [door for door in DESCRIBED if "no key" not in door.opens]
EVERY_DOOR = pytest.mark.parametrize(
    ("door", "mode"),
    [(door, GenerationMode.POSITIVE) for door in DESCRIBED] + [(door, GenerationMode.NEGATIVE) for door in GUARDED],
    ids=lambda part: part.route if isinstance(part, Door) else part.value,
)


@pytest.fixture(scope="module")
def described(shared_operator: Operator) -> OpenApiSchema:
    return schemathesis.openapi.from_wsgi("/openapi.json", shared_operator.client.application)


def operation_of(described: OpenApiSchema, door: Door) -> APIOperation[Any, Any, Any, Any]:
    return described[door.route.replace("<", "{").replace(">", "}")][door.method]


def inside(door: Door) -> str:
    """The role with the most authority among those that get in."""
    return max(door.opens.keys() & set(KEY_ROLES), key=KEY_ROLES.index)


def check(door: Door, operator: Operator, case: Case[Any], role: str | None) -> None:
    """The answer is as described, and a refusal is a problem document of a known type."""
    headers = operator.headers(role) if role else None
    excluded = STRICTER_THAN_DESCRIBED if door.method == "POST" else [*STRICTER_THAN_DESCRIBED, *MENDED_BY_US]
    answer = case.call_and_validate(headers=headers, excluded_checks=excluded)
    if answer.status_code >= 300:
        assert answer.headers["content-type"] == [PROBLEM_JSON]
        problem = orjson.loads(answer.content)
        assert CODES[problem["type"].removeprefix("/problems/")][0] == problem["status"] == answer.status_code
    if (role or "no key") not in door.opens:
        assert answer.status_code in (401, 403)


def speak_of_something(case: Case[Any], operator: Operator, fresh: bool) -> None:
    """Put the contract and the offer that are there into a body that names any."""
    if not isinstance(case.body, dict):
        return
    there: dict[str, Any] = {"contract_id": "C-1"}
    if fresh and "digest" in case.body:
        call = Call(operator, "manager")
        answer = call.ask()
        if answer["offers"]:
            call.show(answer)
            there.update(named(answer))
    case.body.update({name: there[name] for name in there.keys() & case.body.keys()})


def fuzz(described: OpenApiSchema, operator: Operator, door: Door, mode: GenerationMode, data: st.DataObject) -> None:
    case = data.draw(operation_of(described, door).as_strategy(generation_mode=mode))
    if mode is GenerationMode.POSITIVE:
        speak_of_something(case, operator, data.draw(st.booleans()))
    check(door, operator, case, inside(door))


@EVERY_DOOR
@settings(max_examples=CASES, deadline=None)
@given(data=st.data())
def test_every_answer_is_as_described(
    described: OpenApiSchema, shared_operator: Operator, door: Door, mode: GenerationMode, data: st.DataObject
) -> None:
    fuzz(described, shared_operator, door, mode, data)


@pytest.mark.long
@EVERY_DOOR
@settings(max_examples=LONG_CASES, deadline=None)
@given(data=st.data())
def test_many_more_answers_are_as_described(
    described: OpenApiSchema, shared_operator: Operator, door: Door, mode: GenerationMode, data: st.DataObject
) -> None:
    fuzz(described, shared_operator, door, mode, data)


@pytest.mark.parametrize("door", GUARDED, ids=lambda door: door.route)
@pytest.mark.parametrize("role", ["auditor", "order_system", None])
@settings(max_examples=OUTSIDE_CASES, deadline=None)
@given(data=st.data())
def test_who_may_not_come_in_is_told_so_whatever_they_bring(
    described: OpenApiSchema, shared_operator: Operator, door: Door, role: str | None, data: st.DataObject
) -> None:
    case = data.draw(operation_of(described, door).as_strategy(generation_mode=GenerationMode.NEGATIVE))
    check(door, shared_operator, case, role)
