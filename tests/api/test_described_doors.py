"""Every door is described by what it really reads and sends: examples and answers hold against the schemas."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.api.calls import Call, later, named
from tests.api.world import Operator


@pytest.fixture
def description(operator: Operator) -> dict[str, Any]:
    return operator.client.get("/openapi.json").get_json()


def operations(description: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method} {path}", operation)
        for path, item in description["paths"].items()
        for method, operation in item.items()
        if method in ("get", "post")
    ]


def holds(description: dict[str, Any], schema: dict[str, Any], value: Any) -> None:
    Draft202012Validator({**schema, "components": description["components"]}).validate(value)


def test_every_example_of_a_request_is_what_it_stands_for(description: dict[str, Any]) -> None:
    seen = 0
    for _, operation in operations(description):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            for example in content["examples"].values():
                holds(description, content["schema"], example["value"])
                seen += 1
    assert seen > 10


def test_every_example_of_an_answer_is_what_it_stands_for(description: dict[str, Any]) -> None:
    seen = []
    for name, operation in operations(description):
        for status, response in operation["responses"].items():
            content = response.get("content", {}).get("application/json", {})
            if status.startswith("2") and "example" in content:
                holds(description, content["schema"], content["example"])
                seen.append(name)
    assert {"post /signal", "get /case/{contract_id}", "get /worklist", "get /promises", "post /outcome"} <= set(seen)


def test_real_answers_of_the_doors_of_a_case_hold_exactly_what_is_described(
    operator: Operator, description: dict[str, Any]
) -> None:
    def check(door: str, answer: Any) -> Any:
        method, path = door.split()
        described = description["paths"][path][method]["responses"][str(answer.status_code)]
        holds(description, described["content"]["application/json"]["schema"], answer.get_json())
        return answer.get_json()

    call, manager = Call(operator, channel="phone_out"), Call(later(operator, days=3), "manager")
    signals: tuple[dict[str, Any], ...] = (
        {"kind": "contact", "channel": "web"},
        {"kind": "fault_opened", "text": "no signal"},
        {"kind": "fault_closed"},
        {"kind": "public_complaint", "where": "forum", "reach": 1},
        {"kind": "no_answer"},
        {"kind": "callback"},
    )
    kept = [check("post /signal", call.post("/signal", {"contract_id": "C-1", **signal})) for signal in signals]
    answer = call.ask()
    call.show(answer)
    assert call.post("/accept", named(answer), **{"Idempotency-Key": "k"}).status_code == 201
    manager.signal("contact", channel="shop")
    check("get /case/{contract_id}", manager.get("/case/C-1"))
    check("get /worklist", manager.get("/worklist"))
    check("get /promises", manager.get("/promises?from=2026-11-01&until=2026-12-31"))
    promise, alarm = kept[-1]["promises"][0], kept[3]["alarm"]
    check("post /promise/{promise_id}", manager.post(f"/promise/{promise['promise_id']}", {"state": "kept"}))
    check("post /alarm/{alarm_id}", manager.post(f"/alarm/{alarm['alarm_id']}", {"state": "closed"}))
    outcome = {"contract_id": "C-1", "kind": "stayed", "happened_on": "2026-11-26"}
    check("post /outcome", manager.post("/outcome", outcome))
    for kind in ("port_requested", "call_refused", "do_not_call", "calls_consented", "objection"):
        check("post /signal", manager.post("/signal", {"kind": kind, "contract_id": "C-1"}))
