"""Promises: late, broken and kept; an unkept one comes first and blocks selling; how often they are kept."""

import datetime
from typing import Any

import pytest
from sqlalchemy import select

from ledger import writer
from ledger.promised import wilson_interval
from ledger.store import reading, writing
from ledger.tables import contracts
from tests.api.calls import Call, later, problem
from tests.api.world import NOON, Operator


def settle(call: Call, promise: dict[str, Any], state: str) -> Any:
    return call.post(f"/promise/{promise['promise_id']}", {"state": state})


def called_back(operator: Operator) -> dict[str, Any]:
    """A promise to call back today."""
    return Call(operator).signal("callback", day="2026-11-23")["promises"][0]


def test_a_promise_is_late_the_day_after_it_was_due_and_blocks_selling(each_operator: Operator) -> None:
    called_back(each_operator)
    assert Call(each_operator).ask()["stance"] == "offer"
    tomorrow = Call(later(each_operator, days=1))
    answer = tomorrow.ask()
    assert (answer["stance"], answer["offers"]) == ("repair_first", [])
    assert answer["repair"] == {"fault": None, "promise": "callback"}
    assert answer["sentences"]["agent"] == {
        "fr": "Tenez d'abord ce qui était promis : le rappel. Ne vendez rien aujourd'hui.",
        "nl": "Kom eerst na wat is beloofd: het terugbellen. Verkoop vandaag niets.",
        "en": "Keep what was promised first: the call back. Sell nothing today.",
    }


def test_a_broken_promise_blocks_selling_until_it_is_kept(each_operator: Operator) -> None:
    promise, call = called_back(each_operator), Call(each_operator)
    offered = call.ask()
    assert settle(call, promise, "broken").get_json()["state"] == "broken"
    blocked = call.ask()
    assert (blocked["stance"], blocked["repair"]) == ("repair_first", {"fault": None, "promise": "callback"})
    assert blocked["proposal_id"] is None
    assert settle(call, promise, "kept").get_json()["state"] == "kept"
    assert call.ask()["offers"][0]["offer_id"] == offered["offers"][0]["offer_id"]


def test_the_promise_that_is_due_first_comes_first(operator: Operator) -> None:
    Call(operator).signal("fault_opened", text="no signal")
    called_back(operator)
    assert Call(later(operator, days=9)).ask()["repair"] == {"fault": "no signal", "promise": "callback"}


def test_a_late_repair_is_kept_by_the_end_of_the_fault(operator: Operator) -> None:
    Call(operator).signal("fault_opened", text="no signal")
    call = Call(later(operator, days=9))
    assert call.ask()["repair"] == {"fault": "no signal", "promise": "repair"}
    call.signal("fault_closed")
    assert call.ask()["stance"] == "offer"


def test_a_kept_promise_stays_kept(operator: Operator) -> None:
    promise, call = called_back(operator), Call(operator, "manager")
    first = settle(call, promise, "kept")
    assert first.get_json() == settle(call, promise, "kept").get_json()
    assert problem(settle(call, promise, "broken")) == (409, "already-recorded")


def test_an_agent_settles_promises_of_customers_they_are_in_contact_with_only(operator: Operator) -> None:
    promise = called_back(operator)
    unknown = {"promise_id": "f" * 32}
    refused = [settle(Call(operator), each, "kept").get_json(force=True) for each in (promise, unknown)]
    assert [document.pop("instance") for document in refused]
    assert refused[0] == refused[1]
    assert refused[0]["type"] == "/problems/not-found"
    Call(operator).signal("contact", channel="web")
    assert settle(Call(operator), promise, "kept").status_code == 200


@pytest.mark.parametrize("role", ["supervisor", "manager"])
def test_supervisors_and_managers_settle_any(operator: Operator, role: str) -> None:
    assert settle(Call(operator, role), called_back(operator), "kept").status_code == 200


def test_an_auditor_settles_none(operator: Operator) -> None:
    assert problem(settle(Call(operator, "auditor"), called_back(operator), "kept")) == (403, "not-allowed")


def promised(operator: Operator, kinds: dict[str, int], made: datetime.datetime = NOON) -> list[str]:
    with writing(operator.service.store) as connection:
        subject = select(contracts.c.subject_id).where(contracts.c.contract_id == "C-1")
        return writer.promise(connection, connection.execute(subject).scalar_one(), "", made, kinds)


def test_the_rate_counts_what_was_kept_by_its_day_among_all_that_was_due(each_operator: Operator) -> None:
    """Ten repairs due on the 25th: six kept on it, one a day later, one broken, two forgotten; and one due later."""
    ids = [promised(each_operator, {"repair": 2})[0] for _ in range(10)]
    promised(each_operator, {"repair": 30, "refund": 30})
    on_time, after = Call(later(each_operator, days=2), "manager"), Call(later(each_operator, days=3), "manager")
    for promise_id in ids[:6]:
        settle(on_time, {"promise_id": promise_id}, "kept")
    settle(after, {"promise_id": ids[6]}, "kept")
    settle(after, {"promise_id": ids[7]}, "broken")
    told = after.get("/promises?from=2026-11-01&until=2027-01-31").get_json()
    repair = next(each for each in told["kinds"] if each["kind"] == "repair")
    assert {name: repair[name] for name in ("kept", "kept_late", "broken", "late", "open")} == {
        "kept": 6,
        "kept_late": 1,
        "broken": 1,
        "late": 2,
        "open": 1,
    }
    assert repair["kept_share"] == 0.6
    assert repair["interval"] == {"low": 0.312674, "high": 0.831820}
    refund = next(each for each in told["kinds"] if each["kind"] == "refund")
    assert (refund["open"], refund["kept_share"], refund["interval"]) == (1, None, None)
    assert sorted(each["became"] for each in told["promises"]) == sorted(
        [*["kept"] * 6, "kept_late", "broken", "late", "late", "open", "open"]
    )
    assert {each["contract_id"] for each in told["promises"]} == {"C-1"}


def test_the_interval_is_that_of_wilson() -> None:
    """Against the figures of Newcombe 1998, table I (method 3), and the ends."""
    for kept, of, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (1, 29, 0.0061, 0.1718)):
        interval = wilson_interval(kept, of)
        assert interval is not None
        assert [round(end, 4) for end in interval] == [low, high]
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson_interval(0, 0) is None


def test_the_list_is_read_a_page_at_a_time(operator: Operator) -> None:
    promised(operator, {"repair": 1, "callback": 1, "refund": 1, "delivery": 1, "activation": 2})
    call, seen = Call(operator, "auditor"), []
    for page in (1, 2, 3):
        told = call.get(f"/promises?from=2026-11-01&until=2026-12-31&limit=2&page={page}").get_json()
        seen += told["promises"]
        assert (told["page"], told["more"]) == (page, page < 3)
    assert [each["due_on"] for each in seen] == ["2026-11-24"] * 4 + ["2026-11-25"]
    assert len({each["promise_id"] for each in seen}) == 5


def test_without_days_the_last_thirty_are_told(operator: Operator) -> None:
    told = Call(operator, "supervisor").get("/promises").get_json()
    assert (told["from"], told["until"]) == ("2026-10-25", "2026-11-23")


@pytest.mark.parametrize(("role", "status"), [("agent", 403), ("supervisor", 200), ("manager", 200), ("auditor", 200)])
def test_who_may_count_promises(operator: Operator, role: str, status: int) -> None:
    assert Call(operator, role).get("/promises").status_code == status


def test_nothing_of_the_margin_stands_in_the_list(operator: Operator) -> None:
    call = Call(operator)
    answer = call.ask()
    call.show(answer)
    assert call.accept(answer).status_code == 201
    told = Call(operator, "auditor").get("/promises?from=2026-11-01&until=2026-12-31").data
    assert b"delivery" in told or b"activation" in told
    for word in (b"margin", b"depth", b"secured", b"floor"):
        assert word not in told


def test_reading_promises_writes_nothing(operator: Operator) -> None:
    with reading(operator.service.store) as connection:
        before = connection.exec_driver_sql("SELECT length FROM chain").scalar_one()
    Call(operator, "manager").get("/promises")
    with reading(operator.service.store) as connection:
        assert connection.exec_driver_sql("SELECT length FROM chain").scalar_one() == before
