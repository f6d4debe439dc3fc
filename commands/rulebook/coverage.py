"""`counteroffer rulebook coverage`: which rule refuses what, over a file of contracts or over the ledger."""

import json
import os
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import click

from api.settings import Settings, read_settings
from batch.deciding import Job, slices
from commands.days import Day
from commands.in_force import rulebook_in_force
from commands.rulebook.named import named_rulebook
from commands.score import release_given
from engine.coverage import Coverage
from engine.decide import Decisions, decide
from engine.law import LAW_FILES
from engine.rulebook import Rulebook
from engine.rules import RULES
from intake.mapping import read_mapping
from intake.reading import Reading
from ledger import queries
from ledger.retaken import take_under
from ledger.store import migrate, open_store, reading
from models.scorer import score_or_degrade

FILE = click.Path(path_type=Path)


@click.command(epilog="Example: counteroffer rulebook coverage --ledger --rulebook rulebook")
@click.option("--data", type=FILE, help="The operator's table: CSV, .csv.gz or Parquet; with --mapping.")
@click.option("--mapping", "mapping_file", type=FILE, help="What the columns mean (docs/mapping.md).")
@click.option("--ledger", is_flag=True, help="The decisions on record instead, each on its own day.")
@click.option("--rulebook", "name", help="A folder or a digest; else the one in force.")
@click.option("--release", default="none", show_default=True, help="Folder of the release that scores the file.")
@click.option("--as-of", type=Day(), help="Day to decide the file on; else today by the setting's zone.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def coverage(
    data: Path | None,
    mapping_file: Path | None,
    ledger: bool,
    name: str | None,
    release: str,
    as_of: datetime | None,
    as_json: bool,
) -> None:
    """Count for every rule how many candidates and customers it refuses, and which it alone refuses.

    Rules that never fire are named: they guard, or nobody needs them.
    """
    if ledger == (data is not None) or (data is None) != (mapping_file is None):
        raise click.UsageError("say --ledger, or --data FILE and --mapping FILE")
    settings = read_settings(os.environ)
    book = named_rulebook(name, settings) if name else rulebook_in_force(settings)
    found, today = Coverage(), as_of.date() if as_of else datetime.now(settings.zone).date()
    if data is None or mapping_file is None:
        decided = _of_the_ledger(settings, book)
    else:
        mapping = read_mapping(mapping_file)
        job = Job(release_given(release, settings), book, today, mapping.carried)
        decided = _of_a_file(Reading((data,), mapping, today), job)
    for decisions in decided:
        found.add(decisions)
    _tell(found, book, of_other_markets(book, today), as_json)


def of_other_markets(book: Rulebook, today: date) -> list[str]:
    """The rules of law that are none in the market of a rulebook, and so cannot fire."""
    law = book.as_of(today).law.document
    return [rule.id for rule in RULES if rule.source in LAW_FILES and rule.id not in law]


def _of_a_file(source: Reading, job: Job) -> Iterator[Decisions]:
    for chunk in source.chunks():
        for cases, features in slices(job, chunk.cases, chunk.features):
            scored = score_or_degrade(job.release, cases, features, job.today)
            yield decide(cases, scored.scores, job.rulebook, job.today)


def _of_the_ledger(settings: Settings, book: Rulebook) -> Iterator[Decisions]:
    store = open_store(settings.database)
    migrate(store)
    with reading(store) as connection:
        for page in queries.pages_of_decisions(connection):
            seen: Decisions | None = None
            for again in take_under([row for row in page if row.record is not None], book):
                if again.decisions is not seen:
                    yield again.decisions
                seen = again.decisions
    store.dispose()


def _tell(found: Coverage, book: Rulebook, elsewhere: list[str], as_json: bool) -> None:
    rows, never = found.rows(), [rule for rule in found.never if rule not in elsewhere]
    if as_json:
        counts = {"rulebook": book.digest, "asked": found.asked, "rules": rows, "never": never, "elsewhere": elsewhere}
        click.echo(json.dumps(counts))
        return
    click.echo(f"{found.asked} customers asked; refused candidates (customers), of them by this rule alone (customers)")
    for row in rows:
        if row["candidates"]:
            alone = f"{row['alone']} ({row['customers_alone']})"
            most = ", ".join(list(row["offers"])[:3])
            click.echo(f"{row['rule']:<20} {row['candidates']:>12} ({row['customers']})  alone {alone}  most: {most}")
    click.echo("never: " + (", ".join(never) or "none"))
    click.echo("of another market: " + (", ".join(elsewhere) or "none"))
