"""Opens the store: one engine a process, durable writes, and one kind of error when it does not answer."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, Engine, exc

from engine.errors import Fault, Faults
from ledger import migrations
from ledger.writer import start_chain

DRIVERS = {("sqlite", "pysqlite"): "ledger.sqlite", ("postgresql", "psycopg"): "ledger.postgresql"}
"""Database and driver: the module that knows them; it is imported when a URL asks for it."""

POOL: dict[str, Any] = {"max_overflow": 0, "pool_timeout": 1.0}
OUR_MISTAKES = (exc.IntegrityError, exc.ProgrammingError, exc.DataError)


class StoreUnavailable(OSError):
    """The database did not do what it was asked: not reachable, locked for too long, full or broken.

    Nothing is tried again here: only the caller knows what else the block has done. After a commit that was not
    answered it is not known whether it took place; the same idempotency key finds out.
    """


class StoreBusy(StoreUnavailable):
    """Others held what was asked for, for too long; nothing was done."""


def open_store(url: str, connections: int = 4) -> Engine:
    """An engine on `url` for this process alone; open it after a fork, never before. Raises Faults for a bad URL."""
    try:
        parsed = sqlalchemy.make_url(url)
        module = DRIVERS.get((parsed.get_backend_name(), parsed.get_driver_name()))
        if module is None:
            raise _bad_database(f"{parsed.drivername} is not supported")
        # No error may say what was in a statement: that is a customer.
        options = {"pool_size": connections, "hide_parameters": True, **POOL}
        engine: Engine = import_module(module).make_engine(parsed, options)
    except exc.ArgumentError as error:
        raise _bad_database(str(error)) from error
    except ModuleNotFoundError as error:
        raise _bad_database(str(error), "install counteroffer[postgres]") from error
    return engine


def _bad_database(what: str, fix: str = "") -> Faults:
    expected = "such as sqlite:///var/counteroffer.db or postgresql://user@host/database"
    return Faults([Fault("bad-database", "database", what, expected, fix)])


def migrate(engine: Engine) -> None:
    """Bring the schema up to date and begin the journal; several processes may do so at once.

    Raises OSError, and Faults for a store that is not durable or was made by another version.
    """
    backend = _backend(engine)
    backend.prepare_place(engine.url)
    with reading(engine) as connection:
        backend.check_durable(connection)
        if migrations.is_current(connection):
            return
    with _telling(engine), engine.connect() as connection:
        connection.detach()  # what it is allowed now ends with it
        backend.allow_migration(connection)
        connection.execution_options(writes=True)
        with connection.begin():
            backend.lock_schema(connection)
            migrations.upgrade(connection)
            backend.finish_schema(connection)
            start_chain(connection)


def scrub(engine: Engine) -> None:
    """Leave nothing in the files of the store that was deleted from it. Raises Faults where others are in the way."""
    with _telling(engine):
        _backend(engine).scrub(engine)


def claim(connection: Connection, name: str) -> bool:
    """Hold a name until the transaction ends, without waiting for it; False where another transaction holds it."""
    return bool(_backend(connection.engine).claim(connection, name))


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


def _backend(engine: Engine) -> Any:
    return import_module(DRIVERS[engine.dialect.name, engine.dialect.driver])


@contextmanager
def _telling(engine: Engine) -> Iterator[None]:
    try:
        yield
    except (exc.DBAPIError, exc.TimeoutError) as error:
        if isinstance(error, OUR_MISTAKES):
            raise
        cause = getattr(error, "orig", None)
        kind = StoreBusy if _backend(engine).was_in_the_way(cause) else StoreUnavailable
        raise kind(errno.EIO, f"the database does not answer: {cause or error}", str(engine.url)) from error
