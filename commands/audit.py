"""`counteroffer audit`: verifies the journal, and anchors it."""

import datetime
import json
import os
from pathlib import Path

import click

from api.anchoring import installation_seal
from api.settings import Settings, read_settings
from engine.errors import Fault, Faults
from ledger.anchors import Trace, add_anchors, read_anchors
from ledger.audit import find_flaw, read_copy
from ledger.records import time_text
from ledger.store import migrate, open_store, reading
from models.keys import ANCHORS, verification_keys

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
ANCHORS_FILE = click.option(
    "--anchors", "anchors_file", type=click.Path(path_type=Path), help="The file of anchors; else the setting."
)


@click.group(epilog="Example: counteroffer audit verify")
def audit() -> None:
    """Verify that nobody has changed the journal, and anchor it outside the database."""


@audit.command(epilog="Example: counteroffer audit verify --anchors /media/safe/anchors.jsonl")
@ANCHORS_FILE
@AS_JSON
def verify(anchors_file: Path | None, as_json: bool) -> None:
    """Walk the journal from its first event; exit 65 with the first that is not as it was written or anchored."""
    settings = _settings(anchors_file)
    trace = _trace(settings)
    store = open_store(settings.database)
    migrate(store)
    with reading(store) as connection:
        copy = read_copy(connection)
        flaw = find_flaw(copy, trace)
    if flaw is not None:
        raise Faults([Fault("journal-broken", f"event {flaw.sequence}", flaw.what)])
    count = copy.head["length"] if copy.head else 0
    found = {"events": count, "anchored_to": trace.through, "anchored_at": trace.at}
    anchored = f"anchored to event {trace.through} on {trace.at}" if trace.through else "no event is anchored"
    click.echo(json.dumps(found) if as_json else f"{count} events, every one as it was written; {anchored}")


@audit.command(epilog="Example: counteroffer audit anchor")
@ANCHORS_FILE
@AS_JSON
def anchor(anchors_file: Path | None, as_json: bool) -> None:
    """Sign what the journal is now into the file of anchors, as a running server does every minute."""
    settings = _settings(anchors_file)
    store, seal = open_store(settings.database), installation_seal(settings.keys)
    migrate(store)
    now = time_text(datetime.datetime.now(datetime.UTC))
    with reading(store) as connection:
        count = add_anchors(connection, settings.anchors, seal, now)
    found = {"anchored": count, "anchors": str(settings.anchors)}
    click.echo(json.dumps(found) if as_json else f"{count} events anchored in {settings.anchors}")


def _settings(anchors_file: Path | None) -> Settings:
    given = {} if anchors_file is None else {"COUNTEROFFER_ANCHORS": str(anchors_file)}
    return read_settings({**os.environ, **given})


def _trace(settings: Settings) -> Trace:
    if not settings.anchors.is_file():
        what, fix = (
            "no anchors: an end that was cut off would not be seen",
            "counteroffer audit anchor, or --anchors FILE",
        )
        raise Faults([Fault("no-input", str(settings.anchors), what, fix=fix)])
    return Trace(list(read_anchors(settings.anchors, verification_keys(settings.keys, ANCHORS))))
