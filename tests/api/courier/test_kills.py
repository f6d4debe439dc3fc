"""The courier killed at any moment, the receiver failing in every way: nothing is missing, doubles are the same."""

import multiprocessing
import random
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, select

from api.courier.destination import Destination
from api.courier.rounds import Courier, Pace
from ledger.store import migrate, open_store, reading
from ledger.tables import outbox
from tests.api.courier.outbox import destination_of, fill, in_order, now
from tests.order_system import OrderSystem, failing, repeated, running

KILLS = 200
COURIERS = 2
PACE = Pace(patience=0.3, claim=0.5, first_wait=0.02, longest_wait=0.1)
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.api.courier.test_kills"])


@pytest.fixture
def store(database: str) -> Iterator[Engine]:
    engine = open_store(database)
    migrate(engine)
    yield engine
    engine.dispose()


def walk_for_ever(database: str, destination: Destination) -> None:
    courier = Courier(open_store(database), destination, now, PACE)
    while True:
        courier.walk()
        time.sleep(0.005)


def start(database: str, destination: Destination) -> multiprocessing.process.BaseProcess:
    process = PROCESSES.Process(target=walk_for_ever, args=(database, destination), daemon=True)
    process.start()
    return process


def waiting(store: Engine) -> int:
    with reading(store) as connection:
        return len(connection.execute(select(outbox.c.message_id).where(outbox.c.delivered_at.is_(None))).all())


@pytest.mark.long
def test_killed_at_any_moment_nothing_is_missing_and_what_comes_twice_is_the_same(store: Engine, database: str) -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    with running(OrderSystem(choose=failing(seed, share=0.4))) as system:
        destination, posted, kills = destination_of(system), {}, 0
        couriers = [start(database, destination) for _ in range(COURIERS)]
        while kills < KILLS:
            if kills % 20 == 0:
                posted.update(more(store, kills // 20))
            time.sleep(chance.uniform(0.0, 0.25))
            victim = chance.randrange(COURIERS)
            couriers[victim].kill()
            couriers[victim].join()
            couriers[victim] = start(database, destination)
            kills += 1
        give_up = time.monotonic() + 60
        while waiting(store):
            assert time.monotonic() < give_up, f"seed {seed}: {waiting(store)} messages still wait"
            time.sleep(0.05)
        for courier in couriers:
            courier.kill()
            courier.join()
    wanted = {message_id for ids in posted.values() for message_id in ids}
    assert set(system.ids) == wanted, f"seed {seed}"
    assert in_order(system.ids, posted), f"seed {seed}"
    assert system.unsigned == 0
    bodies = {message_id: {body for each, body in system.arrived if each == message_id} for message_id in wanted}
    assert {len(found) for found in bodies.values()} == {1}, f"seed {seed}"
    ways = {way for _, way in system.seen}
    print(f"{kills} kills, {len(wanted)} messages, {sum(repeated(system).values())} came again, {len(ways)} ways")


def more(store: Engine, batch: int) -> dict[str, list[str]]:
    """Messages of ten more contracts, three each."""
    return {f"{name} of {batch}": ids for name, ids in fill(store, count=10, messages=3).items()}
