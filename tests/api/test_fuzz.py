"""Schemathesis against the description: no answer outside it, none of 5xx, with and without a key."""

import pytest
import schemathesis
from hypothesis import given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from schemathesis.specs.openapi.schemas import OpenApiSchema

from tests.api.world import Operator

CASES = 40
LONG_CASES = 3_000
STRICTER_THAN_DESCRIBED = [positive_data_acceptance]
"""Names must stand in today's rulebook and 3.0 is no whole number: neither can be said in a schema."""

DOORS = [
    ("/offer", "POST", GenerationMode.POSITIVE),
    ("/offer", "POST", GenerationMode.NEGATIVE),
    ("/live", "GET", GenerationMode.POSITIVE),
    ("/ready", "GET", GenerationMode.POSITIVE),
]


@pytest.fixture(scope="module")
def described(shared_operator: Operator) -> OpenApiSchema:
    return schemathesis.openapi.from_wsgi("/openapi.json", shared_operator.client.application)


def check(
    operation: APIOperation, operator: Operator, mode: GenerationMode, role: str | None, data: st.DataObject
) -> None:
    case = data.draw(operation.as_strategy(generation_mode=mode))
    if mode is GenerationMode.POSITIVE and operation.method == "post":
        case.body["contract_id"] = "C-1"
    headers = operator.headers(role) if role else None
    case.call_and_validate(headers=headers, excluded_checks=STRICTER_THAN_DESCRIBED)


@pytest.mark.long
@pytest.mark.parametrize("mode", list(GenerationMode))
@settings(max_examples=LONG_CASES, deadline=None)
@given(data=st.data())
def test_many_more_answers_are_as_described(
    described: OpenApiSchema, shared_operator: Operator, mode: GenerationMode, data: st.DataObject
) -> None:
    check(described["/offer"]["POST"], shared_operator, mode, "manager", data)


@pytest.mark.parametrize(("path", "method", "mode"), DOORS)
@pytest.mark.parametrize("role", ["manager", "auditor", None])
@settings(max_examples=CASES, deadline=None)
@given(data=st.data())
def test_every_answer_is_as_described(
    described: OpenApiSchema,
    shared_operator: Operator,
    path: str,
    method: str,
    mode: GenerationMode,
    role: str | None,
    data: st.DataObject,
) -> None:
    check(described[path][method], shared_operator, mode, role, data)
