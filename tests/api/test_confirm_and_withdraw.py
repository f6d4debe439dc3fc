"""After the yes: the confirmation that binds, and the ways back from it, each in its time and once."""

import datetime
import re

import orjson
import pytest

from engine.rulebook import parse_rulebook
from ledger.tables import acceptances, events, offers, promises
from tests.api.calls import Call, problem
from tests.api.orders import WISH, accepted, confirm, later, messages, post, rows_of, taken, withdraw
from tests.api.world import NOON, ROOT, Operator, read_texts

END_OF_THE_FOURTEENTH_DAY = "2026-12-07T23:00:00.000000Z"
"""Midnight in Paris, 14 days after 23 November."""
UNTIL = datetime.datetime.fromisoformat(END_OF_THE_FOURTEENTH_DAY) - NOON


def test_after_our_call_nothing_leaves_before_the_confirmation(each_operator: Operator) -> None:
    acceptance = accepted(each_operator, "phone_out")
    assert (acceptance["status"], acceptance["promises"]) == ("to_confirm", [])
    assert (acceptance["confirm_by"], acceptance["withdraw_until"]) == (END_OF_THE_FOURTEENTH_DAY, None)
    assert messages(each_operator) == []
    assert taken(each_operator) == 1
    after = later(each_operator, days=3)
    confirmed = confirm(after, acceptance)
    assert (confirmed.status_code, confirmed.get_json()["status"]) == (200, "accepted")
    assert confirmed.get_json()["withdraw_until"] == "2026-12-10T23:00:00.000000Z"
    due = {each["kind"]: each["due_on"] for each in confirmed.get_json()["promises"]}
    assert due == {
        "activation": "2026-11-28",
        "delivery": "2026-12-01",
        "first_check": "2026-12-03",
        "second_check": "2026-12-11",
    }
    [order] = messages(after)
    assert order["type"] == "order.accepted"
    assert order["data"]["order_id"] == acceptance["acceptance_id"]
    assert set(order["data"]) == {"contract_id", "order_id", "terms", "terms_digest"}


def test_a_confirmation_repeated_is_the_same_and_sends_one_order(operator: Operator) -> None:
    acceptance = accepted(operator, "phone_out")
    first, again = confirm(operator, acceptance, key="k"), confirm(operator, acceptance, key="k")
    assert (first.data, first.status_code) == (again.data, again.status_code)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert confirm(operator, acceptance, key="other").get_json() == first.get_json()
    assert confirm(operator, acceptance, key="third", how="electronic").get_json() == first.get_json()
    assert len(messages(operator)) == 1


def test_what_our_customer_called_about_needs_no_confirmation(operator: Operator) -> None:
    acceptance = accepted(operator)
    assert confirm(operator, acceptance).get_json() == acceptance
    assert len(messages(operator)) == 1


def test_a_confirmation_in_the_last_second_binds(each_operator: Operator) -> None:
    acceptance = accepted(each_operator, "phone_out")
    assert confirm(later(each_operator, seconds=UNTIL.total_seconds() - 1), acceptance).status_code == 200


def test_a_late_confirmation_is_gone_and_the_phone_is_back(each_operator: Operator) -> None:
    acceptance = accepted(each_operator, "phone_out")
    after = later(each_operator, seconds=UNTIL.total_seconds())
    assert problem(confirm(after, acceptance)) == (410, "offer-expired")
    assert problem(withdraw(after, acceptance, "customer")) == (410, "offer-expired")
    assert (taken(after), messages(after)) == (0, [])


def test_a_customer_withdraws_to_the_last_moment_and_no_later(each_operator: Operator) -> None:
    acceptance = accepted(each_operator)
    assert acceptance["withdraw_until"] == END_OF_THE_FOURTEENTH_DAY
    at_the_end = later(each_operator, seconds=UNTIL.total_seconds())
    assert problem(withdraw(at_the_end, acceptance, "customer")) == (409, "withdrawal-over")
    assert taken(at_the_end) == 1
    just_before = later(each_operator, seconds=UNTIL.total_seconds() - 1)
    withdrawn = withdraw(just_before, acceptance, "customer")
    assert (withdrawn.status_code, withdrawn.get_json()["status"]) == (200, "withdrawn_by_customer")
    assert taken(just_before) == 0


def test_a_withdrawal_tells_the_order_system_and_promises_what_was_paid_back(each_operator: Operator) -> None:
    acceptance = accepted(each_operator)
    withdrawn = withdraw(each_operator, acceptance, "customer", because="not_as_told").get_json()
    states = {each["kind"]: each["state"] for each in withdrawn["promises"]}
    released = dict.fromkeys(("activation", "delivery", "first_check", "second_check"), "released")
    assert states == {**released, "refund": "open"}
    order, back = messages(each_operator)
    assert back["type"] == "order.withdrawn"
    top_up_cents = acceptance["offer"]["top_up_cents"]
    assert top_up_cents > 0
    told = {"contract_id": "C-1", "order_id": order["data"]["order_id"], "refund_cents": top_up_cents, "returned": None}
    assert back["data"] == told
    assert [row.state for row in rows_of(each_operator.service.store, acceptances)] == ["withdrawn_by_customer"]
    said = [row for row in rows_of(each_operator.service.store, events) if row.about == acceptance["proposal_id"]]
    assert [row.kind for row in said] == ["decided", "shown", "accepted", "withdrawn_by_customer"]
    assert orjson.loads(said[-1].details)["because"] == "not_as_told"


def test_where_nothing_was_paid_nothing_is_promised_back(operator: Operator) -> None:
    call = Call(operator)
    answer = call.ask()
    call.show(answer)
    acceptance = call.accept(answer).get_json()
    assert (acceptance["offer"]["top_up_cents"], acceptance["offer"]["trade_in"]) == (0, None)
    withdrawn = withdraw(operator, acceptance, "customer").get_json()
    assert {each["state"] for each in withdrawn["promises"]} == {"released"}


def test_who_withdrew_may_accept_again(operator: Operator) -> None:
    first = accepted(operator)
    withdraw(operator, first, "customer")
    second = accepted(operator, wants={**WISH, "max_upfront_cents": 5000})
    assert second["acceptance_id"] != first["acceptance_id"]
    assert taken(operator) == 1
    assert [message["type"] for message in messages(operator)] == [
        "order.accepted",
        "order.withdrawn",
        "order.accepted",
    ]


@pytest.mark.parametrize("by", ["customer", "operator"])
def test_what_does_not_bind_yet_either_side_may_drop(operator: Operator, by: str) -> None:
    acceptance = accepted(operator, "phone_out")
    dropped = withdraw(operator, acceptance, by).get_json()
    assert (dropped["status"], dropped["promises"]) == ("withdrawn", [])
    assert (taken(operator), messages(operator)) == (0, [])
    assert problem(confirm(operator, acceptance)) == (409, "withdrawn")


def test_the_operator_cannot_withdraw_what_binds(operator: Operator) -> None:
    acceptance = accepted(operator)
    assert problem(withdraw(operator, acceptance, "operator")) == (409, "already-accepted")
    assert len(messages(operator)) == 1


@pytest.mark.parametrize("shown", [False, True])
def test_the_operator_takes_offers_from_the_table(operator: Operator, shown: bool) -> None:
    call = Call(operator)
    answer = call.ask(wants=WISH)
    if shown:
        call.show(answer)
    assert problem(withdraw(operator, answer, "customer")) == (409, "not-accepted")
    taken_back = withdraw(operator, answer, "operator", because="mistake", key="k")
    reply = taken_back.get_json()
    assert (reply["status"], reply["acceptance_id"], reply["promises"]) == ("withdrawn", None, [])
    assert {row.state for row in rows_of(operator.service.store, offers)} == {"withdrawn"}
    assert problem(call.accept(answer)) == (409, "withdrawn")
    assert withdraw(operator, answer, "operator", because="mistake", key="k").data == taken_back.data
    assert problem(withdraw(operator, answer, "operator")) == (409, "withdrawn")


def test_what_has_passed_its_last_day_cannot_be_withdrawn(operator: Operator) -> None:
    answer = Call(operator).ask()
    after = later(operator, days=40)
    assert problem(withdraw(after, answer, "operator")) == (410, "offer-expired")


def test_withdrawn_twice_is_a_conflict_and_one_message(operator: Operator) -> None:
    acceptance = accepted(operator)
    assert withdraw(operator, acceptance, "customer").status_code == 200
    assert problem(withdraw(operator, acceptance, "customer")) == (409, "withdrawn")
    assert problem(confirm(operator, acceptance)) == (409, "withdrawn")
    assert len(messages(operator)) == 2
    refunds = [row for row in rows_of(operator.service.store, promises) if row.kind == "refund"]
    assert (len(refunds), taken(operator)) == (1, 0)


def test_another_offer_taken_replaces_the_one_that_waits_for_its_confirmation(each_operator: Operator) -> None:
    waiting = accepted(each_operator, "phone_out")
    texts = read_texts(ROOT / "rulebook")
    policy = re.sub(r"(?s)(\[round_days\].*?value = )60", r"\g<1>1", texts["policy.toml"])
    forgetful = each_operator.under(parse_rulebook({**texts, "policy.toml": policy}))
    after = forgetful.with_service(clock=lambda: NOON + datetime.timedelta(days=2))
    taken_instead = accepted(after, wants={**WISH, "max_upfront_cents": 5000})
    assert problem(confirm(after, waiting)) == (409, "withdrawn")
    assert taken(after) == 1
    assert [order["data"]["order_id"] for order in messages(after)] == [taken_instead["acceptance_id"]]


def test_a_due_stands_beside_the_offer_that_waits_for_its_confirmation(operator: Operator) -> None:
    waiting = accepted(operator, "phone_out")
    call = Call(operator, channel="phone_in")
    answer = call.ask()
    due = {**answer, "offers": answer["entitlements"]}
    call.show(due)
    assert call.accept(due).status_code == 201
    assert confirm(operator, waiting).status_code == 200
    assert len(messages(operator)) == 2


@pytest.mark.parametrize("role", ["agent", "supervisor", "manager"])
def test_without_contact_an_acceptance_is_as_unknown_as_any(operator: Operator, role: str) -> None:
    acceptance = accepted(operator, "phone_out")
    stranger = operator if role != "agent" else operator.with_service(clock=lambda: NOON + datetime.timedelta(hours=1))
    unknown = {**acceptance, "acceptance_id": "f" * 32, "proposal_id": "f" * 32}
    for known, code in ((acceptance, (404, "not-found")), (unknown, (404, "not-found"))):
        assert problem(confirm(stranger, known, role=role)) == code
        assert problem(withdraw(stranger, known, "customer", role=role)) == code


@pytest.mark.parametrize("role", ["supervisor", "manager"])
def test_whoever_is_in_contact_may_confirm_and_withdraw(operator: Operator, role: str) -> None:
    acceptance = accepted(operator, "phone_out")
    Call(operator, role).ask()
    assert confirm(operator, acceptance, role=role).status_code == 200
    assert withdraw(operator, acceptance, "customer", role=role).status_code == 200


@pytest.mark.parametrize("role", ["auditor", "order_system"])
@pytest.mark.parametrize("door", ["/confirm", "/withdraw"])
def test_other_roles_may_neither_confirm_nor_withdraw(operator: Operator, role: str, door: str) -> None:
    assert problem(post(operator, door, role)) == (403, "not-allowed")


@pytest.mark.parametrize("door", ["/confirm", "/withdraw"])
def test_both_doors_want_an_idempotency_key(operator: Operator, door: str) -> None:
    acceptance = accepted(operator, "phone_out")
    bodies = {
        "/confirm": {"acceptance_id": acceptance["acceptance_id"], "how": "signed"},
        "/withdraw": {"proposal_id": acceptance["proposal_id"], "by": "operator", "because": "mistake"},
    }
    answer = operator.client.post(door, json=bodies[door], headers=operator.headers())
    assert problem(answer) == (400, "key-missing")
    assert post(operator, door, key="k", **bodies[door]).status_code == 200
    changed = {**bodies[door], "how": "electronic"} if door == "/confirm" else {**bodies[door], "because": "fraud"}
    assert problem(post(operator, door, key="k", **changed)) == (422, "idempotency-mismatch")
