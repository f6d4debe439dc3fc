"""What the value report reads: the first decision on each contract in a period, and what is told around it."""

import datetime
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from intake.rulebook import read_rulebook
from ledger import writer
from ledger.followed import around, contracts_behind, first_decisions
from ledger.store import reading, writing
from tests.api.calls import Call, later
from tests.api.world import NOON, ROOT, Operator, fill_store, make_operator

TODAY, TOMORROW, THEN = ((NOON + datetime.timedelta(days=days)).date().isoformat() for days in range(3))


@pytest.fixture
def operator(database: str) -> Iterator[Operator]:
    store = fill_store(database)
    yield make_operator(store, read_rulebook(ROOT / "rulebook"))
    store.dispose()


def firsts(store: Engine, first: str, last: str) -> list[str]:
    with reading(store) as connection:
        return [row.decision_id for page in first_decisions(connection, first, last) for row in page]


def test_a_contract_counts_by_its_first_decision_in_the_period(operator: Operator) -> None:
    store, tomorrow = operator.service.store, later(operator, days=1)
    one = Call(operator).ask()["decision_id"]
    again = Call(tomorrow).ask()["decision_id"]
    other = Call(tomorrow, contract_id="C-wish").ask()["decision_id"]
    assert one != again
    assert firsts(store, TODAY, THEN) == [one, other]
    assert firsts(store, TOMORROW, THEN) == [again, other]
    assert firsts(store, TODAY, TODAY) == [one]
    assert firsts(store, THEN, THEN) == []


def test_around_a_contract_is_all_that_was_told_of_it_and_of_no_other(operator: Operator) -> None:
    store, call = operator.service.store, Call(operator)
    answer = call.ask()
    call.show(answer)
    call.accept(answer)
    Call(operator, contract_id="C-wish").signal("fault_opened", text="no signal")
    with reading(store) as connection:
        rows = [row for page in first_decisions(connection, TODAY, TODAY) for row in page]
        found = around(connection, [row.subject_id for row in rows])
        [mine] = found.values()
        whose = contracts_behind(connection, [*found, "nobody"])
    assert [event.kind for event in mine.events] == ["contact_opened"]
    assert [taken.terms for taken in mine.acceptances] != []
    assert [proposal.proposal_id for proposal in mine.proposals] == [answer["proposal_id"]]
    assert {promise.kind for promise in mine.promises} >= {"activation", "first_check"}
    assert (mine.outcomes, mine.complaints) == ((), ())
    assert [row.contract_id for row in mine.on_file] == ["C-1"]
    assert list(whose.values()) == ["C-1"]


def test_what_was_withdrawn_in_time_does_not_bind(operator: Operator) -> None:
    call = Call(operator)
    answer = call.ask()
    call.show(answer)
    call.accept(answer)
    gone = {"proposal_id": answer["proposal_id"], "by": "customer", "because": "changed_mind"}
    assert call.post("/withdraw", gone, **{"Idempotency-Key": "once"}).status_code == 200
    with reading(operator.service.store) as connection:
        rows = [row for page in first_decisions(connection, TODAY, TODAY) for row in page]
        [mine] = around(connection, [row.subject_id for row in rows]).values()
    assert mine.acceptances == ()


def test_of_the_erased_there_is_neither_record_nor_name(operator: Operator) -> None:
    store = operator.service.store
    Call(operator).ask()
    with writing(store) as connection:
        assert writer.erase(connection, "C-1", NOON)
    with reading(store) as connection:
        [row] = [row for page in first_decisions(connection, TODAY, TODAY) for row in page]
        assert row.record is None
        assert around(connection, [row.subject_id])[row.subject_id].on_file == ()
        assert contracts_behind(connection, [row.subject_id]) == {}
