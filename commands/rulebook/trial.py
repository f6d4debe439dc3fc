"""`counteroffer rulebook try`: the decisions of the ledger since a day, taken again under another rulebook."""

import datetime
import itertools
import json
import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track
from sqlalchemy import Row

from api.rulebooks import Rulebooks
from api.settings import read_settings
from commands.days import Day
from commands.rulebook.named import named_rulebook
from commands.rulebook.report import write_report
from engine.errors import Fault, Faults
from engine.rulebook import Rulebook
from ledger import queries
from ledger.replay import differences_of
from ledger.retaken import Retaken, take_again, take_under
from ledger.store import migrate, open_store, reading
from ledger.trial import Trial


@click.command(epilog="Example: counteroffer rulebook try --rulebook rulebook --since 2026-11-01 --out report.html")
@click.option("--rulebook", "name", required=True, metavar="B", help="A folder, a digest, or active.")
@click.option("--since", required=True, type=Day(), help="First day of the decisions to take again.")
@click.option("--out", type=click.Path(path_type=Path), help="Where the report goes: one HTML page, whole in itself.")
@click.option("--json", "as_json", is_flag=True, help="No progress, and faults as JSON.")
def try_rulebook(name: str, since: datetime.datetime, out: Path | None, as_json: bool) -> None:
    """Take every decision since DAY again under B, from its recorded facts and scores, and say what would be another.

    Each is first taken again under its own rulebook, and must come out to the byte, or this ends with 65. Nothing is
    changed and nobody is told; a summary as one JSON object goes to stdout.
    """
    settings = read_settings(os.environ)
    book, day, trial, gone = named_rulebook(name, settings), since.date().isoformat(), Trial(), 0
    store = open_store(settings.database)
    migrate(store)
    with reading(store) as connection:
        own = partial(Rulebooks().of, connection)
        pages = queries.pages_of_decisions(connection, day)
        for page in track(pages, "trying", disable=as_json, console=Console(stderr=True)):
            rows = [row for row in page if row.record is not None]
            gone += len(page) - len(rows)
            _try_page(rows, own, book, trial)
    store.dispose()
    found = {"rulebook": book.digest, "since": day, "gone": gone, **trial.told()}
    if out is not None:
        write_report(out, found)
    click.echo(json.dumps({**found, "out": None if out is None else str(out)}))


def _try_page(rows: Sequence[Row[Any]], own: Callable[[str], Rulebook], book: Rulebook, trial: Trial) -> None:
    """Count a page of decisions. Raises Faults where one does not come out as recorded under its own rulebook."""
    for digest, some in itertools.groupby(rows, key=lambda row: str(row.rulebook_digest)):
        same = list(some)
        was = [_as_recorded(again) for again in take_again(same, own(digest))]
        for before, after in zip(was, take_under(same, book), strict=True):
            trial.add(before, after)


def _as_recorded(again: Retaken) -> Retaken:
    for difference in differences_of(again):
        where, fix = again.row.decision_id, "counteroffer replay --all says all that differ"
        raise Faults([Fault("replay-differs", where, f"{difference.pointer} is not as recorded", fix=fix)])
    return again
