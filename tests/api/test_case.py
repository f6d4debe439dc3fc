"""GET /case: one timeline for every channel and every agent, for who is in contact; each reading on record."""

import re
from typing import Any

import pytest
from sqlalchemy import delete, select

from api.timeline import LEFT_OUT
from ledger.store import reading, writing
from ledger.tables import bodies, events
from tests.api.calls import Call, later, named, problem
from tests.api.world import ROOT, Operator

WISH = {"device": "galaxy-a17", "max_commitment_months": 12}
PHONE = "le téléphone Samsung Galaxy A17 pour 20,40\xa0€, engagement de 12 mois"


def read(call: Call, address: str = "/case/C-1") -> dict[str, Any]:
    response = call.get(address)
    assert response.status_code == 200, response.data
    return response.get_json()


def said(case: dict[str, Any], language: str = "fr") -> list[str]:
    return [entry["sentences"][language] for entry in case["timeline"]]


def test_a_second_agent_on_another_channel_reads_all_that_was_said(each_operator: Operator) -> None:
    first = Call(each_operator)
    offered = first.ask(wants=WISH)
    first.show(offered)
    first.signal("callback", day="2026-11-25")
    second = Call(later(each_operator, hours=2), "supervisor", channel="shop")
    second.signal("contact", channel="shop")
    case = read(second)
    assert said(case) == [
        "Contact : un appel du client.",
        f"Sur la table : {PHONE}.",
        f"Dit au client : {PHONE}.",
        "Le client demande à être rappelé le 25 novembre 2026.",
        "Promis : le rappel, au plus tard le 25 novembre 2026.",
        "Contact : la boutique.",
    ]
    assert [entry["channel"] for entry in case["timeline"]] == [*["phone_in"] * 4, None, "shop"]
    assert [entry["who"] for entry in case["timeline"]] == [*["agent-1"] * 4, "promises", "supervisor-1"]
    assert [entry["sequence"] for entry in case["timeline"]] == sorted(entry["sequence"] for entry in case["timeline"])


def test_the_offer_on_the_table_can_be_named_from_the_case(each_operator: Operator) -> None:
    offered = Call(each_operator).ask(wants=WISH)
    second = Call(each_operator, "manager", channel="shop")
    second.signal("contact", channel="shop")
    table = read(second)["proposal"]
    assert {name: table[name] for name in ("proposal_id", "digest", "expires_on")} == {
        name: offered[name] for name in ("proposal_id", "digest", "expires_on")
    }
    told = [each["offer"] for each in table["offers"]]
    assert told[0] == offered["offers"][0]
    everything = [*offered["offers"], *offered["entitlements"]]
    assert {each["offer_id"]: each for each in told} == {each["offer_id"]: each for each in everything}
    assert {each["state"] for each in table["offers"]} == {"offered"}
    assert "20,40" in table["offers"][0]["offer"]["sentences"]["read_back"]["fr"]
    named_there = {
        "proposal_id": table["proposal_id"],
        "digest": table["digest"],
        "offer_id": table["offers"][0]["offer"]["offer_id"],
    }
    assert named_there == named(offered)
    assert second.post("/shown", {**named_there, "read_back": True}).status_code == 200


def test_the_story_of_a_case_is_told_to_its_end(each_operator: Operator) -> None:
    call = Call(each_operator)
    call.signal("fault_opened", text="pas de réseau")
    call.signal("public_complaint", where="forum", reach=4200)
    call.signal("fault_closed")
    offered = call.ask(wants=WISH)
    call.show(offered)
    assert call.accept(offered).status_code == 201
    call.signal("port_requested")
    call.signal("objection")
    Call(each_operator, "manager").post(
        "/outcome", {"contract_id": "C-1", "kind": "stayed", "happened_on": "2026-11-23"}
    )
    case = read(Call(each_operator, "auditor"))
    assert said(case, "en") == [
        "Fault: pas de réseau.",
        "Promised: the repair, by 25 November 2026.",
        "Public complaint (a forum), read by 4200 people.",
        "Alarm: public complaint.",
        "The fault is repaired.",
        "Promise kept: the repair.",
        "Contact: a call of the customer.",
        "On the table: the Samsung Galaxy A17 for €20.40, a commitment of 12 months.",
        "Told to the customer: the Samsung Galaxy A17 for €20.40, a commitment of 12 months.",
        "Accepted: the Samsung Galaxy A17 for €20.40, a commitment of 12 months.",
        *(
            f"Promised: {what}, by {day} 2026."
            for what, day in (
                ("the delivery of the phone", "28 November"),
                ("the check that all is active", "25 November"),
                ("the first check that all is well", "30 November"),
                ("the second check that all is well", "8 December"),
            )
        ),
        "The customer asks to take the number elsewhere.",
        "Alarm: port requested.",
        "The customer objects to profiling.",
        "Outcome on 23 November 2026: the customer has stayed.",
        "Alarm seen to: port requested.",
    ]
    [accepted] = case["acceptances"]
    assert (accepted["status"], accepted["digest"]) == ("accepted", offered["digest"])
    assert accepted["offer"] == offered["offers"][0]
    assert [promise["kind"] for promise in case["promises"]] == [
        "activation",
        "delivery",
        "first_check",
        "second_check",
    ]
    assert [alarm["kind"] for alarm in case["alarms"]] == ["public_complaint"]
    assert [each["why"] for each in case["waiting"]] == ["public_complaint"]
    assert case["proposal"] is None


def test_unkept_promises_come_first(operator: Operator) -> None:
    call = Call(operator, "manager")
    broken = call.signal("callback", day="2026-11-30")["promises"][0]
    call.signal("callback", day="2026-11-23")
    call.signal("callback", day="2026-11-26")
    call.post(f"/promise/{broken['promise_id']}", {"state": "broken"})
    tomorrow = Call(later(operator, days=1), "manager")
    tomorrow.signal("contact", channel="web")
    promises = [(each["due_on"], each["state"], each["late"]) for each in read(tomorrow)["promises"]]
    assert promises == [("2026-11-23", "open", True), ("2026-11-30", "broken", False), ("2026-11-26", "open", False)]


@pytest.mark.parametrize("role", ["agent", "supervisor", "manager"])
def test_without_contact_a_contract_is_as_unknown_as_any(operator: Operator, role: str) -> None:
    call = Call(operator, role)
    strangers = [call.get(f"/case/{contract_id}") for contract_id in ("C-1", "C-9", "C-fault")]
    documents = [{**each.get_json(force=True), "instance": ""} for each in strangers]
    assert [each.status_code for each in strangers] == [404, 404, 404]
    assert documents[0] == documents[1] == documents[2]
    call.signal("contact", channel="web")
    assert call.get("/case/C-1").status_code == 200
    assert call.get("/case/C-fault").status_code == 404
    assert Call(later(operator, minutes=31), role).get("/case/C-1").status_code == 404


def test_an_auditor_reads_any_case_and_no_unknown_one(operator: Operator) -> None:
    auditor = Call(operator, "auditor")
    assert auditor.get("/case/C-1").status_code == 200
    assert problem(auditor.get("/case/C-9")) == (404, "not-found")


def test_every_reading_is_one_event_and_no_refusal_is(each_operator: Operator) -> None:
    auditor, stranger = Call(each_operator, "auditor"), Call(each_operator)
    for call in (auditor, auditor, stranger):
        call.get("/case/C-1")
    with reading(each_operator.service.store) as connection:
        reads = connection.execute(select(events).where(events.c.kind == "case_read")).all()
    assert [(row.actor, row.role) for row in reads] == [("auditor-1", "auditor")] * 2
    assert said(read(auditor)) == []


def test_nothing_of_margins_and_depths_leaves(operator: Operator) -> None:
    call = Call(operator, "manager")
    offered = call.ask(wants=WISH)
    call.show(offered)
    call.accept(offered)
    told = Call(operator, "auditor").get("/case/C-1").get_data(as_text=True)
    assert not re.findall(r'"[a-z_]*(?:margin|depth|secured|floor|answer_digest|subject)[a-z_]*"', told)


def test_a_long_timeline_is_read_from_its_end(operator: Operator) -> None:
    call = Call(operator, "manager")
    for _ in range(51):
        call.signal("fault_opened", text="no signal")
        call.signal("fault_closed")
    call.signal("contact", channel="web")
    newest = read(call)
    assert len(newest["timeline"]) == 100
    assert newest["earlier"] == newest["timeline"][0]["sequence"]
    older = read(call, f"/case/C-1?before={newest['earlier']}")
    assert older["earlier"] == older["timeline"][0]["sequence"]
    oldest = read(call, f"/case/C-1?before={older['earlier']}")
    assert oldest["earlier"] is None
    whole = [entry["sequence"] for case in (oldest, older, newest) for entry in case["timeline"]]
    assert whole == sorted(set(whole))
    assert len(whole) == 51 * 4 + 1


def test_what_was_erased_is_told_as_erased(operator: Operator) -> None:
    call = Call(operator, "manager")
    call.signal("contact", channel="web")
    call.signal("fault_opened", text="no signal in the Lindenstraat")
    with writing(operator.service.store) as connection:
        connection.execute(delete(bodies))
    [entry] = [entry for entry in read(call)["timeline"] if entry["kind"] == "fault_opened"]
    assert (entry["details"], entry["sentences"]["nl"]) == ({"fault": None}, "Storing: gewist.")


def test_every_kind_of_event_is_told_or_left_out(operator: Operator) -> None:
    """Whoever writes a new kind of event says here, in the texts or in LEFT_OUT, whether a case tells of it."""
    phrases = operator.service.in_force().phrases["en"]["timeline"]
    written = set()
    for path in (*(ROOT / "ledger/writer").glob("*.py"), *(ROOT / "api").rglob("*.py")):
        written |= set(re.findall(r'(?:\bEvent|saying\.write)\(\s*"([a-z_]+)"', path.read_text("utf-8")))
    written |= {"promise_kept", "promise_broken", "approved", "refused", "order_echoed", "public_complaint"}
    assert {"decided", "shown", "case_read", "fault_opened"} <= written
    assert sorted(written - set(LEFT_OUT) - set(phrases) - {"decided"}) == []
