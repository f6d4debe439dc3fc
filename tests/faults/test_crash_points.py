"""Every point at which an acceptance can be cut short: killed before its k-th system call, or that call fails.

SQLite runs in WAL mode only: the store refuses a rollback journal at start (`not-durable`), so one mode is shown.
"""

import http.client
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import text

from ledger import writer
from ledger.store import reading, writing
from tests.faults.clients import Desk, Line
from tests.faults.conftest import Figure
from tests.faults.operators import WISH, Place
from tests.faults.records import (
    Told,
    count_acceptances,
    count_decisions,
    doubled,
    flaw_of_journal,
    integrity,
    lost,
    unrecorded,
    wrong,
)
from tests.faults.servers import Server
from tests.faults.tracing import attached

MOST_POINTS = 300
RECOVERY_SECONDS = 5.0
PAGES_OF_A_CHECKPOINT = 1_000
NEARLY_FULL = 985


@dataclass
class Stand:
    """A server with one worker, so that it is known which process answers; every acceptance so far."""

    place: Place
    server: Server
    told: list[Told] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.place.add_contracts([f"C-{number}" for number in range(3 * MOST_POINTS)])
        self.desk = Desk(Line(self.server.port, self.place.keys[0]))
        self._numbers = itertools.count()

    def worker(self) -> list[int]:
        """The process that answers."""
        return self.server.workers()

    def backends(self) -> list[int]:
        """The processes of PostgreSQL that work for the server."""
        store = self.place.open()
        ours = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        with reading(store) as connection:
            pids = list(connection.execute(text(ours)).scalars())
        store.dispose()
        return pids

    def accept_under(self, processes: Callable[[], list[int]], expression: str, prepare: Callable[[], object]) -> bool:
        """One acceptance while `expression` is injected; False when it was never due. Asked again, it is accepted once.

        The first answer may be none (killed), 503 as a problem document, or 201 when the fault came after the commit.
        """
        contract_id = f"C-{next(self._numbers)}"
        named, key = self.desk.offer_shown(contract_id, wants=WISH), f"key-of-{contract_id}"
        prepare()
        first = None
        trap = f"inject={expression}"
        calls = f"trace={expression.partition(':')[0]}"
        with attached(processes(), self.place.folder / "strace", calls, trap) as trace:
            try:
                first = self.desk.line.post("/accept", named, key)
            except (OSError, http.client.HTTPException):
                assert ":signal=KILL" in expression
            met = first is None or bool(trace.injected()) or first.status != 201
        if first is not None:
            assert first.status in (201, 503), first.body
            assert first.status == 201 or first.content_type == "application/problem+json"
            self._told(key, named, first)
        self.place.wait_until_there()  # a database that fell with its disk needs a moment of its own
        begun = time.monotonic()
        final = self.desk.ask("/accept", named, key)
        assert ":signal=KILL" in expression or time.monotonic() - begun < RECOVERY_SECONDS
        assert final.status == 201, final.body
        assert first is None or first.status != 201 or (final.body, final.replayed) == (first.body, True)
        self._told(key, named, final)
        return met

    def _told(self, key: str, named: dict[str, str], reply: object) -> None:
        self.told.append(Told(key, named, reply))  # type: ignore[arg-type]

    def check(self) -> None:
        """The store holds every acceptance once, as it was offered, in a chain and a file that are whole."""
        store = self.place.open()
        assert (lost(store, self.told), doubled(store), wrong(store, self.told)) == ([], [], [])
        assert count_acceptances(store) == len({told.key for told in self.told})
        assert flaw_of_journal(store) is None
        assert integrity(store) == "ok"
        store.dispose()


@pytest.fixture
def stand(place: Place) -> Iterator[Stand]:
    with Server(place, workers=1).running() as server:
        yield Stand(place, server)


@pytest.fixture
def sqlite_stand(sqlite_place: Place) -> Iterator[Stand]:
    with Server(sqlite_place, workers=1).running() as server:
        yield Stand(sqlite_place, server)


@pytest.fixture
def postgresql_stand(postgresql_place: Place) -> Iterator[Stand]:
    with Server(postgresql_place, workers=1).running() as server:
        yield Stand(postgresql_place, server)


def nothing() -> None:
    """Nothing needs to be prepared."""


def every_point(
    stand: Stand, processes: Callable[[], list[int]], call: str, what: str, prepare: Callable[[], object] = nothing
) -> int:
    """Inject at the first, second, ... such call of an acceptance until one is through; how many points that were."""
    for count in range(1, MOST_POINTS):
        if not stand.accept_under(processes, f"{call}:{what.format(count)}", prepare):
            return count - 1
        stand.server.wait_until_ready()
    raise AssertionError(f"more than {MOST_POINTS} calls of {call}")


KILL = "signal=KILL:when={}"


@pytest.mark.shows("B2")
def test_a_worker_killed_at_any_write_sync_or_send_leaves_one_acceptance(stand: Stand, figure: Figure) -> None:
    calls = ("pwrite64", "fdatasync", "fsync", "sendto") if stand.place.kind == "sqlite" else ("sendto",)
    points = {call: every_point(stand, stand.worker, call, KILL) for call in calls}
    stand.check()
    assert points["sendto"] >= 1
    assert stand.place.kind != "sqlite" or (points["pwrite64"] > 1 and points["fdatasync"] + points["fsync"] >= 1)
    figure(f"killed before each of {points}: one acceptance each, 0 bad")


@pytest.mark.shows("B2")
def test_a_backend_killed_at_any_write_or_sync_leaves_one_acceptance(postgresql_stand: Stand, figure: Figure) -> None:
    stand = postgresql_stand
    points = {call: every_point(stand, stand.backends, call, KILL) for call in ("pwrite64", "fdatasync", "sendto")}
    stand.check()
    assert points["fdatasync"] >= 1
    figure(f"backend killed before each of {points}: one acceptance each, 0 bad")


def fill_the_log(place: Place) -> None:
    """Bring the WAL near the length at which the next commit copies it into the file."""
    store = place.open()
    with sqlite.connect(store.url.database) as beside:
        while beside.execute("PRAGMA wal_checkpoint(NOOP)").fetchone()[1] < NEARLY_FULL:
            with writing(store) as connection:
                connection.exec_driver_sql("PRAGMA wal_autocheckpoint = 0")
                writer.create_key(connection, "nobody", "agent")
    store.dispose()


@pytest.mark.shows("B2", "B6")
@pytest.mark.parametrize("what", ["signal=KILL", "error=EIO", "error=ENOSPC"])
def test_a_checkpoint_cut_short_loses_nothing(sqlite_stand: Stand, soak: bool, what: str, figure: Figure) -> None:
    stand, met = sqlite_stand, 0
    for call, counts in {
        "pwrite64": range(1, 150, 1 if soak else 12),
        "fdatasync": range(1, 4),
    }.items():
        for count in counts:
            expression = f"{call}:{what}:when={count}"
            met += stand.accept_under(stand.worker, expression, lambda: fill_the_log(stand.place))
            stand.server.wait_until_ready()
    stand.check()
    assert met
    figure(f"{what} at {met} calls of a commit that copies the WAL into the file: one acceptance each, 0 bad")


@pytest.mark.shows("B6")
@pytest.mark.parametrize("error", ["error=EIO:when={}", "error=ENOSPC:when={}+", "error=EDQUOT:when={}+"])
def test_a_disk_that_fails_or_is_full_at_any_write_is_told_and_nothing_is_half_done(
    sqlite_stand: Stand, error: str, figure: Figure
) -> None:
    stand = sqlite_stand
    [before] = stand.worker()
    points = {call: every_point(stand, stand.worker, call, error) for call in ("pwrite64", "fdatasync", "fsync")}
    stand.check()
    assert stand.worker() == [before]
    refused = sum(1 for told in stand.told if told.reply.status == 503)
    assert refused
    figure(f"{error.split(':')[0]} at each of {points}: {refused} x 503, accepted within 5 s after, no restart, 0 bad")


@pytest.mark.shows("C2")
@pytest.mark.parametrize("error", ["error=EIO:when={}", "error=ENOSPC:when={}+"])
def test_a_decision_that_cannot_be_written_is_not_answered(sqlite_stand: Stand, error: str, figure: Figure) -> None:
    stand, numbers, refused = sqlite_stand, itertools.count(), 0
    answers: list[bytes] = []
    for call in ("pwrite64", "fdatasync", "fsync"):
        for count in range(1, MOST_POINTS):
            asked = {"contract_id": f"C-{next(numbers)}", "channel": "phone_in", "wants": WISH}
            trap = f"inject={call}:{error.format(count)}"
            with attached(stand.worker(), stand.place.folder / "strace", f"trace={call}", trap) as trace:
                first = stand.desk.line.post("/offer", asked)
                met = bool(trace.injected())
            final = stand.desk.ask("/offer", asked)
            assert first.status in (200, 503)
            assert final.status == 200
            assert first.status == 503 or first.body == final.body
            answers.append(final.body)
            refused += first.status == 503
            if not met:
                break
    store = stand.place.open()
    assert refused
    assert unrecorded(store, answers) == []
    assert count_decisions(store) == len(answers)
    store.dispose()
    told = f"{refused} x 503, {len(answers)} answers of /offer, {len(answers)} decisions on record"
    figure(f"{error.split(':')[0]} at each write and sync of a decision: {told}")


@pytest.mark.shows("B6")
@pytest.mark.parametrize("error", ["error=EIO:when={}", "error=ENOSPC:when={}"])
def test_a_backend_whose_disk_fails_is_told_and_nothing_is_half_done(
    postgresql_stand: Stand, error: str, figure: Figure
) -> None:
    stand = postgresql_stand
    [before] = stand.worker()
    points = {call: every_point(stand, stand.backends, call, error) for call in ("pwrite64", "fdatasync")}
    stand.check()
    assert stand.worker() == [before]
    refused = sum(1 for told in stand.told if told.reply.status == 503)
    figure(f"{error.split(':')[0]} in a backend at each of {points}: {refused} x 503, no restart of ours, 0 bad")


@pytest.mark.shows("B5")
def test_no_acceptance_is_told_before_it_is_on_disk(sqlite_stand: Stand, soak: bool, figure: Figure) -> None:
    stand, count = sqlite_stand, 1_000 if soak else 200
    ids = [f"D-{number}" for number in range(count)]
    stand.place.add_contracts(ids)
    waiting = [(id, stand.desk.offer_shown(id)) for id in ids]
    with attached(stand.worker(), stand.place.folder / "strace", "trace=pwrite64,fdatasync,fsync,sendto") as trace:
        told = [stand.desk.ask("/accept", named, f"key-of-{id}") for id, named in waiting]
        lines = trace.lines()
    assert [reply.status for reply in told] == [201] * count
    synced = sum(_synced_before_each_201(lines))
    assert synced == count
    figure(f"{synced} of {count} acceptances: row written, then fdatasync of the same file, then the answer")


def _synced_before_each_201(lines: list[str]) -> Iterator[bool]:
    """For each 201, whether its thread wrote to the WAL since its last answer, and synced it after the last write.

    A sync during which another thread calls is told in two lines, the file in the first and its end in the second.
    """
    wrote: dict[str, bool] = {}
    synced: dict[str, bool] = {}
    syncing: dict[str, bool] = {}
    for line in lines:
        thread, call = line.split(maxsplit=1)
        if call.startswith("pwrite64(") and "-wal>" in call:
            wrote[thread], synced[thread] = True, False
        elif call.startswith(("fdatasync(", "fsync(")):
            syncing[thread] = "-wal>" in call
        elif call.startswith("sendto(") and '"HTTP/1.1 201' in call:
            yield wrote.pop(thread, False) and synced.pop(thread, False)
        if "sync" in call.partition(")")[0] and call.endswith("= 0") and syncing.pop(thread, False):
            synced[thread] = True


def test_a_sync_told_in_two_lines_counts_and_one_that_fails_or_comes_late_does_not() -> None:
    written, answered = "7 pwrite64(3</a/store.db-wal>, ...) = 24", '7 sendto(9, "HTTP/1.1 201 CREATED"...) = 200'
    begun, ended = "7 fsync(3</a/store.db-wal> <unfinished ...>", "7 <... fsync resumed>) = 0"
    assert list(_synced_before_each_201([written, begun, "8 sendto(4, ...) = 1", ended, answered])) == [True]
    assert list(_synced_before_each_201([written, begun, answered, ended])) == [False]
    assert list(_synced_before_each_201([written, begun, "7 <... fsync resumed>) = -1 EIO", answered])) == [False]
    assert list(_synced_before_each_201([written, "7 fdatasync(3</a/store.db>) = 0", answered])) == [False]
    assert list(_synced_before_each_201([written, "7 fdatasync(3</a/store.db-wal>) = 0", answered])) == [True]
    assert list(_synced_before_each_201(["7 fsync(3</a/store.db-wal>) = 0", written, answered])) == [False]
