"""`counteroffer rulebook try`: the decisions of the ledger since a day, taken again under another rulebook."""

import datetime
import itertools
import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track
from sqlalchemy import Row

from api.rulebooks import Rulebooks
from api.settings import Settings, read_settings
from batch.files import replacing
from commands.days import Day
from commands.rulebook.named import named_rulebook
from commands.rulebook.report import write_report
from engine.changes import days_of_change
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
@click.option("--as-of", type=Day(), help="Ask all of them as of this day, such as one on which B changes.")
@click.option("--out", type=click.Path(path_type=Path), help="Where the report goes: one HTML page, whole in itself.")
@click.option("--json", "as_json", is_flag=True, help="No progress, and faults as JSON.")
def try_rulebook(
    name: str, since: datetime.datetime, as_of: datetime.datetime | None, out: Path | None, as_json: bool
) -> None:
    """Take every decision since DAY again under B, from its recorded facts and scores, and say what would be another.

    Each is first taken again under its own rulebook, and must come out to the byte, or this ends with 65. Each is asked
    on its own day, on which what B announces does not hold yet: --as-of asks all on another day, under both. Nothing is
    changed and nobody is told; a summary as one JSON object goes to stdout.
    """
    settings = read_settings(os.environ)
    book, day, on = named_rulebook(name, settings), since.date().isoformat(), as_of.date() if as_of else None
    today = datetime.datetime.now(settings.zone).date()
    ahead = [change.isoformat() for change in days_of_change(book) if change > today]
    with replacing(*filter(None, [out])) as written:
        told = _tried(settings, Bench(book, on), day, as_json)
        found = {"rulebook": book.digest, "since": day, "as_of": on and on.isoformat(), "changes_ahead": ahead, **told}
        for path in written:
            write_report(path, found)
    click.echo(json.dumps({**found, "out": None if out is None else str(out)}))


@dataclass(frozen=True)
class Bench:
    """The rulebook on trial, and the day on which all are asked; None: each on its own."""

    rulebook: Rulebook
    on: datetime.date | None


def _tried(settings: Settings, bench: Bench, since: str, quiet: bool) -> dict[str, Any]:
    """What comes out otherwise of the decisions since a day, and how many are gone. Raises Faults."""
    trial, gone, store = Trial(), 0, open_store(settings.database)
    migrate(store)
    with reading(store) as connection:
        own = partial(Rulebooks().of, connection)
        pages = queries.pages_of_decisions(connection, since)
        for page in track(pages, "trying", disable=quiet, console=Console(stderr=True)):
            rows = [row for row in page if row.record is not None]
            gone += len(page) - len(rows)
            _try_page(rows, own, bench, trial)
    store.dispose()
    return {"gone": gone, **trial.told()}


def _try_page(rows: Sequence[Row[Any]], own: Callable[[str], Rulebook], bench: Bench, trial: Trial) -> None:
    """Count a page of decisions. Raises Faults where one does not come out as recorded under its own rulebook."""
    for digest, some in itertools.groupby(rows, key=lambda row: str(row.rulebook_digest)):
        same, was = list(some), own(digest)
        before: Iterable[Retaken] = [_as_recorded(again) for again in take_again(same, was)]
        if bench.on is not None:
            before = take_under(same, was, bench.on)
        for one, other in zip(before, take_under(same, bench.rulebook, bench.on), strict=True):
            trial.add(one, other)


def _as_recorded(again: Retaken) -> Retaken:
    for difference in differences_of(again):
        where, fix = again.row.decision_id, "counteroffer replay --all says all that differ"
        raise Faults([Fault("replay-differs", where, f"{difference.pointer} is not as recorded", fix=fix)])
    return again
