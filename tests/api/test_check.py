"""Terms that an agent composes: yes, or no with the cents that are missing, who may approve, and what would pass."""

from typing import Any

import pytest

from ledger import queries
from ledger.replay import replay
from ledger.store import reading
from tests.api.calls import Call, named, problem
from tests.api.world import Operator

PHONE = {"device": "galaxy-a17", "commitment_months": 12, "top_up_cents": 2040}


def check(operator: Operator, terms: dict[str, Any], role: str = "agent", contract_id: str = "C-1") -> dict[str, Any]:
    call = Call(operator, role, contract_id)
    call.ask()
    answer = call.post("/offer/check", {"contract_id": contract_id, "terms": terms})
    assert answer.status_code == 200, answer.data
    return answer.get_json()


def test_terms_that_keep_the_margin_are_allowed(operator: Operator) -> None:
    found = check(operator, PHONE)
    assert (found["allowed"], found["rules"], found["missing_cents"]) == (True, [], 0)
    assert found["offer"]["commitment_ends_on"] == "2027-11-23"
    assert "20,40" in found["offer"]["sentences"]["customer"]["fr"]


def test_one_cent_less_is_one_cent_missing_and_the_nearest_is_named(operator: Operator) -> None:
    found = check(operator, {**PHONE, "top_up_cents": 2039})
    assert (found["allowed"], found["limits"], found["missing_cents"]) == (False, ["HOUSE-FLOOR-CENTS"], 1)
    assert found["nearest"]["top_up_cents"] == 2040
    assert found["may_approve"] == []


def test_beyond_the_agents_authority_it_says_who_may_approve(operator: Operator) -> None:
    deep, contract = {"discount_cents": 800, "discount_months": 24, "commitment_months": 24}, "C-wish"
    found = check(operator, deep, contract_id=contract)
    assert (found["allowed"], found["rules"], found["limits"]) == (False, ["HOUSE-AUTHORITY"], ["HOUSE-AUTHORITY"])
    assert (found["missing_cents"], found["may_approve"]) == (0, ["supervisor", "manager"])
    assert found["why_not"]["fr"].endswith("qui peut l'accorder : superviseur et responsable.")
    assert check(operator, deep, "supervisor", contract)["allowed"] is True


def test_a_device_nobody_sells_is_named(operator: Operator) -> None:
    found = check(operator, {**PHONE, "device": "betamax-1"})
    assert (found["allowed"], found["unknown"], found["rules"]) == (False, ["betamax-1"], ["HOUSE-CATALOGUE"])


def test_without_contact_no_terms_are_checked(operator: Operator) -> None:
    answer = Call(operator).post("/offer/check", {"contract_id": "C-1", "terms": PHONE})
    assert problem(answer) == (404, "not-found")


@pytest.mark.parametrize(
    ("terms", "code", "pointer"),
    [
        ({"top_up_cents": -1}, "out-of-range", "/terms/top_up_cents"),
        ({"top_up_cents": "20"}, "wrong-type", "/terms/top_up_cents"),
        ({"commitment_months": 36}, "out-of-range", "/terms/commitment_months"),
        ({"discount_cents": 2**63}, "out-of-range", "/terms/discount_cents"),
        ({"extras": "data"}, "wrong-type", "/terms/extras"),
        ({"extras": ["a"] * 21}, "too-many", "/terms/extras"),
        ({"device": "../x"}, "invalid-string", "/terms/device"),
        ({"floor_cents": 0}, "unknown-field", "/terms/floor_cents"),
        ({"credit_cents": None}, "wrong-type", "/terms/credit_cents"),
        ({"trade_in": 5}, "wrong-type", "/terms/trade_in"),
    ],
)
def test_terms_that_cannot_be_are_named(operator: Operator, terms: dict[str, Any], code: str, pointer: str) -> None:
    answer = Call(operator).post("/offer/check", {"contract_id": "C-1", "terms": terms}).get_json(force=True)
    assert [(flaw["code"], flaw["pointer"]) for flaw in answer["errors"]] == [(code, pointer)]


COMPOSED = {**PHONE, "top_up_cents": 2500}
DEEP = {"commitment_months": 24, "discount_cents": 900, "discount_months": 24}


def put(call: Call, terms: dict[str, Any], contract_id: str = "C-1") -> dict[str, Any]:
    answer = call.post("/offer/check", {"contract_id": contract_id, "terms": terms, "put_on_table": True})
    assert answer.status_code == 200, answer.data
    return answer.get_json()


def test_terms_that_are_allowed_can_be_put_on_the_table_and_accepted(operator: Operator) -> None:
    call = Call(operator)
    call.ask()
    found = put(call, COMPOSED)
    answer = call.ask()
    assert answer["proposal_id"] == found["proposal_id"]
    [offer] = answer["offers"]
    assert (offer["why"], offer["place"], offer["top_up_cents"]) == ("composed", "main", 2500)
    assert call.show(answer).status_code == 200
    accepted = call.accept(answer)
    assert accepted.status_code == 201
    assert accepted.get_json()["offer"]["top_up_cents"] == 2500


def test_terms_below_the_floor_are_never_put_on_the_table(operator: Operator) -> None:
    call = Call(operator)
    before = call.ask()
    assert put(call, {**PHONE, "top_up_cents": 2039})["proposal_id"] is None
    assert call.ask() == before


def test_terms_beyond_the_authority_wait_for_somebody_who_has_it(operator: Operator) -> None:
    agent, contract = Call(operator, contract_id="C-wish"), "C-wish"
    agent.ask(wants={})
    found = put(agent, DEEP, contract)
    assert (found["rules"], "agent" in found["may_approve"]) == (["HOUSE-AUTHORITY"], False)
    answer = agent.ask()
    agent.show(answer)
    assert problem(agent.accept(answer)) == (403, "needs-approval")
    approver = Call(operator, found["may_approve"][0], contract)
    assert approver.post("/approval", {**named(answer), "verdict": "approved"}).status_code == 200
    assert agent.accept(answer).status_code == 201


def test_a_refused_approval_is_final(operator: Operator) -> None:
    agent, contract = Call(operator, contract_id="C-wish"), "C-wish"
    agent.ask(wants={})
    found = put(agent, DEEP, contract)
    answer = agent.ask()
    agent.show(answer)
    Call(operator, found["may_approve"][0], contract).post("/approval", {**named(answer), "verdict": "refused"})
    assert problem(agent.accept(answer)) == (403, "needs-approval")


def test_composed_terms_replay_to_the_byte(operator: Operator) -> None:
    call = Call(operator)
    call.ask()
    put(call, COMPOSED)
    with reading(operator.service.store) as connection:
        [page] = queries.pages_of_decisions(connection)
    assert len(page) == 2
    assert replay(page, operator.service.rulebook) == []
