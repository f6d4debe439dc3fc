"""Why an offer was not made: the rules with what they read, and a change that really turns the answer."""

from typing import Any

from sqlalchemy import select

from ledger.store import reading
from ledger.tables import events
from tests.api.calls import Call, problem
from tests.api.world import Operator

TOO_CHEAP = "phone.galaxy-a17.12m.top001990"


def why_not(call: Call, decision_id: str, candidate: str) -> Any:
    return call.get(f"/decision/{decision_id}/why-not/{candidate}")


def test_a_top_up_that_is_too_low_names_the_smallest_that_passes_and_checked_it_does(operator: Operator) -> None:
    call = Call(operator, channel="phone_in")
    decision = call.ask(reason_for_contact="wants_to_leave")
    told = why_not(call, decision["decision_id"], TOO_CHEAP).get_json()
    assert not told["allowed"]
    assert "HOUSE-FLOOR-CENTS" in [rule["id"] for rule in told["rules"]]
    turn = next(one for one in told["turns"] if [each["name"] for each in one["changes"]] == ["top_up_cents"])
    [change] = turn["changes"]
    assert change["from"] == 1990
    terms = {"device": "galaxy-a17", "commitment_months": 12}
    checked = [
        call.post("/offer/check", {"contract_id": "C-1", "terms": {**terms, "top_up_cents": cents}}).get_json()
        for cents in (change["to"] - 1, change["to"])
    ]
    assert ["HOUSE-FLOOR-CENTS" in one["limits"] for one in checked] == [True, False]


def test_an_agent_sees_no_margin_and_a_manager_does(operator: Operator) -> None:
    decision = Call(operator).ask(reason_for_contact="wants_to_leave")
    seen = {}
    for role in ("agent", "supervisor", "manager", "auditor"):
        told = why_not(Call(operator, role), decision["decision_id"], TOO_CHEAP).get_json()
        [floor] = [rule for rule in told["rules"] if rule["id"] == "HOUSE-FLOOR-CENTS"]
        seen[role] = floor["read"][0]["found"], floor["read"][0]["needed"]
    assert seen["agent"] == seen["supervisor"] == (None, None)
    assert seen["manager"] == seen["auditor"]
    assert seen["manager"][1] == 2404


def test_one_reading_is_one_event_and_what_is_not_there_is_unknown(operator: Operator) -> None:
    call = Call(operator)
    decision = call.ask()
    assert why_not(call, decision["decision_id"], TOO_CHEAP).status_code == 200
    assert problem(why_not(call, decision["decision_id"], "no-such-offer")) == (404, "not-found")
    assert problem(why_not(call, "f" * 32, TOO_CHEAP)) == (404, "not-found")
    with reading(operator.service.store) as connection:
        read = connection.execute(select(events).where(events.c.kind == "decision_read")).all()
    assert [(row.actor, row.about) for row in read] == [("agent-1", decision["decision_id"])]
