"""A backup taken while customers accept: one moment of the store, whole, with all that was told before it began."""

import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from pysqlite3 import dbapi2 as sqlite

from ledger.store import migrate, open_store
from tests.databases import PostgreSQL, find_programs
from tests.faults.clients import Desk, Line
from tests.faults.conftest import Figure
from tests.faults.operators import AGENTS, Place
from tests.faults.records import Told, count_acceptances, doubled, flaw_of_journal, integrity, lost, wrong
from tests.faults.servers import Server
from tests.faults.test_kills import accept_one

CLIENTS = 4
ACCEPTS_BETWEEN = 10
MOST_CONTRACTS = 100_000


class Restored(PostgreSQL):
    """A second server, on a copy that was taken of a running one."""

    def __init__(self, source: PostgreSQL, folder: Path) -> None:
        self.programs, self.folder, self.process = find_programs(), folder, None
        self.names = (f"never_{number}" for number in count())
        folder.mkdir()
        if not os.geteuid():
            shutil.chown(folder, *self._user)
        options = ("--checkpoint=fast", "--wal-method=stream", "--no-sync", "--username=postgres")
        self._run("pg_basebackup", *options, f"--host={source.folder}")


@contextmanager
def restored(place: Place, folder: Path, postgresql: PostgreSQL | None) -> Iterator[str]:
    """A backup taken now and opened elsewhere: the URL of the copy."""
    if postgresql is None:
        copy = folder / "copy.db"
        with sqlite.connect(place.database.removeprefix("sqlite:///")) as source, sqlite.connect(copy) as target:
            source.backup(target)
        yield f"sqlite:///{copy}"
        copy.unlink()
        return
    server = Restored(postgresql, Path(f"{postgresql.folder}-copy"))
    try:
        server.start()
        yield server.address(place.database.partition("?")[0].rpartition("/")[2])
    finally:
        server.stop(signal.SIGQUIT)
        shutil.rmtree(server.folder)


@pytest.mark.shows("B13")
def test_a_backup_under_load_is_one_moment_and_holds_what_was_told_before(
    place: Place, server: Server, soak: bool, figure: Figure, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    backups = 100 if soak else 10
    postgresql = None if place.kind == "sqlite" else request.getfixturevalue("postgresql")
    place.add_contracts([f"C-{number}" for number in range(MOST_CONTRACTS if soak else 10_000)])
    desks = [Desk(Line(server.port, place.keys[number % AGENTS])) for number in range(CLIENTS)]
    numbers, done, over = count(), [], threading.Event()

    def keep_accepting(desk: Desk) -> None:
        while not over.is_set():
            done.append(accept_one(desk, f"C-{next(numbers)}"))

    clients = [threading.Thread(target=keep_accepting, args=(desk,)) for desk in desks]
    for client in clients:
        client.start()
    held = []
    try:
        for number in range(1, backups + 1):
            while len(done) < number * ACCEPTS_BETWEEN:
                time.sleep(0.01)
            before = list(done)
            with restored(place, tmp_path, postgresql) as url:
                held.append(_check(url, before))
    finally:
        over.set()
        for client in clients:
            client.join()
    assert len(held) == backups
    figure(
        f"{backups} of {backups} backups under load: whole, chain holds, all told before in it; {held[-1]} in the last"
    )


def _check(url: str, before: list[Told]) -> int:
    store = open_store(url)
    migrate(store)
    assert integrity(store) == "ok"
    assert flaw_of_journal(store) is None
    assert (lost(store, before), doubled(store), wrong(store, before)) == ([], [], [])
    found = count_acceptances(store)
    assert found >= len(before)
    store.dispose()
    return found
