"""What the order system recorded, against what the customer accepted: every difference is named, and alarms once."""

import datetime
from typing import Any

import orjson
import pytest

from ledger.tables import alarms, events
from tests.api.calls import problem
from tests.api.orders import accepted, confirm, messages, post, rows_of, withdraw
from tests.api.world import NOON, Operator


def ordered(operator: Operator) -> tuple[str, dict[str, Any]]:
    """An order that has left: its id, and its terms as the order system got them."""
    accepted(operator)
    data = messages(operator)[0]["data"]
    return data["order_id"], data["terms"]


def echo(operator: Operator, order_id: str, terms: dict[str, Any], role: str = "order_system") -> Any:
    return operator.client.post(
        "/order-echo", json={"order_id": order_id, "terms": terms}, headers=operator.headers(role)
    )


def echoes(operator: Operator) -> list[Any]:
    return [row for row in rows_of(operator.service.store, events) if row.kind == "order_echoed"]


def raised(operator: Operator) -> list[Any]:
    return rows_of(operator.service.store, alarms)


def test_an_order_recorded_as_accepted_matches(each_operator: Operator) -> None:
    order_id, terms = ordered(each_operator)
    reply = echo(each_operator, order_id, terms)
    assert (reply.status_code, reply.get_json()) == (200, {"order_id": order_id, "match": True, "differences": []})
    assert (len(echoes(each_operator)), raised(each_operator)) == (1, [])


def test_an_order_recorded_wrongly_raises_one_alarm_however_often_it_is_told(each_operator: Operator) -> None:
    order_id, terms = ordered(each_operator)
    wrong = {**terms, "commitment_months": 24, "commitment_ends_on": "2028-11-23"}
    first, again = echo(each_operator, order_id, wrong), echo(each_operator, order_id, wrong)
    assert first.get_json() == again.get_json()
    assert first.get_json() == {
        "order_id": order_id,
        "match": False,
        "differences": [
            {"field": "commitment_months", "accepted": 12, "recorded": 24, "echoed": True},
            {"field": "commitment_ends_on", "accepted": "2027-11-23", "recorded": "2028-11-23", "echoed": True},
        ],
    }
    [alarm] = raised(each_operator)
    assert (alarm.kind, alarm.about, alarm.closed_at) == ("order-recorded-wrongly", order_id, None)
    assert orjson.loads(alarm.details)["differences"] == first.get_json()["differences"]
    assert len(echoes(each_operator)) == 1


def test_an_order_mended_closes_the_alarm_and_spoilt_again_raises_another(operator: Operator) -> None:
    order_id, terms = ordered(operator)
    wrong = {**terms, "top_up_cents": terms["top_up_cents"] + 1}
    assert echo(operator, order_id, wrong).get_json()["match"] is False
    assert echo(operator, order_id, terms).get_json()["match"] is True
    assert [alarm.closed_at is None for alarm in raised(operator)] == [False]
    assert echo(operator, order_id, wrong).get_json()["match"] is False
    assert sorted(alarm.closed_at is None for alarm in raised(operator)) == [False, True]


def test_wrong_in_another_way_is_another_alarm_in_place_of_the_first(operator: Operator) -> None:
    order_id, terms = ordered(operator)
    echo(operator, order_id, {**terms, "device": "fairphone-6"})
    echo(operator, order_id, {**terms, "device": None})
    assert len(raised(operator)) == 2
    [still] = [alarm for alarm in raised(operator) if alarm.closed_at is None]
    assert orjson.loads(still.details)["differences"][0]["recorded"] is None


WRONG_BY_ONE = {
    "offer_id": "wish.galaxy-a17.12m.top002041",
    "device": "fairphone-6",
    "top_up_cents": 2041,
    "commitment_months": 13,
    "commitment_ends_on": "2027-11-24",
    "monthly_cents": 1791,
    "discount_cents": 1,
    "discount_months": 1,
    "discount_ends_on": "2027-11-23",
    "monthly_cents_after_discount": 1791,
    "extras": ["sms_15"],
    "extras_months": 1,
    "extras_end_on": "2027-11-23",
    "credit_cents": 1,
    "trade_in": "galaxy-a17",
    "trade_in_credit_cents": 1,
}


@pytest.mark.parametrize("field", WRONG_BY_ONE)
def test_every_term_is_compared(operator: Operator, field: str) -> None:
    order_id, terms = ordered(operator)
    assert set(terms) == set(WRONG_BY_ONE)
    wrong = echo(operator, order_id, {**terms, field: WRONG_BY_ONE[field]}).get_json()
    told = {"field": field, "accepted": terms[field], "recorded": WRONG_BY_ONE[field], "echoed": True}
    assert wrong["differences"] == [told]
    left_out = {name: value for name, value in terms.items() if name != field}
    missing = echo(operator, order_id, left_out).get_json()
    assert missing["differences"] == [{"field": field, "accepted": terms[field], "recorded": None, "echoed": False}]


def test_an_echo_of_nothing_differs_in_everything(operator: Operator) -> None:
    order_id, _ = ordered(operator)
    found = echo(operator, order_id, {}).get_json()["differences"]
    assert [difference["field"] for difference in found] == list(WRONG_BY_ONE)
    assert {difference["echoed"] for difference in found} == {False}


def test_an_order_is_known_from_the_moment_it_left(operator: Operator) -> None:
    terms = {"commitment_months": 12}
    acceptance = accepted(operator, "phone_out")
    order_id = acceptance["acceptance_id"]
    unknown = [echo(operator, wrong, terms) for wrong in (order_id, "f" * 32, "C-1", acceptance["proposal_id"])]
    assert {problem(reply) for reply in unknown} == {(404, "not-found")}
    assert len({reply.get_json(force=True)["detail"] for reply in unknown}) == 1
    confirm(operator, acceptance)
    assert echo(operator, order_id, terms).status_code == 200
    withdraw(operator, acceptance, "customer")
    assert echo(operator, order_id, terms).status_code == 200


def test_the_order_system_needs_no_contact_and_may_nothing_else(operator: Operator) -> None:
    order_id, terms = ordered(operator)
    tomorrow = operator.with_service(clock=lambda: NOON + datetime.timedelta(days=1))
    assert echo(tomorrow, order_id, terms).status_code == 200
    for door in ("/offer", "/shown", "/accept", "/confirm", "/withdraw"):
        assert problem(post(operator, door, "order_system")) == (403, "not-allowed")


@pytest.mark.parametrize("role", ["agent", "supervisor", "manager", "auditor"])
def test_nobody_but_the_order_system_says_what_it_recorded(operator: Operator, role: str) -> None:
    order_id, terms = ordered(operator)
    assert problem(echo(operator, order_id, terms, role)) == (403, "not-allowed")


def test_extras_in_another_order_are_the_same_extras(operator: Operator) -> None:
    acceptance = accepted(operator, wants={"needs": ["data_20gb", "sms_unlimited"]})
    [order] = messages(operator)
    terms = order["data"]["terms"]
    assert len(terms["extras"]) > 1
    turned = {**terms, "extras": terms["extras"][::-1]}
    assert echo(operator, acceptance["acceptance_id"], turned).get_json()["match"] is True
    twice = {**terms, "extras": [*terms["extras"], terms["extras"][0]]}
    assert echo(operator, acceptance["acceptance_id"], twice).get_json()["match"] is False
