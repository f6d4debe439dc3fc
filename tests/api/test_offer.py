"""POST /offer from a key to an answer that is on record."""

import datetime
import hashlib
from typing import Any

import numpy as np
import orjson
import pytest
from sqlalchemy import event

from engine.fields import CASE_FIELDS
from engine.tables import Scores, quantise_scores
from ledger import queries
from ledger.store import reading
from models.churn import Reason
from models.store import Release
from tests.api.world import ASKED, Operator


def ask(operator: Operator, role: str = "agent", **changes: Any) -> dict[str, Any]:
    answer = operator.client.post("/offer", json={**ASKED, **changes}, headers=operator.headers(role))
    assert answer.status_code == 200, answer.data
    return answer.get_json()


def record_of(operator: Operator, answer: dict[str, Any]) -> Any:
    with reading(operator.service.store) as connection:
        return queries.find_decision(connection, answer["decision_id"])


def without_occasion(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in ("decision_id", "decided_at")}


def test_an_agent_gets_an_answer_with_an_id_a_stance_and_versions(operator: Operator) -> None:
    answer = ask(operator)
    assert (answer["contract_id"], answer["stance"], answer["p_churn"]) == ("C-1", "offer", 0.4)
    assert answer["versions"] == {"model": "none", "rulebook": operator.service.rulebook.digest, "engine": "0.1.0"}
    assert len(answer["decision_id"]) == 32
    assert answer["assumptions"] == [{"name": "cost_to_serve_cents", "value": 400}]


def test_a_customer_with_an_open_fault_gets_a_repair_and_no_offer(operator: Operator) -> None:
    answer = ask(operator, contract_id="C-fault", reason_for_contact="complaint")
    assert (answer["stance"], answer["offers"]) == ("repair_first", [])
    assert answer["repair"] == {"fault": "no signal at home", "promise": None}


def test_a_customer_who_objected_gets_standard_offers_and_no_score(operator: Operator) -> None:
    answer = ask(operator, contract_id="C-objects")
    assert (answer["stance"], answer["p_churn"], answer["degraded"]) == ("standard_only", None, [])


def test_a_wish_that_was_taken_back_stays_taken_back(operator: Operator) -> None:
    ask(operator, contract_id="C-wish", wants={})
    assert ask(operator, contract_id="C-wish")["wish"] is None


def test_an_unknown_contract_is_not_found(operator: Operator) -> None:
    answer = operator.client.post("/offer", json={**ASKED, "contract_id": "C-9"}, headers=operator.headers())
    assert (answer.status_code, answer.get_json(force=True)["type"]) == (404, "/problems/not-found")


def test_a_wish_in_the_request_replaces_the_wish_on_file(operator: Operator) -> None:
    on_file = ask(operator, contract_id="C-wish")
    replaced = ask(operator, contract_id="C-wish", wants={"device": "fairphone-6"})
    cleared = ask(operator, contract_id="C-wish", wants={})
    assert orjson.loads(record_of(operator, on_file).record)["case"]["wants_device"] == "galaxy-a17"
    assert orjson.loads(record_of(operator, replaced).record)["case"]["wants_device"] == "fairphone-6"
    assert (cleared["wish"], orjson.loads(record_of(operator, cleared).record)["case"]["wants_device"]) == (None, "")


@pytest.mark.parametrize(
    "name", [field.name for field in CASE_FIELDS if field.name not in ("contract_id", "channel", "reason_for_contact")]
)
def test_no_fact_is_taken_from_a_client(operator: Operator, name: str) -> None:
    for body in ({**ASKED, name: 1}, {**ASKED, "wants": {name: 1}}, {**ASKED, "facts": {name: 1}}):
        answer = operator.client.post("/offer", json=body, headers=operator.headers())
        assert (answer.status_code, answer.get_json(force=True)["type"]) == (422, "/problems/unknown-field")


def test_facts_in_the_address_or_the_headers_change_nothing(operator: Operator) -> None:
    plain = ask(operator)
    headers = {**operator.headers(), "X-Agent-Role": "manager", "X-Price-Cents": "1", "X-Forwarded-For": "10.0.0.1"}
    answer = operator.client.post("/offer?role=manager&price_cents=1", json=ASKED, headers=headers).get_json()
    assert without_occasion(answer) == without_occasion(plain)


def test_the_role_comes_from_the_key(operator: Operator) -> None:
    for role, contract_id in (("agent", "C-1"), ("supervisor", "C-wish"), ("manager", "C-objects")):
        row = record_of(operator, ask(operator, role, contract_id=contract_id))
        assert (row.role, row.agent_id, orjson.loads(row.record)["case"]["role"]) == (role, f"{role}-1", role)


def test_the_record_holds_the_answer_and_all_it_was_decided_from(operator: Operator) -> None:
    sent = operator.client.post("/offer", json={**ASKED, "wants": {"device": "galaxy-a17"}}, headers=operator.headers())
    row = record_of(operator, sent.get_json())
    record = orjson.loads(row.record)
    assert row.answer == sent.data
    assert row.answer_digest == record["answer_digest"] == hashlib.sha256(sent.data).hexdigest()
    assert set(record["case"]) == {field.name for field in CASE_FIELDS}
    assert record["features"] == {"tenure": 1.0}
    assert record["scores"]["p_churn_micro"] == 400_000
    assert record["probability_micro"] == 1_000_000
    assert row.decided_at == record["decided_at"] == "2026-11-23T11:00:00.000000Z"
    assert (row.model_version, row.rulebook_digest) == ("none", operator.service.rulebook.digest)


def test_the_day_is_the_operators_and_not_that_of_greenwich(operator: Operator) -> None:
    late = datetime.datetime(2026, 11, 23, 23, 30, tzinfo=datetime.UTC)
    answer = ask(operator.with_service(clock=lambda: late))
    assert (answer["decided_on"], answer["decided_at"][:10]) == ("2026-11-24", "2026-11-23")


def scores_of(p_churn: float) -> Scores:
    return quantise_scores(np.array([p_churn]), np.array([6]), np.ones((1, 6)), np.array([False]))


@pytest.mark.parametrize("error", [ValueError, RuntimeError, KeyError, ZeroDivisionError, AttributeError, MemoryError])
def test_a_model_that_raises_degrades_the_answer(operator: Operator, error: type[Exception]) -> None:
    def broken(*_: object) -> Scores:
        raise error

    answer = ask(operator.with_service(score=broken), contract_id="C-wish")
    assert (answer["degraded"], answer["p_churn_source"]) == (["p_churn", "score-failed"], "assumed")
    on_file = ask(operator.with_service(score=broken))
    assert (on_file["degraded"], on_file["p_churn_source"]) == (["score-failed"], "stored")


@pytest.mark.parametrize("p_churn", [float("nan"), float("inf"), -float("inf"), 1e308, -0.5, 1.5])
def test_a_model_that_answers_nonsense_degrades_the_answer(operator: Operator, p_churn: float) -> None:
    answer = ask(operator.with_service(score=lambda *_: scores_of(p_churn)))
    assert answer["degraded"] == ["p_churn", "no-release"]


class Hostile:
    """A model that answers whatever it was told to."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def probability(self, features: Any) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Serving:
    """Releases with one model in them."""

    wanted, refusal = True, None

    def __init__(self, model: Hostile) -> None:
        self.model = model

    def current(self) -> Release:
        return Release("hostile", 6, self.model, {})  # type: ignore[arg-type]


ADVERSARIES = {
    "raises": RuntimeError("no"),
    "recurses": RecursionError("too deep"),
    "runs out of memory": MemoryError(),
    "answers nothing": None,
    "answers a text": "high",
    "answers too many": np.full(7, 0.5),
    "answers a table": np.full((3, 3), 0.5),
    "answers none": np.array([]),
    "answers NaN": np.array([np.nan]),
    "answers infinity": np.array([np.inf]),
    "answers minus infinity": np.array([-np.inf]),
    "answers too much": np.array([1e308]),
    "answers less than nothing": np.array([-1e-9]),
    "answers objects": np.array([object()], dtype=object),
}


@pytest.mark.parametrize("title", ADVERSARIES)
def test_a_hostile_model_degrades_the_answer_and_nothing_else(operator: Operator, title: str) -> None:
    hostile = operator.with_service(releases=Serving(Hostile(ADVERSARIES[title])))
    answer = ask(hostile, contract_id="C-wish")
    plain = ask(operator, contract_id="C-wish")
    assert answer["degraded"][0] == "p_churn"
    assert (answer["offers"], answer["stance"]) == (plain["offers"], plain["stance"])


class Telling(Hostile):
    """A model that says why."""

    def reasons(self, features: Any) -> Any:
        return [(Reason("calls", 0.75), Reason("contract", -0.5))]


def test_a_computed_chance_comes_with_its_main_reasons_and_what_is_on_file(operator: Operator) -> None:
    telling = operator.with_service(releases=Serving(Telling(np.array([0.25]))))
    answer = ask(telling, contract_id="C-wish")
    assert (answer["p_churn"], answer["p_churn_source"]) == (0.25, "model")
    assert [(reason["feature"], reason["log_odds"]) for reason in answer["p_churn_reasons"]] == [
        ("calls", 0.75),
        ("contract", -0.5),
    ]
    assert ask(telling)["p_churn_reasons"] == []
    assert ask(telling, contract_id="C-objects")["p_churn_reasons"] == []


class Mute(Hostile):
    """A model that cannot say why."""

    def reasons(self, features: Any) -> Any:
        raise IndexError


def test_a_model_that_cannot_say_why_costs_the_reasons_and_not_the_chance(operator: Operator) -> None:
    answer = ask(operator.with_service(releases=Serving(Mute(np.array([0.25])))), contract_id="C-wish")
    assert (answer["p_churn"], answer["p_churn_source"]) == (0.25, "model")
    assert (answer["p_churn_reasons"], answer["degraded"]) == ([], ["reasons-failed"])


def test_without_a_release_and_a_stored_score_the_answer_says_so(operator: Operator) -> None:
    assert ask(operator, contract_id="C-wish")["degraded"] == ["p_churn", "no-release"]


def refuse_inserts(operator: Operator) -> None:
    def full(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO decisions"):
            cursor.execute("SELECT * FROM a_table_that_is_not_there")

    event.listen(operator.service.store, "before_cursor_execute", full)


def test_what_cannot_be_recorded_is_not_answered(operator: Operator) -> None:
    refuse_inserts(operator)
    answer = operator.client.post("/offer", json=ASKED, headers=operator.headers())
    problem = answer.get_json(force=True)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert (problem["type"], problem["detail"]) == ("/problems/dependency-unavailable", "the database does not answer")
    with reading(operator.service.store) as connection:
        assert queries.count_decisions(connection) == 0


def test_a_rulebook_without_a_number_for_today_is_not_guessed_at(operator: Operator) -> None:
    before_every_date = datetime.datetime(1990, 1, 1, tzinfo=datetime.UTC)
    answer = operator.with_service(clock=lambda: before_every_date).client.post(
        "/offer", json=ASKED, headers=operator.headers()
    )
    assert (answer.status_code, answer.get_json(force=True)["type"]) == (503, "/problems/dependency-unavailable")


def test_a_fault_of_ours_is_a_problem_without_a_trace(operator: Operator) -> None:
    def broken() -> datetime.datetime:
        raise AssertionError("secret detail")

    answer = operator.with_service(clock=broken).client.post("/offer", json=ASKED, headers=operator.headers())
    assert (answer.status_code, answer.get_json(force=True)["type"]) == (500, "/problems/internal")
    assert b"secret" not in answer.data
