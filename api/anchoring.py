"""Anchors the journal while a server runs: whichever worker notices first that an anchor is due writes it."""

import datetime
import json
import logging
import threading
import time
from pathlib import Path

from sqlalchemy import Engine

from api.settings import Settings
from engine.errors import Faults
from ledger.anchors import MOST_EVENTS, Seal, add_anchors
from ledger.records import time_text
from ledger.store import open_store, reading
from models.keys import ANCHORS, key_name, signing_key

LONGEST_SECONDS = 60
SECONDS_BETWEEN_LOOKS = 2

_log = logging.getLogger(__name__)


def installation_seal(keys: Path) -> Seal:
    """The key of this installation that signs anchors, made at the first call. Raises Faults, OSError."""
    key = signing_key(keys, ANCHORS)
    return Seal(key_name(key.public_key()), key)


def keep_anchoring(settings: Settings) -> threading.Thread:
    """Begin to look for events that no anchor holds yet, in a thread that ends with the process; call after a fork."""
    store, seal = open_store(settings.database, connections=1), installation_seal(settings.keys)
    thread = threading.Thread(target=_look_for_ever, args=(store, settings.anchors, seal), daemon=True)
    thread.start()
    return thread


def anchor_what_is_due(store: Engine, path: Path, seal: Seal, now: datetime.datetime) -> int:
    """Anchor once a thousand events wait, or one has waited for a minute; returns how many were anchored."""
    overdue = now - datetime.timedelta(seconds=LONGEST_SECONDS)
    with reading(store) as connection:
        return add_anchors(connection, path, seal, time_text(now), (MOST_EVENTS, time_text(overdue)))


def _look_for_ever(store: Engine, path: Path, seal: Seal) -> None:
    said = None
    while True:
        said = _look(store, path, seal, said)
        time.sleep(SECONDS_BETWEEN_LOOKS)


def _look(store: Engine, path: Path, seal: Seal, said: str | None) -> str | None:
    """One look; what went wrong is logged when it is not what was said before."""
    try:
        anchor_what_is_due(store, path, seal, datetime.datetime.now(datetime.UTC))
    except (Faults, OSError) as error:
        if str(error) != said:
            _log.error(json.dumps({"event": "not-anchored", "because": str(error)}))
        return str(error)
    return None
