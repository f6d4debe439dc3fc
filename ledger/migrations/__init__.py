"""The schema's history: revisions in `versions/`, applied in order at start; `make migration` writes them."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from engine import VERSION
from engine.errors import Fault, Faults
from ledger.tables import metadata

FOLDER = Path(__file__).parent


def settings(connection: Connection | None = None) -> Config:
    """What Alembic is told: where the revisions lie, and the connection whose transaction they run in."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@cache
def known_revisions() -> tuple[str, ...]:
    """Every revision that this version knows, the newest first."""
    scripts = ScriptDirectory.from_config(settings())
    return tuple(script.revision for script in scripts.walk_revisions())


def is_current(connection: Connection) -> bool:
    """Whether nothing is left to do. Raises Faults for a schema that another version made."""
    found = MigrationContext.configure(connection).get_current_heads()
    _refuse_what_is_not_ours(connection, found)
    return found == known_revisions()[:1]


def upgrade(connection: Connection) -> None:
    """Apply what is missing, in the caller's transaction. Raises Faults for a schema that another version made."""
    if not is_current(connection):
        command.upgrade(settings(connection), "head")


def _refuse_what_is_not_ours(connection: Connection, found: tuple[str, ...]) -> None:
    where, newest = str(connection.engine.url), known_revisions()[0]
    unknown = sorted(set(found) - set(known_revisions()))
    if unknown:
        what = f"its schema has revision {unknown[0]}, which Counteroffer {VERSION} does not know"
        fix = "start the version that made it, or name another database"
        raise Faults([Fault("other-schema", where, what, f"revision {newest} or one before it", fix)])
    strangers = set(inspect(connection).get_table_names()) & set(metadata.tables) if not found else set()
    if strangers:
        what = f"it holds tables of ours without a revision: {', '.join(sorted(strangers))}"
        fix = "it was made before there were revisions: move it away and import the contracts again"
        raise Faults([Fault("other-schema", where, what, "an empty database, or one with a revision", fix)])
