"""PostgreSQL: what every connection is set to, how long anything may take, and what makes a commit durable.

A transaction that writes is READ COMMITTED: rows that others may change at the same moment are locked
(`SELECT ... FOR UPDATE`) or changed by one conditional `UPDATE`. One that reads sees one moment (REPEATABLE READ).
"""

import select
import time
from collections.abc import Generator, Mapping
from typing import Any, Self, TypeVar

import psycopg
import psycopg.sql
import sqlalchemy
from psycopg import IsolationLevel
from sqlalchemy import URL, Connection, Engine, event, exc
from sqlalchemy.engine import ExceptionContext

from engine.errors import Fault, Faults
from ledger.tables import ERASABLE, PERSONAL

SILENCE_SECONDS = 0.8
"""How long the server may say nothing, while connecting or answering; more than it takes to end a statement itself."""

SETTINGS = {
    "synchronous_commit": "on",
    "statement_timeout": "500ms",
    "lock_timeout": "400ms",
    "idle_in_transaction_session_timeout": "10s",  # or a desk that froze would keep its locks for hours
}
ASKED = {"application_name": "counteroffer", "client_encoding": "utf8", "connect_timeout": 2}
DURABLE = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "remote_apply"),
    "server_encoding": ("UTF8",),
}
MIGRATION_LOCK = 0x636F756E746572
LONGEST_WAIT_TO_MIGRATE = "30s"

_T = TypeVar("_T")


class Silence(psycopg.OperationalError):
    """The server said nothing for too long; whether it did what it was told is not known."""


class Patience(psycopg.Connection[Any]):
    """A connection that is given up after a silence; libpq itself would wait for hours."""

    silence_seconds = SILENCE_SECONDS

    def wait(self, gen: Generator[Any, Any, _T], *args: Any, **options: Any) -> _T:
        """The result of a dialogue with the server. Raises Silence, and then the connection is closed."""
        try:
            return super().wait(_unless_silent(gen, self.silence_seconds), *args, **options)
        except Silence:
            self.pgconn.finish()
            raise

    @classmethod
    def _connect_gen(cls, conninfo: str = "") -> Generator[Any, Any, Self]:
        return _unless_silent(super()._connect_gen(conninfo), cls.silence_seconds)


def _unless_silent(dialogue: Generator[Any, Any, _T], seconds: float) -> Generator[Any, Any, _T]:
    """The same dialogue, ended by Silence when nothing has been ready for some seconds."""
    try:
        wanted = next(dialogue)
        heard = time.monotonic()
        while True:
            ready = yield wanted
            now = time.monotonic()
            if ready:
                heard = now
            elif now - heard > seconds:
                raise Silence(f"no word from the server for {seconds} s")
            wanted = dialogue.send(ready)
    except StopIteration as end:
        result: _T = end.value
        return result


def make_engine(url: URL, options: Mapping[str, Any]) -> Engine:
    """An engine on a server, which need not be there yet."""
    settings = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
    given = url.query.get("options", "")
    asked = {**ASKED, "options": f"{given} {settings}"}
    engine = sqlalchemy.create_engine(url, connect_args=asked, **options)
    event.listen(engine, "do_connect", lambda _dialect, _record, args, named: Patience.connect(*args, **named))
    event.listen(engine, "begin", _begin)
    event.listen(engine, "checkout", _refuse_a_dead_connection)
    event.listen(engine, "handle_error", _say_no_row)
    return engine


def prepare_place(_url: URL) -> None:
    """Nothing to do: a database is made by who runs the server."""


def check_durable(connection: Connection) -> None:
    """Raise Faults unless a commit here is on disk when it returns, and text is kept as it is."""
    where = str(connection.engine.url)
    found = {name: connection.exec_driver_sql(f"SHOW {name}").scalar() for name in DURABLE}
    faults = [
        Fault("not-durable", where, f"{name} is {found[name]}", good[0], f"set {name} = {good[0]} on the server")
        for name, good in DURABLE.items()
        if found[name] not in good
    ]
    if faults:
        raise Faults(faults)


def allow_migration(connection: Connection) -> None:
    """Let a connection that will not be used again take its time."""
    driver = connection.connection.dbapi_connection
    assert isinstance(driver, Patience)
    driver.silence_seconds = float("inf")


def lock_schema(connection: Connection) -> None:
    """Wait until no other process changes the schema. Raises Faults where we may not change it."""
    for setting in ("statement_timeout = 0", f"lock_timeout = '{LONGEST_WAIT_TO_MIGRATE}'"):
        connection.exec_driver_sql(f"SET LOCAL {setting}")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
    if not connection.exec_driver_sql("SELECT has_schema_privilege(current_schema(), 'CREATE')").scalar():
        where, what = str(connection.engine.url), "this role may make no table"
        raise Faults([Fault("bad-database", where, what, "CREATE on the schema", "let the role own the database")])


def finish_schema(connection: Connection) -> None:
    """Keep samples of what can be erased out of the planner's statistics, whose old rows nobody else can delete."""
    for column in PERSONAL:
        table, name = column.table.name, column.name
        connection.exec_driver_sql(f"ALTER TABLE {table} ALTER COLUMN {name} SET STATISTICS 0")


def claim(connection: Connection, name: str) -> bool:
    """Hold a name until the transaction ends; False where another transaction holds it."""
    held = connection.exec_driver_sql("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", (name,)).scalar()
    return bool(held)


def was_in_the_way(error: BaseException | None) -> bool:
    """Whether an error says that others held a lock for too long."""
    return isinstance(error, psycopg.errors.LockNotAvailable)


def scrub(engine: Engine) -> None:
    """Write the tables anew that hold what can be erased, and what the planner knows of them; waits for others."""
    with engine.connect() as connection:
        connection.detach()  # what it is allowed now ends with it
        allow_migration(connection)
        driver = connection.connection.dbapi_connection
        assert isinstance(driver, Patience)
        driver.autocommit = True
        driver.execute("SET statement_timeout = 0")
        driver.execute(f"SET lock_timeout = '{LONGEST_WAIT_TO_MIGRATE}'")
        for table in ERASABLE:
            driver.execute(psycopg.sql.SQL("VACUUM (FULL, ANALYZE) {}").format(psycopg.sql.Identifier(table.name)))


def _begin(connection: Connection) -> None:
    # Said to the driver, which sends it with BEGIN: SQLAlchemy's own option costs 50 us a transaction.
    driver = connection.connection.dbapi_connection
    assert isinstance(driver, Patience)
    reads = not connection.get_execution_options().get("writes", False)
    if driver.read_only is not reads:
        driver.read_only = reads
        driver.isolation_level = IsolationLevel.REPEATABLE_READ if reads else IsolationLevel.READ_COMMITTED


def _refuse_a_dead_connection(connection: Patience, _record: object, _proxy: object) -> None:
    # An idle server says nothing: words, or the end of them, mean that it went. One poll, no question to the server.
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if poll.poll(0):
        raise exc.InvalidatePoolError()


def _say_no_row(context: ExceptionContext) -> None:
    """Keep the first line of what the server said: the next ones hold the row, which is a customer."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).partition("\n")[0],)
