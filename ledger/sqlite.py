"""SQLite: one file, one writer at a time, and a commit that is on disk when it returns."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import URL, Connection, Engine, event

from engine.errors import Fault, Faults

WAL_CORRUPTS = ((3, 7, 0), (3, 51, 2))
"""First and last SQLite whose WAL mode can lose pages when several connections write (sqlite.org/wal.html)."""

BUSY_MILLISECONDS = 2_000
TRIES_TO_EMPTY_THE_LOG = 5
SETTINGS = (
    f"busy_timeout = {BUSY_MILLISECONDS}",
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
)


def refuse_unsafe_sqlite(version: tuple[int, int, int]) -> None:
    """Raise Faults for an SQLite in which WAL mode can corrupt the file."""
    first, last = WAL_CORRUPTS
    if first <= version <= last:
        shown = f"version {'.'.join(map(str, version))}"
        raise Faults([Fault("sqlite-unsafe", "SQLite", shown, "a version after 3.51.2", "upgrade pysqlite3")])


def make_engine(url: URL, options: Mapping[str, Any]) -> Engine:
    """An engine on a file. Raises Faults for a URL without one, and for an SQLite that cannot be trusted."""
    _refuse_memory(url)
    refuse_unsafe_sqlite(sqlite.sqlite_version_info)
    engine = sqlalchemy.create_engine(url, module=sqlite, **options)
    event.listen(engine, "connect", _make_durable)
    event.listen(engine, "begin", _begin)
    return engine


def prepare_place(url: URL) -> None:
    """Make the folder of the file. Raises OSError."""
    Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)


def check_durable(connection: Connection) -> None:
    """Raise Faults unless a commit here is on disk when it returns."""
    journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar()
    if (journal, synchronous) != ("wal", 2):
        where = str(connection.engine.url)
        raise Faults([Fault("not-durable", where, f"journal {journal}", "wal", "put the file on a local disk")])


def allow_migration(connection: Connection) -> None:
    """Let a connection that has not begun yet, and will not be used again, rebuild tables that others point at."""
    connection.connection.dbapi_connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]


def lock_schema(_connection: Connection) -> None:
    """Nothing to do: a transaction that writes is alone in the file from its first moment."""


def finish_schema(_connection: Connection) -> None:
    """Nothing to do: no statistics are kept."""


def claim(_connection: Connection, _name: str) -> bool:
    """True: a transaction that writes is alone in the file, and a name is held as long as it lasts."""
    return True


def was_in_the_way(error: BaseException | None) -> bool:
    """Whether an error says that others held the file for too long."""
    return isinstance(error, sqlite.OperationalError) and str(error) == "database is locked"


def scrub(engine: Engine) -> None:
    """Write the file anew without free pages, and empty the log beside it. Raises Faults while others read the log."""
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("VACUUM")
        for _ in range(TRIES_TO_EMPTY_THE_LOG):
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            if cursor.fetchall()[0][0] == 0:  # nobody was in the way
                return
    finally:
        connection.close()
    what = "others were reading: its log may still hold what was deleted"
    raise Faults([Fault("not-scrubbed", str(engine.url), what, fix="counteroffer purge, at a quieter moment")])


def _refuse_memory(url: URL) -> None:
    """Decisions in memory are on record nowhere, and no two connections would see the same ones."""
    if url.database in (None, "", ":memory:") or url.query.get("mode") == "memory":
        expected = "such as sqlite:///var/counteroffer.db"
        raise Faults([Fault("bad-database", "database", f"{url} names no file", expected)])


def _make_durable(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin in _begin, not where the driver guesses
    for setting in SETTINGS:
        connection.execute(f"PRAGMA {setting}")


def _begin(connection: Connection) -> None:
    # A write that begins as a read and is upgraded later fails at once when another has written: take the lock first.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
