"""`counteroffer import`: brings an operator's contracts into the store."""

import json
import os
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from api.settings import read_settings
from commands.days import Day
from engine.errors import Fault, Faults
from intake.mapping import Mapping, read_mapping
from intake.quarantine import QuarantineFile, quarantine_path
from intake.reading import Reading
from ledger.store import migrate, open_store, writing
from ledger.writer import Source, save_contracts

FILE = click.Path(path_type=Path)
ROWS_A_TRANSACTION = 5_000


@click.command(
    epilog="Example: counteroffer import --contracts contracts.csv --mapping mappings/simulated.toml",
    options_metavar="--contracts FILE [FILE ...] --mapping FILE [OPTIONS]",
)
@click.option("--contracts", multiple=True, type=FILE, help="The operator's table, or tables: CSV, .csv.gz or Parquet.")
@click.argument("more", nargs=-1, type=FILE, metavar="")
@click.option("--mapping", "mapping_file", required=True, type=FILE, help="What the columns mean (docs/mapping.md).")
@click.option("--database", help="Where the store is, such as sqlite:///var/counteroffer.db; else the setting.")
@click.option("--as-of", type=Day(), help="Day the file speaks of; else today by the setting's zone.")
@click.option("--quarantine", type=FILE, help="Where bad rows go; else beside the file, as NAME.quarantine.csv.")
@click.option("--json", "as_json", is_flag=True, help="Say what was done as one JSON object.")
def import_contracts(
    contracts: tuple[Path, ...],
    more: tuple[Path, ...],
    mapping_file: Path,
    database: str | None,
    as_of: datetime | None,
    quarantine: Path | None,
    as_json: bool,
) -> None:
    """Put contracts on file, replacing those with the same id; bad rows go to a quarantine file and exit 65.

    An import that was stopped can simply be started again.
    """
    if not contracts:
        raise click.UsageError("give at least one table with --contracts FILE")
    mapping = read_mapping(mapping_file)
    day = as_of.date() if as_of else datetime.now(read_settings(os.environ).zone).date()
    reading = Reading((*contracts, *more), mapping, day)
    for note in reading.notes:
        click.echo(note, err=True)
    path = quarantine or quarantine_path(reading.main)
    url = database or read_settings(os.environ).database
    with QuarantineFile(path) as bad_rows:
        good = _store(reading, url, Source(mapping.digest, day, mapping.carried), bad_rows)
    _tell(mapping, good, bad_rows, as_json)


def _store(reading: Reading, url: str, source: Source, bad_rows: QuarantineFile) -> int:
    """Writes every good row to the store and every bad one to its file; the number of good ones."""
    store = open_store(url)
    migrate(store)
    good = 0
    with _progress() as progress:
        task = progress.add_task("importing", total=reading.rows)
        for chunk in reading.chunks(ROWS_A_TRANSACTION):
            with writing(store) as connection:
                save_contracts(connection, chunk.cases, chunk.features, source)
            bad_rows.add(chunk.bad)
            good += chunk.cases.rows
            progress.advance(task, chunk.cases.rows + len(chunk.bad))
    store.dispose()
    return good


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True))


def _tell(mapping: Mapping, good: int, bad_rows: QuarantineFile, as_json: bool) -> None:
    """The summary; raises Faults, and so leaves with 65, when rows were quarantined."""
    bad = bad_rows.rows
    where = str(bad_rows.path) if bad else None
    if as_json:
        counts = {"rows": good + bad, "imported": good, "quarantined": bad, "quarantine": where}
        click.echo(json.dumps({**counts, "mapping": mapping.name, "assumptions": mapping.carried}))
    else:
        click.echo(f"{good + bad} rows: {good} imported, {bad} quarantined" + (f" in {where}" if where else ""))
        for carried in mapping.carried:
            click.echo(f"assumed: {carried['about']}: {carried['assumed']}")
    if where:
        fix = "each stands there with its line and reason"
        raise Faults([Fault("quarantined", where, f"{bad} rows cannot be used", fix=fix)])
