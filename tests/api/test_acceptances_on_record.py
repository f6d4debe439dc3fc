"""What is on record of an acceptance, row by row and event by event, and whose other acceptances it touches."""

from typing import Any

import orjson
import pytest
from sqlalchemy import Engine, update
from werkzeug.test import TestResponse

from ledger.store import writing
from ledger.tables import acceptances, cases, events, interactions, offers, stock
from tests.api.calls import Call, problem
from tests.api.orders import WISH, accepted, confirm, later, messages, rows_of, taken, withdraw
from tests.api.world import Operator

AGENT = ("agent-1", "agent")
ANOTHER = {"device": "iphone-16e", "max_commitment_months": 12}
END_OF_THE_FOURTEENTH_DAY = "2026-12-07T23:00:00.000000Z"


def told(store: Engine, proposal_id: str) -> list[tuple[str, tuple[str, str], dict[str, Any]]]:
    """What the journal says of a proposal since it was shown: the kind, who did it, and the details."""
    of_it = [row for row in rows_of(store, events) if row.about == proposal_id]
    found = [(row.kind, (row.actor, row.role), orjson.loads(row.details)) for row in of_it]
    assert [kind for kind, _, _ in found[:2]] == ["decided", "shown"]
    return found[2:]


def accept_due(operator: Operator, channel: str = "phone_in") -> dict[str, Any]:
    """What loyalty is due, accepted: the first of it."""
    call = Call(operator, channel=channel)
    answer = call.ask()
    due = {**answer, "offers": answer["entitlements"]}
    assert call.show(due).status_code == 200
    reply = call.accept(due)
    assert reply.status_code == 201, reply.data
    return reply.get_json()


def free_again(store: Engine) -> None:
    """The days after an end are over: something may be offered again."""
    with writing(store) as connection:
        connection.execute(update(cases).values(exit_on=None))


def states(store: Engine) -> dict[str, str]:
    return {row.acceptance_id: row.state for row in rows_of(store, acceptances)}


def exits(store: Engine) -> list[str | None]:
    return [row.exit_on for row in rows_of(store, cases)]


def test_the_row_of_an_acceptance_says_who_accepted_what_until_when(operator: Operator) -> None:
    acceptance = accepted(operator)
    [row] = rows_of(operator.service.store, acceptances)
    [case] = rows_of(operator.service.store, cases)
    [shelf] = {shelf.devices_digest for shelf in rows_of(operator.service.store, stock)}
    assert row._asdict() == {
        "acceptance_id": acceptance["acceptance_id"],
        "proposal_id": acceptance["proposal_id"],
        "offer_id": "wish.galaxy-a17.12m.top002040",
        "subject_id": case.subject_id,
        "agent_id": "agent-1",
        "state": "accepted",
        "terms_digest": acceptance["digest"],
        "device": "galaxy-a17",
        "devices_digest": shelf,
        "depth_cents": 10_200,
        "accepted_at": "2026-11-23T11:00:00.000000Z",
        "confirm_by": "2026-11-23T11:00:00.000000Z",
        "withdraw_until": END_OF_THE_FOURTEENTH_DAY,
    }


def test_the_journal_tells_which_terms_bind_and_how_they_were_confirmed(operator: Operator) -> None:
    acceptance = accepted(operator, "phone_out")
    confirm(operator, acceptance, how="electronic")
    named = {"acceptance_id": acceptance["acceptance_id"]}
    which = {"offer_id": "wish.galaxy-a17.12m.top002040", "terms_digest": acceptance["digest"]}
    assert told(operator.service.store, acceptance["proposal_id"]) == [
        ("to_confirm", AGENT, {**named, **which}),
        ("accepted", AGENT, {**named, "how": "electronic"}),
    ]


def test_the_journal_tells_what_was_accepted_at_once(operator: Operator) -> None:
    acceptance = accepted(operator)
    which = {"offer_id": "wish.galaxy-a17.12m.top002040", "terms_digest": acceptance["digest"]}
    [event] = told(operator.service.store, acceptance["proposal_id"])
    assert event == ("accepted", AGENT, {"acceptance_id": acceptance["acceptance_id"], **which})


def test_the_journal_tells_why_what_waited_was_given_up(operator: Operator) -> None:
    waiting = accepted(operator, "phone_out")
    free_again(operator.service.store)
    accepted(operator, wants=ANOTHER)
    details = {"acceptance_id": waiting["acceptance_id"], "because": "another offer was accepted"}
    assert told(operator.service.store, waiting["proposal_id"])[1:] == [("withdrawn", AGENT, details)]


def test_the_journal_tells_that_no_confirmation_came(operator: Operator) -> None:
    waiting = accepted(operator, "phone_out")
    late = later(operator, days=15)
    details = {"acceptance_id": waiting["acceptance_id"], "because": "not confirmed in time"}
    expired = ("expired", ("calendar", "system"), details)
    assert told(late.service.store, waiting["proposal_id"])[1:] == [expired]


@pytest.mark.parametrize("by", ["customer", "operator"])
def test_the_journal_tells_who_dropped_what_did_not_bind_and_why(operator: Operator, by: str) -> None:
    waiting = accepted(operator, "phone_out")
    withdraw(operator, waiting, by, because="mistake")
    details = {"acceptance_id": waiting["acceptance_id"], "because": f"{by}: mistake"}
    assert told(operator.service.store, waiting["proposal_id"])[1:] == [("withdrawn", AGENT, details)]


def test_what_waits_is_given_up_for_an_offer_that_has_none_of_its_terms(operator: Operator) -> None:
    store, waiting = operator.service.store, accepted(operator, "phone_out")
    free_again(store)
    taken_instead = accepted(operator, wants=ANOTHER)
    others = {row.offer_id for row in rows_of(store, offers) if row.proposal_id == taken_instead["proposal_id"]}
    assert waiting["offer_id"] not in others
    assert states(store) == {waiting["acceptance_id"]: "withdrawn", taken_instead["acceptance_id"]: "accepted"}
    assert (taken(operator), len(messages(operator))) == (0, 1)


def test_a_due_that_waits_is_not_given_up_for_an_offer(operator: Operator) -> None:
    store, due = operator.service.store, accept_due(operator, "phone_out")
    free_again(store)
    taken_beside = accepted(operator)
    assert states(store) == {due["acceptance_id"]: "to_confirm", taken_beside["acceptance_id"]: "accepted"}
    assert confirm(operator, due).status_code == 200


def test_what_waits_on_another_contract_is_not_given_up(operator: Operator) -> None:
    store, waiting = operator.service.store, accepted(operator, "phone_out")
    other = Call(operator, "manager", contract_id="C-wish")
    answer = other.ask()
    other.show(answer)
    assert other.accept(answer).status_code == 201
    assert states(store)[waiting["acceptance_id"]] == "to_confirm"


def test_who_drops_what_waited_may_be_offered_something_though_a_neighbour_accepted(operator: Operator) -> None:
    other = Call(operator, "manager", contract_id="C-wish")
    answer = other.ask()
    other.show(answer)
    assert other.accept(answer).status_code == 201
    waiting = accepted(operator, "phone_out")
    assert exits(operator.service.store) == ["2026-11-23", "2026-11-23"]
    withdraw(operator, waiting, "customer")
    assert exits(operator.service.store) == ["2026-11-23", None]
    assert Call(operator).ask()["offers"] != []


def test_who_drops_one_of_two_acceptances_has_still_come_to_an_end(operator: Operator) -> None:
    store = operator.service.store
    accept_due(operator)
    free_again(store)
    waiting = accepted(operator, "phone_out")
    withdraw(operator, waiting, "customer")
    assert exits(store) == ["2026-11-23"]
    assert Call(operator).ask()["offers"] == []


def test_an_acceptance_ends_the_contact_of_everybody_with_the_customer(operator: Operator) -> None:
    store = operator.service.store
    Call(operator, "manager").ask()
    accepted(operator)
    assert {row.closed_at for row in rows_of(store, interactions)} == {"2026-11-23T11:00:00.000000Z"}


def test_a_confirmation_binds_no_other_acceptance_that_waits(operator: Operator) -> None:
    waiting = accepted(operator, "phone_out")
    other = Call(operator, "manager", "C-wish", "phone_out")
    answer = other.ask()
    other.show(answer)
    beside = other.accept(answer).get_json()
    assert confirm(operator, waiting).status_code == 200
    there = {waiting["acceptance_id"]: "accepted", beside["acceptance_id"]: "to_confirm"}
    assert states(operator.service.store) == there


def test_without_a_device_no_delivery_is_promised(operator: Operator) -> None:
    due = accept_due(operator)
    assert due["offer"]["device"] is None
    assert {each["kind"] for each in due["promises"]} == {"activation", "first_check", "second_check"}


def accept_when_so_many_were_held(operator: Operator, monkeypatch: pytest.MonkeyPatch, held: int) -> TestResponse:
    """An acceptance for which the others were faster, after the last look at the limits."""
    call = Call(operator)
    answer = call.ask(wants=WISH)
    call.show(answer)
    with writing(operator.service.store) as connection:
        connection.execute(update(stock).where(stock.c.device == WISH["device"]).values(held=held))
    monkeypatch.setattr("api.accept.no_longer_allowed", lambda *_: None)
    return call.accept(answer)


def test_the_last_device_on_the_shelf_can_be_taken(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    assert accept_when_so_many_were_held(operator, monkeypatch, 1).status_code == 201
    assert taken(operator) == 1


def test_no_device_is_taken_from_an_empty_shelf(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    assert problem(accept_when_so_many_were_held(operator, monkeypatch, 0)) == (409, "sold-out")
    assert (taken(operator), states(operator.service.store), messages(operator)) == (0, {}, [])
