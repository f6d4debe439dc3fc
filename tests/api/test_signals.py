"""POST /signal: what is heard changes the next answer, the promises, the alarms; never a limit."""

import datetime
from typing import Any

import numpy as np
import orjson
import pytest
from sqlalchemy import select

from ledger import writer
from ledger.records import time_text
from ledger.store import reading, writing
from ledger.tables import alarms, bodies, cases, events, interactions, offers, promises
from tests.api.calls import Call, later, named, problem
from tests.api.world import NOON, Operator, contracts


def rows_of(operator: Operator, table: object) -> list[Any]:
    with reading(operator.service.store) as connection:
        return list(connection.execute(select(table)))


def import_again(operator: Operator, at: datetime.datetime) -> None:
    source = writer.Source("m" * 64, at.date(), imported_at=time_text(at))
    with writing(operator.service.store) as connection:
        writer.save_contracts(connection, contracts(), {"tenure": np.full(4, np.nan)}, source)


def allowed_and_floors(operator: Operator, answer: dict[str, Any]) -> Any:
    """What lies on the table with all that guards it, and what was refused by which rules."""
    guarded = {
        (row.offer_id, row.place, row.secured_cents, row.floor_cents, row.depth_cents)
        for row in rows_of(operator, offers)
        if row.proposal_id == answer["proposal_id"]
    }
    with reading(operator.service.store) as connection:
        record = connection.execute(
            select(bodies.c.content)
            .join(events, events.c.sequence == bodies.c.sequence)
            .where(events.c.about == answer["decision_id"], events.c.kind == "decided")
        ).scalar_one()
    return guarded, orjson.loads(record)["verdicts"], answer["offers"], answer["why_not"]


def test_a_contact_opens_an_interaction_and_a_second_one_prolongs_it(each_operator: Operator) -> None:
    first = Call(each_operator).signal("contact", channel="shop")["interaction"]
    assert first["closes_at"] == "2026-11-23T11:30:00.000000Z"
    second = Call(later(each_operator, minutes=20)).signal("contact", channel="shop")["interaction"]
    assert (second["interaction_id"], second["closes_at"]) == (first["interaction_id"], "2026-11-23T11:50:00.000000Z")
    assert [row.kind for row in rows_of(each_operator, events)][-2:] == ["contact_opened", "contact_prolonged"]


def test_a_contact_on_another_channel_is_another_interaction(each_operator: Operator) -> None:
    Call(each_operator).signal("contact", channel="shop")
    Call(each_operator).signal("contact", channel="web")
    assert [(row.channel, row.closed_at is None) for row in rows_of(each_operator, interactions)] in (
        [("shop", False), ("web", True)],
        [("web", True), ("shop", False)],
    )


def test_a_fault_takes_the_offer_off_the_table_and_comes_before_any_sale(each_operator: Operator) -> None:
    call = Call(each_operator)
    offered = call.ask()
    kept = call.signal("fault_opened", text="pas de réseau")
    assert kept["withdrawn"] == offered["proposal_id"]
    assert problem(call.show(offered)) == (409, "withdrawn")
    answer = call.ask()
    assert (answer["stance"], answer["offers"]) == ("repair_first", [])
    assert answer["repair"] == {"fault": "pas de réseau", "promise": None}


def test_a_fault_promises_a_repair_once_however_often_it_is_told(each_operator: Operator) -> None:
    [first] = Call(each_operator).signal("fault_opened", text="no signal")["promises"]
    tomorrow = later(each_operator, days=1)
    [again] = Call(tomorrow, "supervisor").signal("fault_opened", text="still no signal")["promises"]
    assert (first["kind"], first["due_on"]) == ("repair", "2026-11-25")
    assert again == first
    assert len(rows_of(each_operator, promises)) == 1
    assert Call(tomorrow).ask()["repair"]["fault"] == "still no signal"


def test_a_repair_keeps_its_promise_and_selling_goes_on(each_operator: Operator) -> None:
    call = Call(each_operator)
    call.signal("fault_opened", text="no signal")
    [kept] = call.signal("fault_closed")["promises"]
    assert (kept["state"], kept["settled_on"]) == ("kept", "2026-11-23")
    assert call.ask()["stance"] == "offer"


def test_a_fault_on_file_is_closed_by_what_is_heard_later(each_operator: Operator) -> None:
    call = Call(each_operator, contract_id="C-fault")
    assert call.ask()["stance"] == "repair_first"
    assert call.signal("fault_closed")["promises"] == []
    assert call.ask()["stance"] == "offer"


def test_a_later_import_wins_over_a_fault_that_was_heard(operator: Operator) -> None:
    Call(operator).signal("fault_opened", text="no signal")
    import_again(operator, NOON + datetime.timedelta(hours=1))
    assert Call(later(operator, hours=2)).ask()["stance"] == "offer"


def test_an_import_that_ran_before_does_not(operator: Operator) -> None:
    Call(operator).signal("fault_opened", text="no signal")
    import_again(operator, NOON - datetime.timedelta(hours=1))
    assert Call(operator).ask()["stance"] == "repair_first"


def test_after_an_objection_nothing_is_scored_and_no_import_takes_it_back(operator: Operator) -> None:
    call = Call(operator)
    profiled = call.ask()
    assert call.signal("objection")["withdrawn"] == profiled["proposal_id"]
    answer = call.ask()
    assert (answer["stance"], answer["p_churn"], answer["p_churn_reasons"]) == ("standard_only", None, [])
    assert {offer["why"] for offer in answer["offers"]} <= {"standard"}
    import_again(operator, NOON + datetime.timedelta(hours=1))
    assert Call(later(operator, hours=2)).ask()["stance"] == "standard_only"


def test_what_a_profile_chose_cannot_be_accepted_after_an_objection(operator: Operator) -> None:
    call = Call(operator)
    offered = call.ask()
    call.show(offered)
    assert call.signal("objection")["withdrawn"] == offered["proposal_id"]
    assert problem(call.accept(offered)) == (409, "withdrawn")


@pytest.mark.parametrize("reach", [0, 999, 1_000, 5_000_000])
def test_a_public_complaint_changes_neither_what_is_allowed_nor_the_floor(operator: Operator, reach: int) -> None:
    quiet = Call(operator).ask()
    Call(operator).signal("public_complaint", where="press", reach=reach)
    loud = Call(operator).ask()
    assert loud["proposal_id"] != quiet["proposal_id"]
    before, after = allowed_and_floors(operator, quiet), allowed_and_floors(operator, loud)
    assert after[:2] == before[:2]
    unlike = ("difference", "p_accept", "place", "why")
    assert [{k: v for k, v in offer.items() if k not in unlike} for offer in after[2]] == [
        {k: v for k, v in offer.items() if k not in unlike} for offer in before[2]
    ]
    assert after[3] == before[3]


@pytest.mark.parametrize(
    ("reach", "route", "answer_by"),
    [
        (999, "supervisor", "2026-11-24T11:00:00.000000Z"),
        (1_000, "manager", "2026-11-23T13:00:00.000000Z"),
        (1_001, "manager", "2026-11-23T13:00:00.000000Z"),
    ],
)
def test_a_complaint_that_is_widely_read_goes_higher_and_is_answered_sooner(
    operator: Operator, reach: int, route: str, answer_by: str
) -> None:
    alarm = Call(operator).signal("public_complaint", where="forum", reach=reach)["alarm"]
    assert (alarm["route"], alarm["answer_by"]) == (route, answer_by)


def test_the_same_complaint_with_more_readers_is_not_another_complaint(each_operator: Operator) -> None:
    call = Call(each_operator)
    first = call.signal("public_complaint", where="forum", reach=10)["alarm"]
    assert call.signal("public_complaint", where="forum", reach=10)["alarm"] == first
    wider = call.signal("public_complaint", where="forum", reach=2_000)["alarm"]
    assert (wider["route"], wider["answer_by"]) == ("manager", "2026-11-23T13:00:00.000000Z")
    assert [row.alarm_id for row in rows_of(each_operator, alarms) if row.closed_at is None] == [wider["alarm_id"]]
    [case] = rows_of(each_operator, cases)
    assert orjson.loads(case.heard)["public_complaints_on_file"]["value"] == 1


def test_a_port_that_was_asked_for_is_the_reason_of_every_contact_until_its_outcome(each_operator: Operator) -> None:
    call = Call(each_operator)
    before = call.ask()
    call.signal("port_requested")
    asked = call.ask(reason_for_contact="information")
    assert asked["decision_id"] != before["decision_id"]
    assert reason_of(each_operator, asked) == "port_requested"
    call = Call(each_operator, "manager")
    outcome = {"contract_id": "C-1", "kind": "stayed", "happened_on": "2026-11-23"}
    assert call.post("/outcome", outcome).status_code == 201
    assert reason_of(each_operator, call.ask()) == "information"


def reason_of(operator: Operator, answer: dict[str, Any]) -> str:
    rows = [row for row in rows_of(operator, events) if row.about == answer["decision_id"] and row.kind == "decided"]
    [content] = [row.content for row in rows_of(operator, bodies) if row.sequence == rows[0].sequence]
    return str(orjson.loads(content)["case"]["reason_for_contact"])


def test_a_second_port_request_raises_no_second_alarm(operator: Operator) -> None:
    first, second = Call(operator).signal("port_requested"), Call(operator).signal("port_requested")
    assert first["alarm"] == second["alarm"]


def test_a_callback_that_is_all_that_was_ever_said_blocks_selling_when_it_is_late(each_operator: Operator) -> None:
    call = Call(each_operator)
    [promise] = call.signal("callback")["promises"]
    each_operator = later(each_operator, days=3)
    assert Call(each_operator).ask()["stance"] == "repair_first"
    assert promise["due_on"] < (NOON + datetime.timedelta(days=3)).date().isoformat()


def test_a_callback_is_promised_for_the_wished_day_or_the_next(each_operator: Operator) -> None:
    call = Call(each_operator)
    due = {day: call.signal("callback", **wished)["promises"][0] for day, wished in CALLBACKS.items()}
    assert {day: promise["due_on"] for day, promise in due.items()} == {day: day for day in CALLBACKS}
    assert call.signal("callback", day="2026-11-27")["promises"] == [due["2026-11-27"]]
    assert len(rows_of(each_operator, promises)) == len(CALLBACKS)


CALLBACKS: dict[str, dict[str, str]] = {
    "2026-11-23": {"day": "2026-11-23"},
    "2026-11-24": {},
    "2026-11-27": {"day": "2026-11-27"},
    "2027-11-23": {"day": "2027-11-23"},
}


def test_the_words_of_a_fault_stand_only_where_they_can_be_erased(operator: Operator) -> None:
    sentinel = "zwarte doos in de Lindenstraat 7"
    call = Call(operator)
    call.signal("fault_opened", text=sentinel)
    call.ask()
    call.signal("fault_closed")
    found = set()
    with reading(operator.service.store) as connection:
        for table in cases.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                if any(sentinel in str(value) or sentinel.encode() in _bytes(value) for value in row):
                    found.add(table.name)
    assert found <= {"cases", "bodies"}


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else b""


def test_free_text_is_kept_inert_and_composed(operator: Operator) -> None:
    texts = {
        "=cmd|' /C calc'!A0": "=cmd|' /C calc'!A0",
        "<script>alert(1)</script>": "<script>alert(1)</script>",
        "' OR 1=1 --": "' OR 1=1 --",
        "{fault} {0} %s {{7*7}}": "{fault} {0} %s {{7*7}}",
        "  re\u0301seau  ": "r\u00e9seau",
        "ligne coupée 📵": "ligne coupée 📵",
        "x" * 500: "x" * 500,
    }
    for said, kept in texts.items():
        call = Call(operator)
        call.signal("fault_opened", text=said)
        answer = call.ask()
        assert answer["repair"]["fault"] == kept
        assert kept in answer["sentences"]["agent"]["nl"]


def test_a_signal_on_an_unknown_contract_is_not_found(operator: Operator) -> None:
    body = {"contract_id": "C-9", "kind": "fault_closed"}
    assert problem(Call(operator).post("/signal", body)) == (404, "not-found")


@pytest.mark.parametrize(("role", "status"), [("agent", 201), ("supervisor", 201), ("manager", 201), ("auditor", 403)])
def test_who_may_tell_what_was_heard(operator: Operator, role: str, status: int) -> None:
    body = {"contract_id": "C-1", "kind": "fault_closed"}
    assert Call(operator, role).post("/signal", body).status_code == status


def test_an_offer_named_after_a_fault_cannot_be_accepted(operator: Operator) -> None:
    call = Call(operator)
    offered = call.ask()
    call.show(offered)
    Call(operator, "supervisor").signal("fault_opened", text="no signal")
    accepted = call.post("/accept", named(offered), **{"Idempotency-Key": "late"})
    assert problem(accepted) == (409, "withdrawn")
