"""When and whom one may call, over the API: case by case, and what the journal has heard of calls to a customer."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from ledger import queries, writer
from ledger.replay import replay
from ledger.store import reading, writing
from tests.api.calls import Call, later
from tests.api.world import NOON, Operator, make_operator, make_store
from tests.call_cases import CASES, RULEBOOKS, expected, facts_of, market_of, moment_of, title
from tests.engine.questions import customers


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Engine]]:
    """A store a market, with the customers of its cases on file."""
    found = {}
    for market in RULEBOOKS:
        found[market] = make_store(tmp_path_factory.mktemp(market))
        mine = [facts_of(case, number) for number, case in enumerate(CASES) if market_of(case) == market]
        source = writer.Source("m" * 64, NOON.date(), [], "2020-01-01T00:00:00.000000Z")
        with writing(found[market]) as connection:
            writer.save_contracts(connection, customers(*mine), {}, source)
    yield found
    for store in found.values():
        store.dispose()


@pytest.fixture(scope="module")
def operators(stores: dict[str, Engine]) -> dict[str, Operator]:
    return {market: make_operator(store, RULEBOOKS[market]) for market, store in stores.items()}


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: title(CASES[number]))
def test_when_and_whom_one_may_call(operators: dict[str, Operator], number: int) -> None:
    case = CASES[number]
    operator = operators[market_of(case)].with_service(clock=lambda: moment_of(case))
    reason = case.get("facts", {}).get("reason_for_contact", "information")
    call = Call(operator, contract_id=f"C-{number}", channel="phone_out")
    answer = call.ask(reason_for_contact=reason)
    assert answer["call"].pop("time_zone")
    assert answer["call"] == expected(case)
    assert bool(answer["offers"]) is not bool(case["rules"])
    assert (call.get(f"/case/C-{number}").status_code == 200) is not bool(case["rules"])
    assert Call(operator, contract_id=f"C-{number}", channel="shop").ask(reason_for_contact=reason)["offers"]


def test_every_decision_on_a_call_replays(operators: dict[str, Operator]) -> None:
    for operator in operators.values():
        with reading(operator.service.store) as connection:
            pages = list(queries.pages_of_decisions(connection))
        assert [flaw for page in pages for flaw in replay(page, operator.service.rulebook)] == []


def calling(operator: Operator, **passed: float) -> Call:
    return Call(later(operator, **passed), channel="phone_out")


def verdict(call: Call) -> tuple[list[str], str | None]:
    told = call.ask()["call"]
    return told["rules"], told["not_before"]


def test_a_fifth_attempt_is_refused_and_calls_in_vain_count(operator: Operator) -> None:
    calling(operator).signal("no_answer")
    calling(operator, minutes=40).ask()
    calling(operator, minutes=41).ask()
    calling(operator, days=1).signal("contact", channel="phone_out")
    assert verdict(calling(operator, days=1, minutes=40)) == ([], "2026-11-24T12:40")
    assert verdict(calling(operator, days=2)) == (["FR-CALL-N"], "2026-12-23T10:00")
    assert verdict(calling(operator, days=2)) == (["FR-CALL-N"], "2026-12-23T10:00")
    assert verdict(calling(operator, days=30)) == ([], "2026-12-23T12:00")


def put_a_second_line_on_file(operator: Operator) -> None:
    source = writer.Source("m" * 64, NOON.date(), [], "2020-01-01T00:00:00.000000Z")
    second = {"contract_id": "C-second", "customer_id": "K-1", "p_churn": 0.4, "price_cents": 2490}
    with writing(operator.service.store) as connection:
        writer.save_contracts(connection, customers(second), {}, source)


def test_calls_and_refusals_count_for_the_customer_on_all_lines(operator: Operator) -> None:
    put_a_second_line_on_file(operator)
    for day in range(4):
        calling(operator, days=day).signal("no_answer")
    other = Call(later(operator, days=4), contract_id="C-second", channel="phone_out")
    assert verdict(other)[0] == ["FR-CALL-N"]
    stranger = Call(later(operator, days=4), contract_id="C-wish", channel="phone_out")
    assert verdict(stranger)[0] == []


def test_a_refusal_in_a_call_is_followed_by_sixty_days_of_silence_but_not_in_the_call_itself(
    operator: Operator,
) -> None:
    call = calling(operator)
    answer = call.ask()
    call.show(answer)
    following = call.decline(answer, "commitment_too_long").get_json()
    assert (following["call"]["rules"], bool(following["offers"])) == ([], True)
    assert verdict(calling(operator, minutes=5))[0] == []
    assert verdict(calling(operator, days=1)) == (["FR-CALL-60"], "2027-01-25T10:00")
    assert verdict(calling(operator, days=60))[0] == ["FR-CALL-60"]
    assert verdict(calling(operator, days=63)) == ([], "2027-01-25T12:00")


def test_with_the_exit_the_call_is_over_and_the_silence_begins(operator: Operator) -> None:
    call = calling(operator)
    answer = call.ask()
    call.show(answer)
    following = call.decline(answer, "too_expensive").get_json()
    assert (following["call"]["rules"], following["offers"]) == ([], [])
    assert verdict(calling(operator, minutes=5))[0] == ["FR-CALL-60"]


def test_a_refusal_at_the_counter_silences_no_phone(operator: Operator) -> None:
    shop = Call(operator, channel="shop")
    answer = shop.ask()
    shop.show(answer)
    shop.decline(answer, "too_expensive")
    assert verdict(calling(operator, days=1))[0] == []


def test_who_refuses_the_call_itself_is_left_alone_as_long(operator: Operator) -> None:
    calling(operator).signal("call_refused")
    assert verdict(calling(operator, days=1)) == (["FR-CALL-60"], "2027-01-25T10:00")


def test_a_call_is_judged_as_it_began(operator: Operator) -> None:
    before_the_break = calling(operator, minutes=58)
    before_the_break.ask()
    assert verdict(calling(operator, minutes=65))[0] == []
    another = Call(later(operator, minutes=65), role="supervisor", channel="phone_out")
    assert verdict(another)[0] == ["FR-CALL-H"]


def test_a_contact_that_was_not_lawful_does_not_become_so_by_being_written_down(operator: Operator) -> None:
    calling(operator, hours=1).signal("contact", channel="phone_out")
    assert verdict(calling(operator, hours=1, minutes=10))[0] == ["FR-CALL-H"]


def test_who_does_not_want_to_be_called_is_not_called_until_they_consent(operator: Operator) -> None:
    calling(operator).signal("do_not_call")
    assert verdict(calling(operator, days=1)) == (["HOUSE-DND"], None)
    calling(operator, days=2).signal("calls_consented")
    saturday = calling(operator, days=5)
    assert verdict(saturday) == ([], "2026-11-28T12:00")
    put_a_second_line_on_file(operator)
    assert verdict(Call(saturday.operator, contract_id="C-second", channel="phone_out"))[0] == []


def test_no_import_takes_back_that_somebody_does_not_want_to_be_called(operator: Operator) -> None:
    calling(operator).signal("do_not_call")
    facts = {"contract_id": "C-1", "customer_id": "K-1", "price_cents": 1790, "p_churn": 0.4}
    source = writer.Source("m" * 64, NOON.date(), [], "2026-11-24T00:00:00.000000Z")
    with writing(operator.service.store) as connection:
        writer.save_contracts(connection, customers(facts), {}, source)
    assert verdict(calling(operator, days=2))[0] == ["HOUSE-DND"]


def test_a_promised_call_back_is_lawful_in_the_hours(operator: Operator) -> None:
    calling(operator).signal("call_refused")
    calling(operator).signal("callback", day="2026-11-25")
    assert verdict(calling(operator, days=2))[0] == []
    assert verdict(calling(operator, days=2, hours=1))[0] == ["FR-CALL-H"]


def test_who_has_left_is_called_with_consent_only(operator: Operator) -> None:
    shop = Call(operator, role="supervisor", channel="shop")
    shop.signal("contact", channel="shop")
    left = {"contract_id": "C-1", "kind": "left", "happened_on": NOON.date().isoformat()}
    assert shop.post("/outcome", left).status_code == 201
    assert verdict(calling(operator, days=1)) == (["FR-CALL-OPTIN"], None)
    calling(operator, days=1).signal("calls_consented")
    assert verdict(calling(operator, days=2))[0] == []


def test_a_port_that_was_asked_for_ends_our_calls(operator: Operator) -> None:
    Call(operator).signal("port_requested")
    assert verdict(calling(operator, days=1)) == (["FR-PORT"], None)


def test_what_lies_on_the_table_stays_there_when_somebody_may_not_call(operator: Operator) -> None:
    shop = Call(operator, channel="shop")
    answer = shop.ask()
    refused = Call(later(operator, hours=1), role="supervisor", channel="phone_out").ask()
    assert (refused["stance"], refused["proposal_id"], refused["offers"]) == ("leave_alone", None, [])
    assert shop.show(answer).status_code == 200
    assert Call(later(operator, minutes=5), channel="shop").ask() == answer


def test_a_call_refused_writes_a_decision_and_no_contact(operator: Operator) -> None:
    early = Call(later(operator, hours=-3), channel="phone_out")
    refused = early.ask()
    assert refused["sentences"]["agent"]["fr"].startswith("N'appelez pas avant le 23 novembre 2026 à 10:00")
    with reading(operator.service.store) as connection:
        row = queries.find_decision(connection, refused["decision_id"])
    assert row is not None
    assert row.decided_at == (NOON - datetime.timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
    assert early.get("/case/C-1").status_code == 404


def test_every_signal_of_calls_is_told_in_the_timeline(operator: Operator) -> None:
    call = calling(operator)
    call.signal("contact", channel="phone_out")
    said: list[Any] = ["no_answer", "call_refused", "do_not_call", "calls_consented"]
    for kind in said:
        call.signal(kind)
    told = call.get("/case/C-1").get_json()["timeline"]
    assert [entry["kind"] for entry in told][-4:] == ["call_attempted", *said[1:]]
    assert all(entry["sentences"][language] for entry in told for language in ("fr", "nl", "en"))


def test_the_worklist_puts_forward_a_call_back_only_while_one_may_call(operator: Operator) -> None:
    calling(operator).signal("call_refused")
    calling(operator).signal("callback", day="2026-11-24")

    def waiting(**passed: float) -> list[str]:
        listed = Call(later(operator, **passed), "supervisor").get("/worklist").get_json()["items"]
        return [each["why"] for each in listed]

    assert waiting(days=2) == ["promise"]
    assert waiting(days=2, hours=1) == []
    assert waiting(days=2, hours=2) == ["promise"]
    assert waiting(days=5) == []
