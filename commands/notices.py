"""`counteroffer notices`: who must be told of the end of a commitment and of the best tariff, and in which words."""

import csv
import json
import os
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from api.settings import read_settings
from batch.files import replacing
from batch.notices import COLUMNS, Round, notices
from commands.days import Day
from commands.in_force import rulebook_in_force
from ledger.journal import By
from ledger.notices import (
    BEST_TARIFF,
    END_OF_COMMITMENT,
    Notice,
    left_by_subject,
    notices_by_subject,
    pages_of_contracts,
)
from ledger.records import time_text
from ledger.store import migrate, open_store, writing
from ledger.writer.journal import hold_journal
from ledger.writer.notices import keep_notices

NOTICES = By("notices")


@click.command("notices", epilog="Example: counteroffer notices --ends-within 60 --out notices.csv")
@click.option("--as-of", type=Day(), help="The day of the notices; else today by the setting's zone.")
@click.option("--ends-within", required=True, type=click.IntRange(0, 365), help="Days until a commitment ends.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="CSV, one row a contract that is due.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def notices_command(as_of: datetime | None, ends_within: int, out: Path, as_json: bool) -> None:
    """Write the notices that are due and keep on record that they were given: nobody gets one twice.

    The end of a commitment is told once, with the best tariff; who was told no best tariff for 12 months is told it.
    """
    settings = read_settings(os.environ)
    now = datetime.now(settings.zone)
    day = as_of.date() if as_of else now.date()
    if day > now.date():
        raise click.UsageError(f"{day} is not here yet")
    in_force = rulebook_in_force(settings).as_of(day)
    store = open_store(settings.database)
    migrate(store)
    with writing(store) as connection, replacing(out) as (file,):
        hold_journal(connection)
        told, left = notices_by_subject(connection), left_by_subject(connection)
        of_today = Round(in_force, day, day + timedelta(days=ends_within), told, left)
        given = _write(file, connection, of_today)
        keep_notices(connection, time_text(now), NOTICES, given)
    store.dispose()
    counted = Counter(notice.kind for _, notice in given)
    counts = {kind: counted[kind] for kind in (END_OF_COMMITMENT, BEST_TARIFF)}
    said = f"{counts[END_OF_COMMITMENT]} ends of commitment, {counts[BEST_TARIFF]} best tariffs in {out}"
    click.echo(json.dumps({**counts, "out": str(out)}) if as_json else said)


def _write(file: Path, connection: Connection, of_today: Round) -> list[tuple[str, Notice]]:
    """Write a row for everybody who is due, for the eyes of who runs this alone; returns what was told."""
    given = []
    file.chmod(0o600)
    with file.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        rows.writeheader()
        for subject_id, notice, row in _all(connection, of_today):
            rows.writerow(row)
            given.append((subject_id, notice))
    return given


def _all(connection: Connection, of_today: Round) -> Iterator[tuple[str, Notice, dict[str, Any]]]:
    for page in pages_of_contracts(connection):
        yield from notices(page, of_today)
