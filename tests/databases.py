"""The databases that tests run on: a file of SQLite, and a PostgreSQL of their own that they start and stop."""

import grp
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from functools import cache, cached_property
from itertools import count
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine

from ledger.store import migrate, open_store

SECONDS_TO_START = 30
SECONDS_TO_STOP = 30
OWNER = "counteroffer"
NOT_FOR_ROOT = "postgres", "nobody"


def find_programs() -> Path:
    """The folder of initdb and postgres: the newest that Debian's packages installed, or the one on PATH."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    on_path = shutil.which("initdb")
    if folders:
        return max(folders, key=lambda folder: float(folder.parent.name))
    if on_path:
        return Path(on_path).resolve().parent
    pytest.fail("the longer tiers need PostgreSQL: apt-get install postgresql (.ci/run does it)", pytrace=False)


class PostgreSQL:
    """A server in a folder of its own, on a socket there, as durable as in production."""

    def __init__(self) -> None:
        self.programs = find_programs()
        self.folder = Path(tempfile.mkdtemp(prefix="counteroffer-postgresql-"))
        self.names = (f"test_{number}" for number in count(1))
        self.process: subprocess.Popen[bytes] | None = None
        if self._as_owner:
            shutil.chown(self.folder, *self._user)
        # An order of words that is not the order of bytes, as operators' servers have.
        locale = ("--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=fr")
        self._run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync", *locale)

    @cached_property
    def _user(self) -> tuple[str, str]:
        """PostgreSQL refuses to run as root."""
        known = [user.pw_name for user in pwd.getpwall()]
        user = next(name for name in NOT_FOR_ROOT if name in known)
        return user, grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name

    @property
    def _as_owner(self) -> list[str]:
        if os.geteuid():
            return []
        user, group = self._user
        return [f"--reuid={user}", f"--regid={group}", "--clear-groups"]

    def _command(self, program: str, *arguments: str) -> list[str]:
        # The last signal is for the case that the tests themselves are killed.
        changed = ["setpriv", *self._as_owner, "--pdeathsig=INT"]
        return [*changed, str(self.programs / program), "-D", str(self.folder / "data"), *arguments]

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            self._command(program, *arguments), cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self, **settings: str) -> None:
        """Start, and wait until it answers; `settings` are the server's, such as fsync="off"."""
        given = [f"--{name}={value}" for name, value in settings.items()]
        place = ("-k", str(self.folder), "-c", "listen_addresses=", "-c", "max_connections=100")
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self._command("postgres", *place, *given), cwd=self.folder, stdout=log, stderr=log
            )
        give_up = time.monotonic() + SECONDS_TO_START
        while not self._answers():
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < give_up, self.log()
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.address("postgres", "postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop and wait: SIGINT is orderly, SIGQUIT leaves recovery to the next start, as a power cut would."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(SECONDS_TO_STOP)
            self.process = None

    def remove(self) -> None:
        """Stop, and leave nothing behind."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder)

    def log(self) -> str:
        """All that the server has said."""
        return (self.folder / "log").read_text("utf-8", "replace")

    def address(self, database: str, user: str = OWNER) -> str:
        """The URL of a database, for SQLAlchemy and for psycopg."""
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def do(self, *statements: str) -> None:
        """Carry out statements as the one who runs the server."""
        with psycopg.connect(self.address("postgres", "postgres"), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def make_database(self, template: str = "template1") -> str:
        """The name of a new database that our role owns."""
        name = next(self.names)
        self.do(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {template}")
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self.do(f"DROP DATABASE {name} WITH (FORCE)")


def start_postgresql() -> PostgreSQL:
    """A new server that answers, with a role for the product that may do nothing but own databases."""
    server = PostgreSQL()
    server.start()
    server.do(f"CREATE ROLE {OWNER} LOGIN")
    return server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """One server for all tests of a process; who stops it starts it again."""
    server = start_postgresql()
    yield server
    server.remove()


@pytest.fixture
def postgresql_database(postgresql: PostgreSQL) -> Iterator[str]:
    """The URL of a new, empty database of PostgreSQL."""
    name = postgresql.make_database()
    yield postgresql.address(name)
    postgresql.drop_database(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new, empty database: a file of SQLite, and in the longer tiers PostgreSQL as well."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    url: str = request.getfixturevalue("postgresql_database")
    return url


def open_migrated(url: str) -> Engine:
    """The store in a new, empty database: on SQLite from a copy of a file that was migrated once in this process."""
    engine = open_store(url)
    if engine.dialect.name == "sqlite":
        Path(engine.url.database or "").write_bytes(_migrated_file())
    migrate(engine)
    return engine


@cache
def _migrated_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "store.db"
        engine = open_store(f"sqlite:///{file}")
        migrate(engine)
        engine.dispose()  # what is still in the log goes into the file
        return file.read_bytes()
