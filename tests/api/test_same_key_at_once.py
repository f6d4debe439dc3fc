"""A key whose request is still being answered: who asks with it meanwhile waits, and is told when it takes too long."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, Engine, event
from werkzeug.test import TestResponse

from tests.api.calls import Call, problem
from tests.api.world import Operator

SECONDS = 10


@contextmanager
def held_before_its_commit(store: Engine) -> Iterator[threading.Event]:
    """The next transaction that writes stops when all is written and nothing is committed; set at that moment."""
    reached, let_go = threading.Event(), threading.Event()

    def commits(connection: Connection) -> None:
        if connection.get_execution_options().get("writes") and not reached.is_set():
            reached.set()
            assert let_go.wait(SECONDS)

    event.listen(store, "commit", commits)
    yield reached
    let_go.set()


def test_a_key_in_flight_is_told_to_wait_and_then_what_was_answered(each_operator: Operator) -> None:
    call, other = Call(each_operator), Call(each_operator, contract_id="C-wish")
    asked, elsewhere = call.ask(), other.ask()
    assert call.show(asked).status_code == other.show(elsewhere).status_code == 200
    store, first = each_operator.service.store, list[TestResponse]()
    with held_before_its_commit(store) as reached:
        thread = threading.Thread(target=lambda: first.append(call.accept(asked, key="k")))
        thread.start()
        assert reached.wait(SECONDS)
        again, stranger = call.accept(asked, key="k"), other.accept(elsewhere, key="k")
        unrelated = call.accept(asked, key="another")
    thread.join()
    # A file of SQLite has one writer at a time, whatever its key: who waits too long is not told for which.
    late = (503, "dependency-unavailable")
    waiting = (409, "in-progress") if store.dialect.name == "postgresql" else late
    assert [problem(answer) for answer in (again, stranger, unrelated)] == [waiting, waiting, late]
    assert {answer.headers["Retry-After"] for answer in (again, stranger, unrelated)} == {"1"}
    once_more = call.accept(asked, key="k")
    assert (first[0].status_code, once_more.status_code, once_more.data) == (201, 201, first[0].data)
    assert once_more.headers["Idempotency-Replayed"] == "true"
    assert problem(other.accept(elsewhere, key="k")) == (422, "idempotency-mismatch")
    assert problem(call.accept(asked, key="another")) == (409, "already-accepted")


@pytest.mark.parametrize("same_body", [True, False])
def test_a_key_that_waits_briefly_hears_what_was_answered(each_operator: Operator, same_body: bool) -> None:
    call = Call(each_operator)
    asked = call.ask()
    assert call.show(asked).status_code == 200
    first, second = list[TestResponse](), list[TestResponse]()
    body = asked if same_body else {**asked, "digest": "0" * 64}
    with held_before_its_commit(each_operator.service.store) as reached:
        threads = [threading.Thread(target=lambda: first.append(call.accept(asked, key="k")))]
        threads[0].start()
        assert reached.wait(SECONDS)
        threads.append(threading.Thread(target=lambda: second.append(call.accept(body, key="k"))))
        threads[1].start()
    for thread in threads:
        thread.join()
    if same_body:
        assert (second[0].status_code, second[0].data) == (first[0].status_code, first[0].data) == (201, first[0].data)
        assert second[0].headers["Idempotency-Replayed"] == "true"
    else:
        assert (first[0].status_code, problem(second[0])) == (201, (422, "idempotency-mismatch"))
