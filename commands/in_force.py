"""The rulebook that a verb goes by: the one in force in the store, or the folder before anything is in force."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy
from sqlalchemy import Connection, Engine

from api.rulebooks import kept_rulebook
from api.settings import Settings
from engine.changes import check_days
from engine.errors import Fault, Faults
from engine.rulebook import Rulebook, digest_of
from intake.rulebook import read_rulebook
from ledger.journal import By
from ledger.rulebooks import digest_in_force
from ledger.store import migrate, open_store, reading, writing
from ledger.writer import Act, Change, Overtaken, activate_rulebook

FIRST = By("serve")
FIRST_NOTE = "the first rulebook: what the folder held when nothing was in force"
NEXT_STEPS = "counteroffer rulebook activate DIR --by NAME --note TEXT"


def rulebook_in_force(settings: Settings) -> Rulebook:
    """The rulebook in force; that of the folder where there is no store yet or nothing in force in it.

    Raises Faults, StoreUnavailable.
    """
    with store_at_hand(settings) as store:
        return rulebook_of(store, settings)


def rulebook_of(store: Engine | None, settings: Settings) -> Rulebook:
    """The same of a store that is open already, or of none. Raises Faults, StoreUnavailable."""
    if store is None:
        return read_rulebook(settings.rulebook)
    with reading(store) as connection:
        found = _in_force(connection)
    return found or read_rulebook(settings.rulebook)


@contextmanager
def store_at_hand(settings: Settings) -> Iterator[Engine | None]:
    """The store, of this version's tables; None where there is none yet. Raises StoreUnavailable."""
    if not _store_is_there(settings.database):
        yield None
        return
    store = open_store(settings.database)
    migrate(store)
    try:
        yield store
    finally:
        store.dispose()


def begin_with(store: Engine, settings: Settings) -> tuple[Rulebook, str]:
    """(the rulebook in force, what to tell of it at start): in a store with none, the folder becomes the first."""
    now = datetime.datetime.now(settings.zone)
    with reading(store) as connection:
        found = _in_force(connection)
    if found is None:
        first = read_rulebook(settings.rulebook)
        check_days(first, now.date())
        try:
            with writing(store) as connection:
                activate_rulebook(connection, Change(first.digest, first.texts, FIRST_NOTE, None), Act(FIRST, now))
        except Overtaken:  # another server began with its folder at the same moment
            return begin_with(store, settings)
        return first, f"the folder {settings.rulebook} is the first rulebook in force"
    found.as_of(now.date())
    return found, _beside(found, settings.rulebook)


def _beside(in_force: Rulebook, folder: Path) -> str:
    """What to say of a folder beside the rulebook in force: nothing where it is the same."""
    texts = {name: folder / name for name in in_force.texts}
    try:
        same = digest_of({name: path.read_text("utf-8") for name, path in texts.items()}) == in_force.digest
    except (OSError, UnicodeDecodeError):
        same = False
    return "" if same else f"the folder {folder} is not what is in force and does nothing until: {NEXT_STEPS}"


def _in_force(connection: Connection) -> Rulebook | None:
    digest = digest_in_force(connection)
    try:
        return None if digest is None else kept_rulebook(connection, digest)
    except Faults as faults:
        what = f"this version cannot read the rulebook in force: {faults.faults[0].what}"
        raise Faults([Fault("rulebook-unusable", str(digest), what, "one that passes its check", NEXT_STEPS)]) from None


def _store_is_there(database: str) -> bool:
    """False for a file of SQLite that is not there: whoever only asks does not make it."""
    url = sqlalchemy.make_url(database)
    return url.get_backend_name() != "sqlite" or Path(url.database or "").is_file()
