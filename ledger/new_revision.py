"""`python -m ledger.new_revision TITLE [--anew]`: writes the revision that ledger/tables.py asks for.

It compares the tables with a fresh store. With `--anew` it forgets every revision and writes one that makes the
tables as they stand, which is right for as long as nothing has been released.
"""

import argparse
import tempfile

from alembic import command
from alembic.operations.ops import MigrationScript

from ledger.migrations import FOLDER, settings
from ledger.store import migrate, open_store, writing


def write_revision(title: str, anew: bool) -> None:
    """Write `versions/TITLE.py`, or nothing when the tables are what the revisions make of an empty database."""
    versions = FOLDER / "versions"
    if anew:
        for path in versions.glob("*.py"):
            path.unlink()
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/store.db")
        if any(versions.glob("*.py")):
            migrate(store)
        with writing(store) as connection:
            config = settings(connection)
            config.set_main_option("file_template", "%%(slug)s")
            command.revision(config, title, autogenerate=True, process_revision_directives=_unless_empty)
        store.dispose()


def _unless_empty(_context: object, _revision: object, directives: list[MigrationScript]) -> None:
    if all(script.upgrade_ops is None or script.upgrade_ops.is_empty() for script in directives):
        directives.clear()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m ledger.new_revision", description=__doc__)
    parser.add_argument("title", help="what changes, in a few words")
    parser.add_argument("--anew", action="store_true", help="forget every revision and write one")
    arguments = parser.parse_args()
    write_revision(arguments.title, arguments.anew)
