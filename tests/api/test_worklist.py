"""GET /worklist: what needs a human, the most pressing first; each sees what they may."""

from typing import Any

import pytest
from sqlalchemy import update

from ledger.store import writing
from ledger.tables import offers
from tests.api.calls import Call, later, named, problem
from tests.api.world import Operator


def listed(call: Call, address: str = "/worklist") -> list[dict[str, Any]]:
    response = call.get(address)
    assert response.status_code == 200, response.data
    return response.get_json()["items"]


def whys(call: Call) -> list[str]:
    return [each["why"] for each in listed(call)]


def fill(operator: Operator) -> None:
    """One of everything, on four contracts, in an order that is not that of the list."""
    Call(operator, contract_id="C-objects").signal("port_requested")
    out = Call(operator, contract_id="C-wish", channel="phone_out")
    answer = out.ask()
    out.show(answer)
    assert out.accept(answer).get_json()["status"] == "to_confirm"
    call = Call(operator)
    first, second = call.ask(), call.ask(wants={"device": "galaxy-a17", "max_commitment_months": 12})
    assert problem(call.show(first)) == (412, "not-the-same-offer")
    call.show(second)
    deepen(operator, second)
    call.signal("public_complaint", where="forum", reach=50)
    call.signal("public_complaint", where="press", reach=50_000)
    fault = Call(operator, contract_id="C-fault")
    fault.signal("fault_opened", text="no signal")
    fault.signal("callback", day="2026-11-23")


def deepen(operator: Operator, answer: dict[str, Any]) -> None:
    """As if the offer conceded more than one person may grant."""
    here = (offers.c.proposal_id == answer["proposal_id"]) & (offers.c.state == "shown")
    with writing(operator.service.store) as connection:
        assert connection.execute(update(offers).where(here).values(depth_cents=25_001)).rowcount == 1


def test_the_most_pressing_comes_first_and_the_soonest_inside_it(each_operator: Operator) -> None:
    fill(each_operator)
    items = listed(Call(later(each_operator, days=9), "supervisor"))
    assert [(each["why"], each["contract_id"], each["until"], each["role"]) for each in items] == [
        ("promise", "C-fault", "2026-11-23", "supervisor"),
        ("promise", "C-fault", "2026-11-25", "supervisor"),
        ("alarm", "C-1", None, "supervisor"),
        ("public_complaint", "C-1", "2026-11-23T13:00:00.000000Z", "manager"),
        ("public_complaint", "C-1", "2026-11-24T11:00:00.000000Z", "supervisor"),
        ("approval", "C-1", "2026-12-07", "supervisor"),
        ("confirmation", "C-wish", "2026-12-07T23:00:00.000000Z", "agent"),
        ("port_requested", "C-objects", None, "agent"),
    ]


def test_each_line_says_in_three_languages_what_to_do(operator: Operator) -> None:
    fill(operator)
    items = listed(Call(later(operator, days=9), "manager"))
    assert [each["sentences"]["fr"] for each in items][:2] == [
        "Promesse à tenir, due le 23 novembre 2026 : le rappel.",
        "Promesse à tenir, due le 25 novembre 2026 : la réparation.",
    ]
    assert items[3]["sentences"] == {
        "fr": "Plainte publique (la presse), lue par 50000 personnes : répondre avant le 23 novembre 2026 à 14:00.",
        "nl": "Openbare klacht (de pers), gelezen door 50000 mensen: antwoorden voor 23 november 2026 om 14:00.",
        "en": "Public complaint (the press), read by 50000 people: answer before 23 November 2026, 14:00.",
    }
    assert all(set(each["sentences"]) == {"fr", "nl", "en"} for each in items)


def test_what_is_seen_to_leaves_the_list(operator: Operator) -> None:
    fill(operator)
    manager = Call(later(operator, days=9), "manager")
    for each in listed(manager):
        door = {"promise": ("promise", "kept"), "approval": None, "confirmation": None}.get(
            each["why"], ("alarm", "closed")
        )
        if door is not None:
            assert manager.post(f"/{door[0]}/{each['about']}", {"state": door[1]}).status_code == 200
    assert whys(manager) == ["approval", "confirmation"]


def test_an_approval_takes_an_offer_off_the_list(operator: Operator) -> None:
    call = Call(operator)
    answer = call.ask()
    call.show(answer)
    deepen(operator, answer)
    supervisor = Call(operator, "supervisor")
    assert whys(supervisor) == ["approval"]
    supervisor.signal("contact", channel="shop")
    assert supervisor.post("/approval", {**named(answer), "verdict": "approved"}).status_code < 300
    assert whys(supervisor) == []


def test_an_agent_sees_the_customers_they_are_in_contact_with(each_operator: Operator) -> None:
    fill(each_operator)
    calm = later(each_operator, days=9)
    assert listed(Call(calm)) == []
    Call(calm, contract_id="C-fault").signal("contact", channel="shop")
    assert {each["contract_id"] for each in listed(Call(calm))} == {"C-fault"}
    over = later(calm, minutes=31)
    assert listed(Call(over)) == []


def test_what_is_not_due_needs_nobody(operator: Operator) -> None:
    call = Call(operator, "manager")
    call.signal("fault_opened", text="no signal")
    call.signal("callback")
    Call(operator, "manager", contract_id="C-wish").ask()
    assert listed(call) == []


def test_the_list_is_read_a_page_at_a_time(operator: Operator) -> None:
    fill(operator)
    manager = Call(later(operator, days=9), "manager")
    whole, pieces = listed(manager), []
    for page in (1, 2, 3):
        told = manager.get(f"/worklist?limit=3&page={page}").get_json()
        pieces += told["items"]
        assert (told["page"], told["more"]) == (page, page < 3)
    assert pieces == whole
    assert listed(manager, "/worklist?page=10000") == []


@pytest.mark.parametrize(("role", "status"), [("agent", 200), ("supervisor", 200), ("manager", 200), ("auditor", 403)])
def test_who_may_read_the_worklist(operator: Operator, role: str, status: int) -> None:
    assert Call(operator, role).get("/worklist").status_code == status


def test_an_alarm_is_seen_to_once_and_may_be_told_again(each_operator: Operator) -> None:
    alarm = Call(each_operator).signal("public_complaint", where="forum", reach=5)["alarm"]
    address, body = f"/alarm/{alarm['alarm_id']}", {"state": "closed"}
    first = Call(each_operator, "supervisor").post(address, body).get_json()
    assert first == {**alarm, "closed_at": "2026-11-23T11:00:00.000000Z"}
    assert Call(later(each_operator, hours=1), "manager").post(address, body).get_json() == first


@pytest.mark.parametrize(
    ("role", "in_contact", "kind", "status"),
    [
        ("agent", True, "port_requested", 200),
        ("agent", False, "port_requested", 404),
        ("agent", True, "public_complaint", 404),
        ("supervisor", False, "public_complaint", 200),
        ("manager", False, "port_requested", 200),
        ("auditor", True, "port_requested", 403),
    ],
)
def test_who_may_see_to_an_alarm(operator: Operator, role: str, in_contact: bool, kind: str, status: int) -> None:
    more = {"where": "forum", "reach": 5} if kind == "public_complaint" else {}
    alarm = Call(operator, "manager").signal(kind, **more)["alarm"]
    if in_contact and role != "auditor":
        Call(operator, role).signal("contact", channel="web")
    answer = Call(operator, role).post(f"/alarm/{alarm['alarm_id']}", {"state": "closed"})
    assert answer.status_code == status
    if status == 404:
        unknown = Call(operator, role).post(f"/alarm/{'f' * 32}", {"state": "closed"}).get_json(force=True)
        assert {**answer.get_json(force=True), "instance": ""} == {**unknown, "instance": ""}
