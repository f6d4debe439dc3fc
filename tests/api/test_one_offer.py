"""One identified offer on the table of a contract, whoever asks; named alike by both sides, accepted once."""

import datetime

import pytest
from sqlalchemy import Engine, select

from ledger.store import reading
from ledger.tables import acceptances, alarms, events, offers, outbox, proposals, stock
from tests.api.calls import Call, named, problem
from tests.api.world import NOON, Operator

WISH = {"device": "galaxy-a17", "max_commitment_months": 12}


def rows_of(store: Engine, table: object) -> list[object]:
    with reading(store) as connection:
        return list(connection.execute(select(table)))


def test_a_second_agent_gets_the_offer_on_the_table_to_the_byte(operator: Operator) -> None:
    first = Call(operator).ask()
    assert Call(operator, "supervisor").ask(reason_for_contact="complaint") == first
    assert Call(operator, "manager", channel="shop").ask() == first
    assert len(rows_of(operator.service.store, proposals)) == 1


def test_a_wish_said_to_one_agent_is_known_to_the_next(operator: Operator) -> None:
    wished = Call(operator).ask(wants=WISH)
    assert Call(operator, "supervisor").ask() == wished


def test_a_new_wish_replaces_the_offer_and_says_what_changes(operator: Operator) -> None:
    first = Call(operator).ask()
    second = Call(operator).ask(wants=WISH)
    assert second["proposal_id"] != first["proposal_id"]
    assert first["offers"][0]["difference"] is None
    assert "20,40" in second["offers"][0]["difference"]["fr"]
    states = {(row.proposal_id, row.state) for row in rows_of(operator.service.store, offers)}
    assert states == {(first["proposal_id"], "withdrawn"), (second["proposal_id"], "offered")}


def test_the_read_back_sentence_holds_the_whole_offer(operator: Operator) -> None:
    offer = Call(operator).ask(wants=WISH)["offers"][0]
    for language, sentence in offer["sentences"]["read_back"].items():
        assert offer["sentences"]["customer"][language] in sentence


def test_another_proposal_than_the_one_on_the_table_is_a_conflict_and_an_alarm(operator: Operator) -> None:
    call = Call(operator)
    first, live = call.ask(), call.ask(wants=WISH)
    assert problem(call.show(first)) == (412, "not-the-same-offer")
    [alarm] = rows_of(operator.service.store, alarms)
    assert (alarm.kind, alarm.about) == ("not-the-same-offer", live["proposal_id"])


@pytest.mark.parametrize("change", [{"digest": "0" * 64}, {"offer_id": "sms-renewal.24m.sms_15"}])
def test_another_digest_or_offer_is_a_conflict_at_every_door(operator: Operator, change: dict[str, str]) -> None:
    call = Call(operator)
    answer = call.ask()
    call.show(answer)
    body = {**named(answer), **change}
    assert problem(call.post("/shown", {**body, "read_back": True})) == (412, "not-the-same-offer")
    assert problem(call.post("/accept", body, **{"Idempotency-Key": "k"})) == (412, "not-the-same-offer")
    assert problem(call.post("/reaction", {**body, "reason": "other"})) == (412, "not-the-same-offer")
    assert len(rows_of(operator.service.store, alarms)) == 3


def test_without_contact_a_proposal_is_as_unknown_as_any(operator: Operator) -> None:
    answer = Call(operator).ask()
    stranger = Call(operator, "supervisor")
    unknown = {**answer, "proposal_id": "f" * 32}
    assert problem(stranger.show(answer)) == problem(Call(operator).show(unknown)) == (404, "not-found")


def test_an_interaction_ends_after_its_minutes(operator: Operator) -> None:
    answer = Call(operator).ask()
    later = operator.with_service(clock=lambda: NOON + datetime.timedelta(minutes=31))
    assert problem(Call(later).show(answer)) == (404, "not-found")
    assert Call(later).ask() == answer
    assert Call(later).show(answer).status_code == 200


def test_an_offer_is_accepted_only_after_it_was_shown(operator: Operator) -> None:
    call = Call(operator)
    answer = call.ask(wants=WISH)
    assert problem(call.accept(answer)) == (409, "not-shown")
    assert call.show(answer).status_code == 200
    accepted = call.accept(answer)
    assert accepted.status_code == 201
    assert accepted.get_json()["offer"] == answer["offers"][0]
    assert accepted.get_json()["status"] == "accepted"


def test_a_phone_with_a_new_term_is_accepted_only_once_its_term_was_read_back(operator: Operator) -> None:
    call = Call(operator)
    answer = call.ask(wants=WISH)
    assert answer["offers"][0]["needs_express_consent"]
    assert call.show(answer, read_back=False).status_code == 200
    assert problem(call.accept(answer)) == (409, "not-read-back")
    assert call.show(answer).status_code == 200
    assert call.accept(answer, key="once-more").status_code == 201


def test_an_offer_without_a_new_term_needs_no_express_consent(operator: Operator) -> None:
    call = Call(operator)
    answer = call.ask(wants={"max_commitment_months": 0}, reason_for_contact="wants_to_leave")
    assert answer["offers"][0]["extras"] == []
    assert [offer["needs_express_consent"] for offer in answer["offers"]] == [False, False]
    call.show(answer, read_back=False)
    assert call.accept(answer).status_code == 201


def test_an_acceptance_closes_the_proposal_and_takes_the_phone(operator: Operator) -> None:
    call = Call(operator)
    answer = call.ask(wants=WISH)
    call.show(answer)
    call.accept(answer)
    store = operator.service.store
    assert {row.state for row in rows_of(store, offers)} == {"accepted", "withdrawn"} or len(answer["offers"]) == 1
    assert [row.state for row in rows_of(store, proposals)] == ["closed"]
    assert {row.device: row.taken for row in rows_of(store, stock) if row.taken} == {"galaxy-a17": 1}
    [message] = rows_of(store, outbox)
    assert message.kind == "order.accepted"


def test_the_same_key_and_body_get_the_same_bytes(operator: Operator) -> None:
    call = Call(operator)
    answer = call.ask()
    call.show(answer)
    first, again = call.accept(answer, key="k-1"), call.accept(answer, key="k-1")
    assert (again.status_code, again.data) == (first.status_code, first.data) == (201, first.data)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert len(rows_of(operator.service.store, acceptances)) == 1


def test_a_refused_acceptance_is_answered_alike_again(operator: Operator) -> None:
    call = Call(operator)
    answer = call.ask()
    first, again = call.accept(answer, key="k-1"), call.accept(answer, key="k-1")
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert problem(again) == (409, "not-shown")


def test_the_same_key_with_another_body_is_refused(operator: Operator) -> None:
    call = Call(operator)
    answer = call.ask()
    call.show(answer)
    call.accept(answer, key="k-1")
    assert problem(call.accept(answer, place=1, key="k-1")) == (422, "idempotency-mismatch")


def test_a_key_of_another_agent_is_another_key(operator: Operator) -> None:
    agent, supervisor = Call(operator), Call(operator, "supervisor")
    answer = agent.ask()
    supervisor.ask()
    agent.show(answer)
    assert agent.accept(answer, key="k-1").status_code == 201
    assert problem(supervisor.accept(answer, key="k-1")) == (409, "already-accepted")


def test_an_acceptance_needs_a_key(operator: Operator) -> None:
    call = Call(operator)
    answer = call.ask()
    assert problem(call.post("/accept", named(answer))) == (400, "key-missing")


def test_a_proposal_is_accepted_once_for_ever(operator: Operator) -> None:
    call = Call(operator)
    answer = call.ask()
    call.show(answer)
    assert call.accept(answer).status_code == 201
    assert problem(call.accept(answer)) == (409, "already-accepted")


def test_after_an_outbound_call_the_customer_is_not_bound_yet(operator: Operator) -> None:
    call = Call(operator, channel="phone_out")
    answer = call.ask(wants=WISH)
    call.show(answer)
    accepted = call.accept(answer).get_json()
    assert (accepted["status"], accepted["promises"]) == ("to_confirm", [])
    assert accepted["confirm_by"].startswith("2026-12-07")
    assert rows_of(operator.service.store, outbox) == []


def test_an_expired_offer_is_gone(operator: Operator) -> None:
    call = Call(operator)
    answer = call.ask()
    call.show(answer)
    late = operator.with_service(clock=lambda: NOON + datetime.timedelta(days=15))
    fresh = Call(late).ask()
    assert fresh["proposal_id"] != answer["proposal_id"]
    assert {row.state for row in rows_of(late.service.store, offers) if row.proposal_id == answer["proposal_id"]} == {
        "expired"
    }


def test_nobody_above_their_authority_without_approval(operator: Operator) -> None:
    call = Call(operator, contract_id="C-wish")
    answer = call.ask(wants={"device": "galaxy-s25"})
    needing = [place for place, offer in enumerate(answer["offers"]) if offer["needs_approval"]]
    for place in needing:
        call.show(answer, place)
        assert problem(call.accept(answer, place)) == (403, "needs-approval")


def test_every_step_is_an_event_of_the_journal(operator: Operator) -> None:
    call = Call(operator)
    answer = call.ask()
    call.show(answer)
    call.accept(answer)
    kinds = [row.kind for row in rows_of(operator.service.store, events) if row.subject_id]
    assert kinds[:4] == ["contact_opened", "decided", "shown", "accepted"]
    assert set(kinds[4:]) == {"posted", "promised"}
