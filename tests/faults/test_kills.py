"""SIGKILL of workers and of the master while customers accept: nothing lost, nothing doubled, nothing wrong."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.world import ROOT
from tests.faults.clients import Desk, Line, Reply
from tests.faults.conftest import Figure
from tests.faults.crowds import work_through
from tests.faults.operators import AGENTS, WISH, Place
from tests.faults.records import Told, count_acceptances, doubled, flaw_of_journal, lost, unrecorded, wrong
from tests.faults.servers import Server, kill

CLIENTS = 32
EVERY_NTH_KILL_IS_THE_MASTER = 10


def accept_one(desk: Desk, contract_id: str) -> Told:
    """Bring one contract from the question to the acceptance, whatever happens to the server meanwhile."""
    number = int(contract_id.removeprefix("C-"))
    named = desk.offer_shown(contract_id, **({"wants": WISH} if number % 3 == 0 else {}))
    key = f"key-of-{contract_id}"
    return Told(key, named, desk.ask("/accept", named, key))


def kill_along(server: Server, chance: random.Random, moments: Sequence[int], done: list[Told]) -> None:
    """Kill a random worker, or the master, each time that so many acceptances are done, and a moment later."""
    for number, moment in enumerate(moments, start=1):
        while len(done) < moment:
            time.sleep(0.005)
        time.sleep(chance.uniform(0.0, 0.2))
        if number % EVERY_NTH_KILL_IS_THE_MASTER == 0:
            server.restart_killed()
            continue
        while not (workers := server.workers()) or not kill(chance.choice(workers)):
            time.sleep(0.005)


def replay_all(place: Place) -> str:
    """What `counteroffer replay --all` says."""
    environment = {**os.environ, "COUNTEROFFER_DATABASE": place.database}
    command = [sys.executable, "-c", "from commands.main import main; main()", "replay", "--all"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    return done.stdout.strip()


def answers_of(desks: Sequence[Desk], door: str) -> list[Reply]:
    """All answers that clients had from one door."""
    return [reply for desk in desks for asked, reply in desk.answers if asked == door]


@pytest.mark.shows("B1", "C2", "F7")
@pytest.mark.in_parts(4)
def test_kills_at_any_moment_lose_and_double_no_acceptance(
    place: Place, server: Server, seed: int, soak: bool, parts: int, figure: Figure
) -> None:
    accepts, kills = (100_000 // parts, 2_000 // parts) if soak else (1_000, 20)
    ids = [f"C-{number}" for number in range(accepts)]
    place.add_contracts(ids)
    desks = [Desk(Line(server.port, place.keys[number % AGENTS])) for number in range(CLIENTS)]
    moments = [accepts * number // (kills + 1) for number in range(1, kills + 1)]
    done: list[Told] = []
    with ThreadPoolExecutor(1) as pool:
        killer = pool.submit(kill_along, server, random.Random(seed), moments, done)
        work_through([lambda id, desk=desk: accept_one(desk, id) for desk in desks], ids, done)  # type: ignore[misc]
        killer.result()

    store = place.open()
    assert [told.reply.status for told in done] == [201] * accepts
    assert count_acceptances(store) == accepts
    assert (lost(store, done), doubled(store), wrong(store, done)) == ([], [], [])
    assert flaw_of_journal(store) is None
    offered = [reply.body for reply in answers_of(desks, "/offer") if reply.status == 200]
    assert unrecorded(store, offered) == []
    store.dispose()
    broken = [reply for desk in desks for _, reply in desk.answers if reply.status >= 500 and reply.status != 503]
    assert broken == []
    unknown = sum(desk.unknown for desk in desks)
    replayed = sum(1 for told in done if told.reply.replayed)
    figure(
        f"{accepts} accepts, {kills} kills: 0 lost, 0 doubled, 0 wrong; {unknown} requests without an answer asked "
        f"again, {replayed} acceptances told by their key; {len(offered)} answers of /offer on record; "
        f"{replay_all(place)}"
    )
