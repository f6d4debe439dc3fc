"""The database crashes while customers accept: nothing acknowledged is lost, and service comes back by itself."""

import contextlib
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import psycopg
import pytest

from tests.databases import PostgreSQL
from tests.faults.clients import Desk, Line
from tests.faults.conftest import Figure
from tests.faults.crowds import work_through
from tests.faults.operators import AGENTS, Place
from tests.faults.records import Told, count_acceptances, doubled, flaw_of_journal, integrity, lost, wrong
from tests.faults.servers import Server, kill
from tests.faults.test_kills import accept_one

CLIENTS = 8
ACCEPTS_A_CRASH = 15
BACK_SECONDS = 3.0
HOLDER = """
import sys
from pysqlite3 import dbapi2 as sqlite
beside = sqlite.connect(sys.argv[1], timeout=20, isolation_level=None)
beside.execute("PRAGMA cache_size = 1")  # so that pages of the open transaction reach the file
beside.execute("BEGIN IMMEDIATE")
beside.execute("UPDATE events SET details = details || 'x' WHERE sequence < 200")
beside.execute("UPDATE acceptances SET terms_digest = 'never committed'")
print("held", flush=True)
sys.stdin.read()
"""


def crash_sqlite(place: Place, chance: random.Random) -> None:
    """Kill a process that has written half a transaction and holds the lock of the file."""
    command = [sys.executable, "-c", HOLDER, place.database.removeprefix("sqlite:///")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        time.sleep(chance.uniform(0.0, 0.2))
        holder.kill()


def crash_postgresql(place: Place, server: PostgreSQL, chance: random.Random) -> None:
    """Kill a backend that works for us, or stop the whole server as a power cut would and start it again."""
    if chance.random() < 0.5:
        server.stop(signal.SIGQUIT)
        time.sleep(chance.uniform(0.0, 0.2))
        server.start()
        return
    ours = "SELECT pid FROM pg_stat_activity WHERE usename = 'counteroffer'"
    with contextlib.suppress(psycopg.OperationalError):
        with psycopg.connect(server.address("postgres", "postgres")) as beside:
            pids = [row[0] for row in beside.execute(ours)]
        if pids:
            kill(chance.choice(pids))
    place.wait_until_there()


def crash_along(
    crash: Callable[[], None], server: Server, moments: list[int], done: list[Told], waited: list[float]
) -> None:
    for moment in moments:
        while len(done) < moment:
            time.sleep(0.005)
        crash()
        begun = time.monotonic()
        server.wait_until_ready()
        waited.append(time.monotonic() - begun)


@pytest.mark.shows("B3", "F1")
def test_no_acknowledged_acceptance_is_lost_when_the_database_crashes(
    place: Place, server: Server, seed: int, soak: bool, figure: Figure, request: pytest.FixtureRequest
) -> None:
    crashes, chance = 200 if soak else 20, random.Random(seed)
    ids = [f"C-{number}" for number in range((crashes + 1) * ACCEPTS_A_CRASH)]
    place.add_contracts(ids)
    desks = [Desk(Line(server.port, place.keys[number % AGENTS])) for number in range(CLIENTS)]
    moments = [ACCEPTS_A_CRASH * number for number in range(1, crashes + 1)]
    waited: list[float] = []
    done: list[Told] = []
    if place.kind == "sqlite":
        crash = partial(crash_sqlite, place, chance)
    else:
        crash = partial(crash_postgresql, place, request.getfixturevalue("postgresql"), chance)
    with ThreadPoolExecutor(1) as pool:
        workers = [lambda id, desk=desk: accept_one(desk, id) for desk in desks]
        clients = pool.submit(work_through, workers, ids, done)
        crash_along(crash, server, moments, done, waited)  # here: a database ends with the thread that started it
        clients.result()

    store = place.open()
    assert [told.reply.status for told in done] == [201] * len(ids)
    assert count_acceptances(store) == len(ids)
    assert (lost(store, done), doubled(store), wrong(store, done)) == ([], [], [])
    assert flaw_of_journal(store) is None
    assert integrity(store) == "ok"
    store.dispose()
    assert len(waited) == crashes
    assert max(waited) <= BACK_SECONDS
    refused = sum(1 for desk in desks for _, reply in desk.answers if reply.status == 503)
    assert not [reply for desk in desks for _, reply in desk.answers if reply.status >= 500 and reply.status != 503]
    figure(
        f"{crashes} crashes in {len(ids)} accepts: 0 lost, 0 doubled, 0 wrong; {refused} x 503; "
        f"service back {max(waited):.2f} s after the database at worst"
    )
