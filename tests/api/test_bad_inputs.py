"""Every bad request gets its exact status, code and place, in a problem document that repeats nothing hostile."""

import json

import pytest

from tests.api.bad_inputs import FAMILIES, JSON, Bad
from tests.api.world import Operator

NAMES = [(device, need) for device in ("galaxy-a17", "fairphone-6") for need in ("sms_15", "data_5gb")]
MEMBERS = {"type", "title", "status", "detail", "instance", "errors"}
CASES = [pytest.param(bad, id=f"{family}: {bad.title}") for family, cases in FAMILIES.items() for bad in cases]


def test_every_family_has_at_least_ten_cases() -> None:
    assert {family: len(cases) >= 10 for family, cases in FAMILIES.items()} == dict.fromkeys(FAMILIES, True)


@pytest.fixture(scope="module")
def asker(shared_operator: Operator) -> Operator:
    return shared_operator


@pytest.mark.parametrize("bad", CASES)
def test_a_bad_body_is_named_exactly(asker: Operator, bad: Bad) -> None:
    headers = {"Content-Type": JSON, **asker.headers(), **bad.headers}
    answer = asker.client.post("/offer", data=bad.body, headers=headers)
    problem = answer.get_json(force=True)
    assert (answer.status_code, answer.content_type) == (bad.status, "application/problem+json")
    assert (bad.pointer, bad.code) in [(error["pointer"], error["code"]) for error in problem["errors"]]
    assert problem["status"] == bad.status
    assert set(problem) == MEMBERS
    if len(problem["errors"]) == 1:
        assert problem["type"] == f"/problems/{bad.code}"
    assert all(len(error["detail"]) < 1_000 for error in problem["errors"])
    assert b"Traceback" not in answer.data
    assert b"<" not in answer.data


def test_every_fault_of_a_body_is_listed_at_once(asker: Operator) -> None:
    body = (
        b'{"contract_id": 7, "wants": {"device": "?", "max_monthly_cents": NaN, "needs": ["pony", 3]}, "x": 1, "x": 2}'
    )
    answer = asker.client.post("/offer", data=body, content_type=JSON, headers=asker.headers())
    problem = answer.get_json(force=True)
    found = {(error["pointer"], error["code"]) for error in problem["errors"]}
    assert found == {
        ("/contract_id", "wrong-type"),
        ("/channel", "missing-field"),
        ("/wants/device", "invalid-string"),
        ("/wants/max_monthly_cents", "non-finite-number"),
        ("/wants/needs/0", "unknown-need"),
        ("/wants/needs/1", "wrong-type"),
        ("/x", "duplicate-key"),
    }
    assert (answer.status_code, problem["type"]) == (400, "/problems/duplicate-key")


@pytest.mark.parametrize("length", [0, 1, 5, 20, 21, 100])
def test_brackets_inside_texts_are_no_depth(asker: Operator, length: int) -> None:
    body = json.dumps({"contract_id": "C-1", "channel": "web", "wants": {"device": "[{" * length + '\\"'}}).encode()
    answer = asker.client.post("/offer", data=body, content_type=JSON, headers=asker.headers())
    assert answer.get_json(force=True)["errors"][0]["code"] == "invalid-string"


def test_a_depth_of_twenty_is_read(asker: Operator) -> None:
    body = b'{"contract_id": "C-1", "channel": "web", "x": ' + b"[" * 19 + b"]" * 19 + b"}"
    answer = asker.client.post("/offer", data=body, content_type=JSON, headers=asker.headers())
    assert [error["code"] for error in answer.get_json(force=True)["errors"]] == ["unknown-field"]


def test_quotes_that_never_close_are_read_in_linear_time(asker: Operator) -> None:
    for body in (b'"' + b'\\"' * 32_000, b'["' + b"[" * 65_000, b'{"' * 30_000, b'[\\"' * 20_000):
        answer = asker.client.post("/offer", data=body, content_type=JSON, headers=asker.headers())
        assert answer.status_code == 400


@pytest.mark.parametrize(("device", "need"), NAMES)
def test_names_in_the_rulebook_are_accepted(asker: Operator, device: str, need: str) -> None:
    body = {"contract_id": "C-1", "channel": "shop", "wants": {"device": device, "needs": [need]}}
    assert asker.client.post("/offer", json=body, headers=asker.headers()).status_code == 200
