"""Opens the store: one engine a process, durable writes, and one kind of error when it does not answer."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import URL, Connection, Engine, event, exc

from engine.errors import Fault, Faults
from ledger.tables import metadata

WAL_CORRUPTS = ((3, 7, 0), (3, 51, 2))
"""First and last SQLite whose WAL mode can lose pages when several connections write (sqlite.org/wal.html)."""

BUSY_MILLISECONDS = 2_000
POOL: dict[str, Any] = {"max_overflow": 0, "pool_timeout": 1.0}
OUR_MISTAKES = (exc.IntegrityError, exc.ProgrammingError, exc.DataError)


class StoreUnavailable(OSError):
    """The database did not do what it was asked: not reachable, locked for too long, full or broken."""


def refuse_unsafe_sqlite(version: tuple[int, int, int]) -> None:
    """Raise Faults for an SQLite in which WAL mode can corrupt the file."""
    first, last = WAL_CORRUPTS
    if first <= version <= last:
        shown = f"version {'.'.join(map(str, version))}"
        raise Faults([Fault("sqlite-unsafe", "SQLite", shown, "a version after 3.51.2", "upgrade pysqlite3")])


def open_store(url: str, connections: int = 4) -> Engine:
    """An engine on `url` for this process alone; open it after a fork, never before. Raises Faults for a bad URL."""
    try:
        parsed = sqlalchemy.make_url(url)
        # No error may say what was in a statement: that is a customer.
        options: dict[str, Any] = {"pool_size": connections, "hide_parameters": True, **POOL}
        if parsed.get_backend_name() != "sqlite":
            return sqlalchemy.create_engine(parsed, **options)
        _refuse_memory(parsed)
        refuse_unsafe_sqlite(sqlite.sqlite_version_info)
        engine = sqlalchemy.create_engine(parsed, module=sqlite, **options)
    except (exc.ArgumentError, ModuleNotFoundError) as error:
        raise _bad_database(str(error)) from error
    event.listen(engine, "connect", _make_durable)
    event.listen(engine, "begin", _begin)
    return engine


def _refuse_memory(url: URL) -> None:
    """Decisions in memory are on record nowhere, and no two connections would see the same ones."""
    if url.database in (None, "", ":memory:") or url.query.get("mode") == "memory":
        raise _bad_database(f"{url} names no file")


def _bad_database(what: str) -> Faults:
    return Faults([Fault("bad-database", "database", what, "such as sqlite:///var/counteroffer.db")])


def create_tables(engine: Engine) -> None:
    """Create what is missing: the folder of an SQLite file and every table. Raises OSError, or Faults without WAL."""
    database = engine.url.database
    if engine.dialect.name == "sqlite" and database:
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    with writing(engine) as connection:
        metadata.create_all(connection)
    if engine.dialect.name == "sqlite":
        _check_durable(engine)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection whose reads see one moment of the store. Raises StoreUnavailable."""
    with _telling(engine), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A connection whose writes are on disk when the block ends, and undone when it raises. Raises StoreUnavailable."""
    with _telling(engine), engine.connect() as connection:
        connection.execution_options(writes=True)
        with connection.begin():
            yield connection


@contextmanager
def _telling(engine: Engine) -> Iterator[None]:
    try:
        yield
    except (exc.DBAPIError, exc.TimeoutError) as error:
        if isinstance(error, OUR_MISTAKES):
            raise
        reason = str(getattr(error, "orig", None) or error)
        raise StoreUnavailable(errno.EIO, f"the database does not answer: {reason}", str(engine.url)) from error


def _make_durable(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin in _begin, not where the driver guesses
    for pragma in (f"busy_timeout = {BUSY_MILLISECONDS}", "journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A write that begins as a read and is upgraded later fails at once when another has written: take the lock first.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _check_durable(engine: Engine) -> None:
    with reading(engine) as connection:
        journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar()
    if (journal, synchronous) != ("wal", 2):
        fault = Fault("not-durable", str(engine.url), f"journal {journal}", "wal", "put the file on a local disk")
        raise Faults([fault])
