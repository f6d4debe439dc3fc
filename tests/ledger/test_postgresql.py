"""What is particular to PostgreSQL: settings that lose commits, waits that must end, a server that goes and comes."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

from engine.errors import Faults
from ledger import queries, writer
from ledger.store import StoreUnavailable, migrate, open_store, reading, writing
from tests.databases import PostgreSQL

pytestmark = pytest.mark.long


@pytest.fixture
def store(postgresql_database: str) -> Iterator[Engine]:
    engine = open_store(postgresql_database)
    migrate(engine)
    yield engine
    engine.dispose()


@contextmanager
def restarted(server: PostgreSQL, **settings: str) -> Iterator[None]:
    """The server with other settings, for a while."""
    server.stop()
    server.start(**settings)
    try:
        yield
    finally:
        server.stop()
        server.start()


def ask(store: Engine) -> None:
    with reading(store) as connection:
        queries.list_keys(connection)


def seconds_until_refused(act: Callable[[], object]) -> float:
    start = time.monotonic()
    with pytest.raises(StoreUnavailable):
        act()
    return time.monotonic() - start


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("synchronous_commit", "on"),
        ("statement_timeout", "500ms"),
        ("lock_timeout", "400ms"),
        ("idle_in_transaction_session_timeout", "10s"),
    ],
)
def test_every_connection_is_set_whatever_the_url_and_the_server_say(
    postgresql: PostgreSQL, postgresql_database: str, name: str, value: str
) -> None:
    role = f"ALTER ROLE counteroffer SET {name}"
    postgresql.do(f"{role} = {'off' if value == 'on' else 0}")
    store = open_store(f"{postgresql_database}&options=-c {name}=0")
    with reading(store) as connection:
        assert connection.exec_driver_sql(f"SHOW {name}").scalar() == value
    store.dispose()
    postgresql.do(f"ALTER ROLE counteroffer RESET {name}")


def test_an_option_of_the_url_is_kept(postgresql_database: str) -> None:
    store = open_store(f"{postgresql_database}&options=-c work_mem=7MB")
    with reading(store) as connection:
        assert connection.exec_driver_sql("SHOW work_mem").scalar() == "7MB"
    store.dispose()


@pytest.mark.parametrize("name", ["fsync", "full_page_writes"])
def test_a_server_that_can_lose_a_commit_is_refused(postgresql: PostgreSQL, store: Engine, name: str) -> None:
    with restarted(postgresql, **{name: "off"}), pytest.raises(Faults, match=rf"not-durable.*{name} is off"):
        migrate(store)
    migrate(store)


def test_a_database_that_does_not_know_accents_is_refused(postgresql: PostgreSQL) -> None:
    kind = "TEMPLATE template0 ENCODING SQL_ASCII LOCALE_PROVIDER libc LOCALE 'C'"
    postgresql.do(f"CREATE DATABASE ascii OWNER counteroffer {kind}")
    store = open_store(postgresql.address("ascii"))
    with pytest.raises(Faults, match="server_encoding is SQL_ASCII"):
        migrate(store)
    store.dispose()
    postgresql.drop_database("ascii")


def test_a_role_that_may_make_no_table_is_told(postgresql: PostgreSQL, postgresql_database: str) -> None:
    postgresql.do("CREATE ROLE guest LOGIN")
    store = open_store(postgresql_database.replace("counteroffer@", "guest@"))
    with pytest.raises(Faults, match=r"bad-database.*this role may make no table"):
        migrate(store)
    store.dispose()
    postgresql.do("DROP ROLE guest")


def test_an_error_does_not_say_the_password() -> None:
    store = open_store("postgresql://counteroffer:secret@/x?host=/nowhere")
    with pytest.raises(StoreUnavailable) as refused:
        ask(store)
    assert "secret" not in str(refused.value)
    assert refused.value.filename.startswith("postgresql://counteroffer:***@")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
def test_an_outage_is_told_within_a_second_and_ends_with_it(
    postgresql: PostgreSQL, store: Engine, how: signal.Signals
) -> None:
    with writing(store) as connection:
        writer.create_key(connection, "a", "agent")
    postgresql.stop(how)
    waited = [seconds_until_refused(lambda: ask(store)) for _ in range(10)]
    postgresql.start()
    with reading(store) as connection:
        assert len(queries.list_keys(connection)) == 1
    assert max(waited) < 1


def test_an_outage_in_the_middle_of_a_transaction_leaves_nothing_of_it(postgresql: PostgreSQL, store: Engine) -> None:
    def write() -> None:
        with writing(store) as connection:
            writer.create_key(connection, "a", "agent")
            postgresql.stop(signal.SIGQUIT)

    with pytest.raises(StoreUnavailable):
        write()
    postgresql.start()
    with reading(store) as connection:
        assert queries.list_keys(connection) == []


def test_connections_that_the_server_ended_meanwhile_are_not_used(postgresql: PostgreSQL, store: Engine) -> None:
    with reading(store) as one, reading(store) as two:
        queries.list_keys(one)
        queries.list_keys(two)
    name = store.url.database
    postgresql.do(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'")
    for _ in range(5):
        ask(store)


def process_of(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())


def test_a_server_that_falls_silent_is_given_up_within_a_second(store: Engine) -> None:
    with reading(store) as connection:
        process = process_of(connection)
    os.kill(process, signal.SIGSTOP)
    try:
        assert seconds_until_refused(lambda: ask(store)) < 1
        ask(store)
    finally:
        os.kill(process, signal.SIGCONT)


def test_a_server_that_never_answers_a_newcomer_is_given_up_within_a_second(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(tmp_path / ".s.PGSQL.5432"))
        deaf.listen()
        store = open_store(f"postgresql://counteroffer@/x?host={tmp_path}")
        assert seconds_until_refused(lambda: ask(store)) < 1


def test_a_statement_that_takes_too_long_is_ended(store: Engine) -> None:
    def sleep() -> None:
        with reading(store) as connection:
            connection.exec_driver_sql("SELECT pg_sleep(5)")

    assert seconds_until_refused(sleep) < 1
    ask(store)


def test_a_transaction_may_take_longer_than_one_statement(store: Engine) -> None:
    with writing(store) as connection:
        for _ in range(4):
            connection.exec_driver_sql("SELECT pg_sleep(0.3)")


def test_who_waits_for_a_lock_is_told_within_a_second(store: Engine) -> None:
    lock = "SELECT * FROM chain FOR UPDATE"

    def wait() -> None:
        with writing(store) as connection:
            connection.exec_driver_sql(lock)

    with writing(store) as connection:
        connection.exec_driver_sql(lock)
        assert seconds_until_refused(wait) < 1
    wait()


def test_two_who_wait_for_each_other_are_told_within_a_second(store: Engine) -> None:
    with writing(store) as connection:
        keys = [writer.create_key(connection, "a", "agent").split("_")[1] for _ in range(2)]
    met, refused = threading.Barrier(2), []

    def take(order: list[str]) -> None:
        start = time.monotonic()
        try:
            with writing(store) as connection:
                lock(connection, order[0])
                met.wait()
                lock(connection, order[1])
        except StoreUnavailable:
            refused.append(time.monotonic() - start)

    def lock(connection: Connection, prefix: str) -> None:
        connection.exec_driver_sql(f"SELECT 1 FROM api_keys WHERE prefix = '{prefix}' FOR UPDATE")

    threads = [threading.Thread(target=take, args=(order,)) for order in (keys, keys[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused
    assert max(refused) < 1
    ask(store)
