"""Messages reach the order system once each at least, in order for each contract, whatever it does."""

import datetime
import threading
import time
from collections.abc import Iterator
from itertools import chain, repeat

import orjson
import pytest
from sqlalchemy import Engine, select

from api.courier.rounds import Pace
from ledger import writer
from ledger.messages import due_messages
from ledger.store import reading, writing
from ledger.tables import events, outbox
from tests.api.courier.outbox import QUICK, courier_to, fill, in_order, now
from tests.databases import open_migrated
from tests.order_system import FAILURES, OrderSystem, failing, repeated, running


@pytest.fixture
def store(database: str) -> Iterator[Engine]:
    engine = open_migrated(database)
    yield engine
    engine.dispose()


@pytest.fixture
def system() -> Iterator[OrderSystem]:
    with running(OrderSystem()) as listening:
        yield listening


def test_what_waits_is_taken_in_order_and_written_down(store: Engine, system: OrderSystem) -> None:
    posted = fill(store, count=3, messages=4)
    tally = courier_to(system, store).walk()
    assert (tally.delivered, tally.failed, tally.waiting) == (12, 0, 0)
    assert in_order(system.ids, posted)
    assert (system.unsigned, set(repeated(system).values())) == (0, {0})
    with reading(store) as connection:
        rows = connection.execute(select(outbox)).all()
        delivered = [row.about for row in connection.execute(select(events)) if row.kind == "delivered"]
    assert {row.message_id: bytes(row.payload) for row in rows} == dict(system.arrived)
    assert (all(row.delivered_at for row in rows), sorted(delivered)) == (True, sorted(system.ids))


def test_a_request_says_what_it_carries(store: Engine, system: OrderSystem) -> None:
    fill(store, count=1, messages=1)
    courier_to(system, store).walk()
    [head] = system.heads
    assert (head["content-type"], head["host"]) == ("application/json", f"127.0.0.1:{system.port}")
    message = orjson.loads(system.arrived[0][1])
    assert message["type"] == "order.accepted"
    assert message["data"] == {"contract_id": "C-0", "order_id": "C-0-0"}
    assert datetime.datetime.fromisoformat(message["timestamp"]).tzinfo is not None


@pytest.mark.parametrize("way", [*FAILURES, "hang", "drip"])
def test_whatever_goes_wrong_the_same_message_comes_again(store: Engine, system: OrderSystem, way: str) -> None:
    posted = fill(store, count=1, messages=2)
    system.choose = lambda _: way
    courier, begun = courier_to(system, store, Pace(0.3, 2, 0.01, 0.05)), time.monotonic()
    assert courier.walk().failed >= 1
    assert time.monotonic() - begun < 3
    assert {message_id for message_id, _ in system.seen} == {posted["C-0"][0]}
    system.choose = lambda _: "received"
    time.sleep(0.06 if way != "throttle" else 0.1)
    assert courier.walk().waiting == 0
    assert system.ids == posted["C-0"]
    assert len({body for message_id, body in system.arrived if message_id == posted["C-0"][0]}) == 1


def test_a_redirect_is_not_followed(store: Engine, system: OrderSystem) -> None:
    fill(store, count=1, messages=1)
    system.choose = lambda _: "redirect"
    courier_to(system, store, Pace(0.3, 2, 60, 60)).walk()
    assert system.visitors == 1


def test_nobody_there_is_a_failure_like_any(store: Engine) -> None:
    fill(store, count=2, messages=1)
    with running(OrderSystem()) as gone:
        port = gone.port
    tally = courier_to(OrderSystem(port=port), store, Pace(0.3, 2, 60, 60)).walk()
    assert (tally.delivered, tally.failed, tally.waiting) == (0, 2, 2)


def test_a_contract_that_fails_holds_back_only_itself(store: Engine, system: OrderSystem) -> None:
    posted = fill(store, count=3, messages=3)
    system.choose = lambda message: "refuse" if message["data"]["contract_id"] == "C-1" else "received"
    tally = courier_to(system, store, Pace(0.3, 2, 60, 60)).walk()
    assert (tally.delivered, tally.failed, tally.waiting) == (6, 1, 3)
    assert set(system.ids) == {*posted["C-0"], *posted["C-2"]}


def test_a_claim_is_one_couriers_until_it_lapses(store: Engine, system: OrderSystem) -> None:
    [[message_id]] = fill(store, count=1, messages=1).values()
    with reading(store) as connection:
        [message] = due_messages(connection, now())
    with writing(store) as connection:
        assert writer.claim(connection, message, now() + datetime.timedelta(seconds=0.4))
        assert not writer.claim(connection, message, now() + datetime.timedelta(seconds=60))
    assert courier_to(system, store).walk().waiting == 1
    assert system.seen == []
    time.sleep(0.5)
    assert courier_to(system, store).walk().waiting == 0
    assert system.ids == [message_id]


def test_who_comes_back_late_changes_nothing_that_was_settled_since(store: Engine) -> None:
    fill(store, count=1, messages=1)
    with reading(store) as connection:
        [message] = due_messages(connection, now())
    claimed, later = now() - datetime.timedelta(seconds=1), now() + datetime.timedelta(seconds=60)
    with writing(store) as connection:
        assert writer.claim(connection, message, claimed)
        [again] = due_messages(connection, now())
        assert writer.claim(connection, again, later)
        assert not writer.try_later(connection, message, claimed, now())
        assert writer.mark_delivered(connection, message, now())
        assert not writer.mark_delivered(connection, again, now())
        assert not writer.try_later(connection, again, later, now())


def test_waits_double_up_to_a_limit_and_are_never_quite_alike() -> None:
    pace = Pace(first_wait=2, longest_wait=600)
    for attempts, whole in ((1, 2), (2, 4), (5, 32), (9, 512), (10, 600), (1_000_000, 600)):
        waits = {pace.wait(attempts, 0) for _ in range(50)}
        assert whole / 2 <= min(waits) < max(waits) <= whole
    assert pace.wait(1, 300) == 300
    assert pace.wait(1, 1_000_000) == 600


def test_the_receiver_may_ask_for_time(store: Engine, system: OrderSystem) -> None:
    fill(store, count=1, messages=1)
    system.choose = lambda _: "throttle"
    courier_to(system, store, Pace(0.5, 2, 0.01, 600)).walk()
    with reading(store) as connection:
        row = connection.execute(select(outbox)).one()
    wait = datetime.datetime.fromisoformat(row.next_try_at) - now()
    assert 5 < wait.total_seconds() <= 7


def test_a_courier_told_to_stop_stops_between_two_messages(store: Engine, system: OrderSystem) -> None:
    fill(store, count=5, messages=1)
    answers = chain([False] * 3, repeat(True))
    courier_to(system, store).walk(lambda: next(answers))
    assert 0 < len(system.ids) < 5


def test_several_couriers_bring_everything_once_and_in_order(store: Engine, system: OrderSystem) -> None:
    posted = fill(store, count=6, messages=5)
    couriers = [courier_to(system, store, Pace(5, 60, 0.01, 0.05)) for _ in range(4)]
    threads = [threading.Thread(target=courier.walk) for courier in couriers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert couriers[0].walk().waiting == 0
    assert in_order(system.ids, posted)
    assert set(repeated(system).values()) == {0}


def test_a_receiver_that_fails_half_the_time_gets_everything_in_order(store: Engine, system: OrderSystem) -> None:
    posted = fill(store, count=10, messages=3)
    system.choose = failing(seed=7, share=0.5)
    courier, give_up = courier_to(system, store, QUICK), time.monotonic() + 30
    while courier.walk().waiting:
        assert time.monotonic() < give_up
        time.sleep(0.02)
    assert in_order(system.ids, posted)
    assert (len(system.ids), system.unsigned) == (30, 0)
    bodies = {message_id: {body for each, body in system.arrived if each == message_id} for message_id in system.ids}
    assert {len(found) for found in bodies.values()} == {1}
