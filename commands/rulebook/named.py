"""A rulebook as people name one on the command line: a folder, the first digits of a digest, or `active`."""

import re
from pathlib import Path

from sqlalchemy import Connection

from api.rulebooks import kept_rulebook
from api.settings import Settings
from engine.errors import Fault, Faults
from engine.rulebook import Rulebook
from intake.rulebook import read_rulebook
from ledger.rulebooks import digest_in_force, digests_beginning
from ledger.store import migrate, open_store, reading

ACTIVE = "active"
FEWEST_DIGITS = 6
_DIGEST = re.compile(f"[0-9a-f]{{{FEWEST_DIGITS},64}}")


def named_rulebook(name: str, settings: Settings) -> Rulebook:
    """The rulebook of a folder, a digest of the store, or the one in force. Raises Faults, OSError."""
    if Path(name).is_dir():
        return read_rulebook(Path(name))
    if name != ACTIVE and not _DIGEST.fullmatch(name):
        raise Faults([_unknown(name, "there is no such folder")])
    store = open_store(settings.database)
    migrate(store)
    with reading(store) as connection:
        found = kept_rulebook(connection, _digest(connection, name))
    store.dispose()
    return found


def _digest(connection: Connection, name: str) -> str:
    digest = digest_in_force(connection)
    found = ([digest] if digest else []) if name == ACTIVE else digests_beginning(connection, name)
    if len(found) != 1:
        raise Faults([_unknown(name, "no rulebook in the store" if not found else "several rulebooks in the store")])
    return found[0]


def _unknown(name: str, what: str) -> Fault:
    expected = f"a folder, at least {FEWEST_DIGITS} digits of a digest, or {ACTIVE}"
    return Fault("no-input", name, what, expected, "see counteroffer rulebook list")
