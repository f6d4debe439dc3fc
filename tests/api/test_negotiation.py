"""The ladder over HTTP: what was refused never comes back, each step is better for the customer, and it ends well."""

import datetime
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from engine.fields import REASONS_FOR_REFUSAL
from engine.tables import MICRO, TASTES
from ledger import queries
from ledger.replay import replay
from ledger.store import reading
from ledger.tables import cases
from tests.api.calls import Call, named, problem
from tests.api.world import NOON, Operator

WISH = {"device": "galaxy-a17", "max_commitment_months": 12}


def record_of(operator: Operator, answer: dict[str, Any]) -> dict[str, Any]:
    with reading(operator.service.store) as connection:
        row = queries.find_decision(connection, answer["decision_id"])
    assert row is not None
    return orjson.loads(row.record)


def refuse(call: Call, answer: dict[str, Any], reason: str, **more: Any) -> dict[str, Any]:
    assert call.show(answer).status_code == 200
    response = call.decline(answer, reason, **more)
    assert response.status_code == 200, response.data
    return response.get_json()


def steps(call: Call, answer: dict[str, Any], reason: str) -> list[dict[str, Any]]:
    """All answers of a customer who refuses to the end."""
    answers = [answer]
    while answers[-1]["offers"]:
        answers.append(refuse(call, answers[-1], reason))
    return answers


@pytest.mark.parametrize("reason", REASONS_FOR_REFUSAL)
def test_what_was_refused_never_comes_back_and_the_ladder_ends(operator: Operator, reason: str) -> None:
    call = Call(operator, "manager")
    answers = steps(call, call.ask(reason_for_contact="wants_to_leave"), reason)
    shown = [answer["offers"][0]["offer_id"] for answer in answers if answer["offers"]]
    assert len(set(shown)) == len(shown) <= 3
    for number, answer in enumerate(answers):
        assert not {offer["offer_id"] for offer in answer["offers"]} & set(shown[:number])
    assert answers[-1]["stance"] == "leave_alone"
    assert answers[-1]["sentences"]["customer"]["fr"].startswith("Merci de nous avoir écoutés")


def terms_of(answer: dict[str, Any]) -> set[str]:
    """The terms of the offers of an answer, as their ids spell them behind the template."""
    return {offer["offer_id"].partition(".")[2] for offer in answer["offers"]}


@pytest.mark.parametrize("needs", [["data_50gb"], ["data_20gb", "sms_unlimited"]])
def test_a_refused_wish_does_not_come_back_under_the_name_of_an_offer(operator: Operator, needs: list[str]) -> None:
    call = Call(operator, "manager")
    first = call.ask(reason_for_contact="wants_to_leave", wants={"needs": needs, "max_commitment_months": 0})
    assert first["offers"][0]["offer_id"] == f"wish.0m.{'.'.join(needs)}"
    answers = steps(call, first, "rivals_offer")
    refused = f"0m.{'.'.join(needs)}"
    assert len(answers) > 1
    assert all(refused not in terms_of(answer) for answer in answers[1:])


def test_the_end_closes_the_contact_and_the_round_also_where_something_is_due(operator: Operator) -> None:
    call = Call(operator)
    answer = call.ask()
    assert answer["entitlements"]
    ended = refuse(call, answer, "not_now")
    assert (ended["stance"], ended["offers"], bool(ended["entitlements"])) == ("leave_alone", [], True)
    assert problem(call.get("/case/C-1")) == (404, "not-found")
    with reading(operator.service.store) as connection:
        assert connection.execute(select(cases.c.exit_on)).scalar_one() == "2026-11-23"
    again = call.ask()
    due = {**again, "offers": again["entitlements"]}
    assert again["offers"] == []
    assert call.show(due).status_code == 200
    assert call.accept(due).status_code == 201


def test_what_must_be_kept_first_is_no_end(operator: Operator) -> None:
    call = Call(operator)
    promised = call.signal("callback", day="2026-11-24")["promises"][0]["promise_id"]
    answer = call.ask()
    call.show(answer)
    assert call.post(f"/promise/{promised}", {"state": "broken"}).status_code == 200
    following = call.decline(answer, "other").get_json()
    assert (following["stance"], following["offers"]) == ("repair_first", [])
    assert call.get("/case/C-1").status_code == 200
    assert call.post(f"/promise/{promised}", {"state": "kept"}).status_code == 200
    assert call.ask()["offers"] != []


def test_after_the_end_nothing_is_offered_until_the_round_is_over(operator: Operator) -> None:
    call = Call(operator)
    steps(call, call.ask(), "other")
    assert Call(operator, "manager").ask()["offers"] == []
    soon = operator.with_service(clock=lambda: NOON + datetime.timedelta(days=59))
    later = operator.with_service(clock=lambda: NOON + datetime.timedelta(days=62))
    assert Call(soon).ask()["offers"] == []
    assert Call(later).ask()["offers"] != []


def test_a_commitment_too_long_is_followed_by_shorter_ones_only(operator: Operator) -> None:
    call = Call(operator, "manager")
    first = call.ask(reason_for_contact="wants_to_leave")
    months = first["offers"][0]["commitment_months"]
    second = refuse(call, first, "commitment_too_long")
    assert all(offer["commitment_months"] < months for offer in second["offers"])
    believed = dict(zip(TASTES, record_of(operator, second)["scores"]["tastes_micro"], strict=True))
    assert believed["commitment"] > MICRO


def test_not_now_ends_the_round_at_once(operator: Operator) -> None:
    call = Call(operator)
    assert refuse(call, call.ask(), "not_now")["stance"] == "leave_alone"


def test_what_is_newly_wanted_comes_next_and_stays_known(operator: Operator) -> None:
    call = Call(operator)
    second = refuse(call, call.ask(), "not_the_device_i_want", wants=WISH)
    assert (second["offers"][0]["device"], second["offers"][0]["top_up_cents"]) == ("galaxy-a17", 2040)
    assert second["wish"]["met"]
    assert Call(operator, "supervisor").ask() == second


def test_a_reaction_needs_an_offer_that_was_shown(operator: Operator) -> None:
    call = Call(operator)
    assert problem(call.decline(call.ask())) == (409, "not-shown")


def test_every_offer_that_was_shown_is_declined_with_the_one_that_is_named(operator: Operator) -> None:
    call = Call(operator)
    first = call.ask()
    call.show(first, 1)
    second = refuse(call, first, "other")
    refused = {first["offers"][place]["offer_id"] for place in (0, 1)}
    assert set(record_of(operator, second)["case"]["refused_offers"]) == refused
    assert record_of(operator, second)["case"]["steps_taken"] == 1


def test_every_step_replays(operator: Operator) -> None:
    call = Call(operator, "manager")
    answers = steps(call, call.ask(wants=WISH), "too_expensive")
    assert len(answers) > 1
    with reading(operator.service.store) as connection:
        [page] = queries.pages_of_decisions(connection)
    assert len(page) == len(answers)
    assert replay(page, operator.service.rulebook) == []


@pytest.mark.parametrize("reason", ["", "because", "TOO_EXPENSIVE", "no\x00w"])
def test_a_reason_nobody_knows_is_refused(operator: Operator, reason: str) -> None:
    call = Call(operator)
    answer = call.ask()
    call.show(answer)
    assert problem(call.post("/reaction", {**named(answer), "reason": reason})) == (422, "invalid-string")
