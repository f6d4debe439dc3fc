"""Every decision can be contested: a human who did not take it looks at it by a day, or it is listed as overdue."""

from typing import Any

import orjson
from sqlalchemy import select

from ledger import writer
from ledger.store import reading, writing
from ledger.tables import bodies, events
from tests.api.calls import Call, later, problem
from tests.api.world import NOON, Operator

WHY = "On m'avait promis ce téléphone"


def contested(call: Call) -> Any:
    answer = call.post(f"/decision/{call.ask()['decision_id']}/contest", {"reason": WHY})
    assert answer.status_code == 201, answer.data
    return answer.get_json()


def test_a_contested_decision_waits_on_the_worklist_until_its_day(operator: Operator) -> None:
    told = contested(Call(operator))
    assert (told["overdue"], told["outcome"], told["reason"]) == (False, None, WHY)
    assert told["answer_by"] == "2026-12-07T23:00:00.000000Z"
    [item] = Call(operator, "supervisor").get("/worklist").get_json()["items"]
    assert (item["why"], item["about"], item["role"]) == ("contest", told["contest_id"], "supervisor")
    assert item["sentences"]["fr"] == "Décision contestée : une personne la revoit avant le 8 décembre 2026 à 00:00."


def test_asked_again_it_is_the_same_review(operator: Operator) -> None:
    call = Call(operator)
    first = contested(call)
    assert contested(call) == first


def test_somebody_else_settles_it_and_once(operator: Operator) -> None:
    told = contested(Call(operator, "supervisor"))
    verdict = {"outcome": "changed", "note": "offert à la main"}
    door = f"/contest/{told['contest_id']}"
    assert problem(Call(operator, "supervisor").post(door, verdict)) == (403, "not-allowed")
    settled = Call(operator, "manager").post(door, verdict)
    assert (settled.status_code, settled.get_json()["outcome"], settled.get_json()["note"]) == (
        200,
        "changed",
        "offert à la main",
    )
    assert problem(Call(operator, "manager").post(door, verdict)) == (409, "already-recorded")
    assert Call(operator, "manager").get("/worklist").get_json()["items"] == []


def test_every_contest_has_an_outcome_or_is_listed_and_the_late_are_listed_as_overdue(operator: Operator) -> None:
    first = contested(Call(operator, contract_id="C-1"))
    second = contested(Call(operator, contract_id="C-wish"))
    Call(operator, "manager").post(f"/contest/{first['contest_id']}", {"outcome": "upheld", "note": "x"})
    register = Call(later(operator, days=20), "auditor").get("/contests").get_json()
    assert register["counts"] == {"open": 1, "overdue": 1, "settled": 1, "settled_late": 0}
    told = [(one["contest_id"], one["overdue"], one["outcome"]) for one in register["contests"]]
    assert told == [(second["contest_id"], True, None), (first["contest_id"], False, "upheld")]


def test_an_alarm_of_a_contest_is_not_closed_without_an_outcome(operator: Operator) -> None:
    told = contested(Call(operator))
    closed = Call(operator, "manager").post(f"/alarm/{told['contest_id']}", {"state": "closed"})
    assert problem(closed) == (403, "not-allowed")


def test_what_the_customer_said_lies_in_a_body_and_nowhere_else(operator: Operator) -> None:
    contested(Call(operator))
    with reading(operator.service.store) as connection:
        told = connection.execute(select(events.c.details)).scalars().all()
        kept = [orjson.loads(bytes(content)) for content in connection.execute(select(bodies.c.content)).scalars()]
    assert not [details for details in told if "promis" in details]
    assert {"reason": WHY} in kept


def test_a_case_tells_that_its_decision_was_contested_and_what_became_of_it(operator: Operator) -> None:
    call = Call(operator)
    told = contested(call)
    Call(operator, "manager").post(f"/contest/{told['contest_id']}", {"outcome": "upheld", "note": "x"})
    sentences = [entry["sentences"]["en"] for entry in call.get("/case/C-1").get_json()["timeline"]]
    assert "The customer contests the decision." in sentences
    assert "Decision reviewed by a human: the decision stands." in sentences


def test_with_the_customer_the_contest_falls_away_and_nothing_of_what_was_said_is_left(operator: Operator) -> None:
    contested(Call(operator))
    with writing(operator.service.store) as connection:
        assert writer.erase(connection, "C-1", NOON)
    register = Call(operator, "manager").get("/contests").get_json()
    assert register["counts"] == {"open": 0, "overdue": 0, "settled": 1, "settled_late": 0}
    [told] = register["contests"]
    assert (told["contract_id"], told["reason"], told["outcome"], told["note"]) == (None, None, None, None)
