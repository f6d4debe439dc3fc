"""POST /outcome, and what the calendar ends by itself."""

import datetime
from typing import Any

import pytest
from sqlalchemy import select

from ledger.store import reading, writing
from ledger.tables import acceptances, alarms, events, outcomes, proposals, stock
from ledger.writer import sweep
from tests.api.calls import Call, later, problem
from tests.api.world import NOON, Operator

ENDED = {"contract_id": "C-1", "kind": "ported", "happened_on": "2026-11-20"}
WISH = {"device": "galaxy-a17", "max_commitment_months": 12}


def rows_of(operator: Operator, table: object) -> list[Any]:
    with reading(operator.service.store) as connection:
        return list(connection.execute(select(table)))


def test_an_outcome_is_written_once(each_operator: Operator) -> None:
    call = Call(each_operator, "manager")
    first = call.post("/outcome", ENDED)
    assert (first.status_code, first.get_json()) == (201, {**ENDED, "recorded_at": "2026-11-23T11:00:00.000000Z"})
    assert problem(call.post("/outcome", ENDED)) == (409, "already-recorded")
    assert problem(call.post("/outcome", {**ENDED, "kind": "stayed"})) == (409, "already-recorded")
    assert call.post("/outcome", {**ENDED, "happened_on": "2026-11-21"}).status_code == 201
    kept = [(row.kind, row.happened_on) for row in rows_of(each_operator, outcomes)]
    assert sorted(kept) == [("ported", "2026-11-20"), ("ported", "2026-11-21")]
    assert [row.kind for row in rows_of(each_operator, events)].count("outcome") == 2


def test_who_has_left_gets_no_offer_and_the_port_is_seen_to(each_operator: Operator) -> None:
    call = Call(each_operator, "supervisor")
    call.ask()
    call.signal("port_requested")
    call.ask()
    assert call.post("/outcome", ENDED).status_code == 201
    assert {row.state for row in rows_of(each_operator, proposals)} == {"closed"}
    assert call.ask()["offers"] == []
    call.signal("objection")
    assert call.ask()["offers"] == []
    assert [row.closed_at is None for row in rows_of(each_operator, alarms)] == [False]


def test_who_has_stayed_keeps_the_offer(operator: Operator) -> None:
    call = Call(operator, "manager")
    answer = call.ask()
    assert call.post("/outcome", {**ENDED, "kind": "stayed"}).status_code == 201
    assert call.show(answer).status_code == 200


@pytest.mark.parametrize(("role", "status"), [("agent", 403), ("supervisor", 201), ("manager", 201), ("auditor", 403)])
def test_who_may_tell_how_it_ended(operator: Operator, role: str, status: int) -> None:
    assert Call(operator, role).post("/outcome", ENDED).status_code == status


def test_an_outcome_of_an_unknown_contract_is_not_found(operator: Operator) -> None:
    assert problem(Call(operator, "manager").post("/outcome", {**ENDED, "contract_id": "C-9"})) == (404, "not-found")


def unconfirmed(operator: Operator) -> dict[str, Any]:
    """An offer with a phone, accepted on a call of ours and not confirmed."""
    call = Call(operator, channel="phone_out")
    answer = call.ask(wants=WISH)
    call.show(answer)
    accepted = call.accept(answer)
    assert accepted.get_json()["status"] == "to_confirm"
    return accepted.get_json()


def taken(operator: Operator) -> int:
    return sum(row.taken for row in rows_of(operator, stock))


def moment(iso: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(iso)


@pytest.mark.parametrize(("late", "state", "held"), [(-1e-6, "to_confirm", 1), (0, "expired", 0), (1e-6, "expired", 0)])
def test_an_acceptance_that_nobody_confirmed_expires_when_its_case_is_opened(
    each_operator: Operator, late: float, state: str, held: int
) -> None:
    accepted = unconfirmed(each_operator)
    passed = moment(accepted["confirm_by"]) - NOON + datetime.timedelta(seconds=late)
    Call(later(each_operator, seconds=passed.total_seconds()), "supervisor").signal("contact", channel="web")
    assert [row.state for row in rows_of(each_operator, acceptances)] == [state]
    assert taken(each_operator) == held


def test_a_sweep_expires_what_nobody_opens(each_operator: Operator) -> None:
    accepted = unconfirmed(each_operator)
    Call(each_operator, contract_id="C-wish").ask()
    zone, store = each_operator.service.zone, each_operator.service.store

    def swept(at: datetime.datetime) -> int:
        with writing(store) as connection:
            return sweep(connection, at.astimezone(zone))

    last = moment(accepted["confirm_by"])
    [live] = [row for row in rows_of(each_operator, proposals) if row.state == "live"]
    last_day = datetime.date.fromisoformat(live.expires_on)
    midnight = datetime.datetime.combine(last_day + datetime.timedelta(days=1), datetime.time(), zone)
    assert swept(min(last, midnight) - datetime.timedelta(seconds=1)) == 0
    assert swept(max(last, midnight)) == 2
    assert swept(max(last, midnight)) == 0
    assert {row.state for row in rows_of(each_operator, acceptances)} == {"expired"}
    assert {row.state for row in rows_of(each_operator, proposals)} == {"closed"}
    assert taken(each_operator) == 0
    assert [row.kind for row in rows_of(each_operator, events)].count("expired") == 2


def test_a_proposal_holds_through_its_last_day(operator: Operator) -> None:
    answer = Call(operator).ask()
    last = datetime.datetime.fromisoformat(answer["expires_on"] + "T23:59:59+01:00")
    on_the_day = operator.with_service(clock=lambda: last)
    Call(on_the_day).signal("contact", channel="shop")
    assert Call(on_the_day).show(answer).status_code == 200
    after = operator.with_service(clock=lambda: last + datetime.timedelta(seconds=1))
    Call(after).signal("contact", channel="shop")
    assert problem(Call(after).show(answer)) == (410, "offer-expired")
