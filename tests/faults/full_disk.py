"""`python -m tests.faults.full_disk FOLDER SEED`: customers accept while the disk is really full, and once it is not.

It mounts a small disk, so it runs in a mount namespace of its own (`unshare --mount`). Prints what came of it.
"""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

from tests.faults.clients import Desk, Line
from tests.faults.operators import WISH, Place, new_place
from tests.faults.records import Told, count_acceptances, doubled, flaw_of_journal, integrity, lost, wrong
from tests.faults.servers import Server

MEGABYTES, ROUNDS = 8, 15
MOST_LEFT_BYTES = 100_000
RECOVERY_SECONDS = 5.0


def fill(disk: Path, leave: int) -> Path:
    """A file that takes all the room but so many bytes."""
    filler, room = disk / "filler", os.statvfs(disk)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(room.f_bavail * room.f_frsize - leave, 1))
    return filler


def accept_without_room(server: Server, desk: Desk, disk: Path, leave: int) -> tuple[int, list[Told]]:
    """(the status of an acceptance on the full disk, all that was told of it): asked again with room, it is there."""
    contract_id = f"C-{leave}"
    server.place.add_contracts([contract_id])
    named = desk.offer_shown(contract_id, wants=WISH)
    filler = fill(disk, leave)
    first = desk.line.post("/accept", named, contract_id)
    assert first.status == 201 or (first.status, first.problem) == (503, "dependency-unavailable"), first.body
    filler.unlink()
    begun = time.monotonic()
    final = desk.ask("/accept", named, contract_id)
    assert (final.status, time.monotonic() - begun < RECOVERY_SECONDS) == (201, True), final.body
    told = [Told(contract_id, named, final)]
    return first.status, told if first.status == 503 else [*told, Told(contract_id, named, first)]


def check(place: Place, told: list[Told]) -> None:
    """The store holds every acceptance once, as it was offered, in a chain and a file that are whole."""
    store = place.open()
    assert (lost(store, told), doubled(store), wrong(store, told)) == ([], [], [])
    assert count_acceptances(store) == ROUNDS
    assert (flaw_of_journal(store), integrity(store)) == (None, "ok")
    store.dispose()


def main(folder: Path, seed: int) -> None:
    """Fill the disk to another byte each time, and see what an acceptance makes of it."""
    disk, chance, told, statuses = folder / "disk", random.Random(seed), [], []
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "none", str(disk)], check=True)
    place = new_place(f"sqlite:///{disk}/store.db", folder)
    with Server(place, workers=1).running() as server:
        before, desk = server.workers(), Desk(Line(server.port, place.keys[0]))
        for leave in chance.sample(range(MOST_LEFT_BYTES), ROUNDS):
            status, more = accept_without_room(server, desk, disk, leave)
            statuses.append(status)
            told += more
        assert server.workers() == before
    check(place, told)
    print(json.dumps({"rounds": ROUNDS, "refused": statuses.count(503)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
