"""Every door is described as it is: its examples, and what the doors after an acceptance really answer."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.api.orders import accepted, confirm, messages, withdraw
from tests.api.world import Operator


@pytest.fixture(scope="module")
def description(shared_operator: Operator) -> dict[str, Any]:
    return shared_operator.client.get("/openapi.json").get_json()


def faults(description: dict[str, Any], schema: dict[str, Any], value: Any) -> list[str]:
    validator = Draft202012Validator({**schema, "components": description["components"]})
    return [f"{fault.json_path}: {fault.message[:200]}" for fault in validator.iter_errors(value)]


def doors(description: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {path: door["post"] for path, door in description["paths"].items() if "post" in door}


def success_of(door: dict[str, Any]) -> dict[str, Any]:
    [content] = [reply["content"] for status, reply in door["responses"].items() if status < "3"]
    return content["application/json"]


def test_every_example_keeps_to_its_schema(description: dict[str, Any]) -> None:
    found = doors(description)
    assert {"/confirm", "/withdraw", "/order-echo"} <= set(found)
    for path, door in found.items():
        asked, answered = door["requestBody"]["content"]["application/json"], success_of(door)
        for example in asked["examples"].values():
            assert faults(description, asked["schema"], example["value"]) == [], path
        assert faults(description, answered["schema"], answered["example"]) == [], path


def test_every_door_that_wants_an_idempotency_key_says_so(description: dict[str, Any]) -> None:
    wanting = {
        path for path, door in doors(description).items() if "Idempotency-Key" in str(door.get("parameters", []))
    }
    assert {"/accept", "/confirm", "/withdraw"} <= wanting
    assert "/order-echo" not in wanting


def test_the_doors_after_an_acceptance_answer_what_is_described(operator: Operator) -> None:
    described = operator.client.get("/openapi.json").get_json()
    acceptance = accepted(operator, "phone_out")
    found = {
        "/accept": acceptance,
        "/confirm": confirm(operator, acceptance).get_json(),
    }
    order = {"order_id": acceptance["acceptance_id"], "terms": messages(operator)[0]["data"]["terms"]}
    wrong = {**order, "terms": {"commitment_months": 24}}
    for echo in (order, wrong):
        asked = described["paths"]["/order-echo"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert faults(described, asked, echo) == []
        answer = operator.client.post("/order-echo", json=echo, headers=operator.headers("order_system"))
        assert faults(described, success_of(doors(described)["/order-echo"])["schema"], answer.get_json()) == []
    found["/withdraw"] = withdraw(operator, acceptance, "customer").get_json()
    for path, answer in found.items():
        assert faults(described, success_of(doors(described)[path])["schema"], answer) == [], path
