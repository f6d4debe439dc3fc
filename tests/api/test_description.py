"""The description of the API is valid, and true."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from api.errors import CODES
from api.settings import DEFAULTS, PREFIX
from tests.api.world import ASKED, ROOT, Operator

WISH = {"device": "galaxy-a17", "max_commitment_months": 12, "needs": ["sms_15"]}


@pytest.fixture(scope="module")
def description(shared_operator: Operator) -> dict[str, Any]:
    return shared_operator.client.get("/openapi.json").get_json()


def schema_of(description: dict[str, Any], name: str) -> Draft202012Validator:
    root = {"$ref": f"#/components/schemas/{name}", "components": description["components"]}
    return Draft202012Validator(root)


def test_the_description_is_valid_openapi(description: dict[str, Any]) -> None:
    assert description["openapi"] == "3.1.0"
    validate(description)


def test_the_examples_are_what_they_stand_for(description: dict[str, Any]) -> None:
    offer = description["paths"]["/offer"]["post"]
    for example in offer["requestBody"]["content"]["application/json"]["examples"].values():
        schema_of(description, "OfferRequest").validate(example["value"])
    schema_of(description, "Answer").validate(offer["responses"]["200"]["content"]["application/json"]["example"])


@pytest.mark.parametrize("contract_id", ["C-1", "C-fault", "C-objects", "C-wish"])
@pytest.mark.parametrize("wants", [{}, {"wants": WISH}, {"wants": {"max_monthly_cents": 1000}}])
def test_real_answers_hold_exactly_what_is_described(
    shared_operator: Operator, description: dict[str, Any], contract_id: str, wants: dict[str, Any]
) -> None:
    for channel in ("phone_in", "phone_out"):
        body = {"contract_id": contract_id, "channel": channel, **wants}
        answer = shared_operator.client.post("/offer", json=body, headers=shared_operator.headers())
        schema_of(description, "Answer").validate(answer.get_json())


def test_real_problems_hold_exactly_what_is_described(shared_operator: Operator, description: dict[str, Any]) -> None:
    for body in ({}, {**ASKED, "x": 1}, {**ASKED, "contract_id": "C-9"}):
        answer = shared_operator.client.post("/offer", json=body, headers=shared_operator.headers())
        schema_of(description, "ProblemDocument").validate(answer.get_json(force=True))
        assert str(answer.status_code) in description["paths"]["/offer"]["post"]["responses"]


def test_problems_are_described_as_problem_documents(description: dict[str, Any]) -> None:
    responses = description["paths"]["/offer"]["post"]["responses"]
    for status, response in responses.items():
        expected = "application/json" if status == "200" else "application/problem+json"
        assert list(response["content"]) == [expected]


def test_every_code_of_a_body_is_described_where_it_occurs(description: dict[str, Any]) -> None:
    responses = description["paths"]["/offer"]["post"]["responses"]
    for code, (status, _) in CODES.items():
        if str(status) in responses:
            assert code in responses[str(status)]["description"]


def test_the_key_is_described(description: dict[str, Any]) -> None:
    assert description["components"]["securitySchemes"]["key"] == {"type": "http", "scheme": "bearer"}
    assert description["paths"]["/offer"]["post"]["security"] == [{"key": []}]


def test_the_page_asks_nothing_of_the_network(shared_operator: Operator) -> None:
    page = shared_operator.client.get("/docs")
    assert (page.status_code, page.content_type) == (200, "text/html; charset=utf-8")
    assert b"http://" not in page.data.replace(b"http://localhost", b"")
    assert b"https://" not in page.data
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    for script in ("swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "swagger-ui.css", "index.css"):
        assert shared_operator.client.get(f"/docs/{script}").status_code == 200


def test_the_document_names_every_code_and_every_setting() -> None:
    document = (ROOT / "docs" / "api.md").read_text("utf-8")
    for code, (status, title) in CODES.items():
        assert f"| {status} | `{code}` | {title} |" in document
    for name, default in DEFAULTS.items():
        assert f"| `{PREFIX}{name}` | `{default}` |" in document
