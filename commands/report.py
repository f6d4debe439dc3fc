"""`counteroffer report`: what the retention desk earned against its control group, and what poor service costs."""

import datetime
import json
import os
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track

from api.rulebooks import Rulebooks
from api.settings import read_settings
from batch.files import replacing
from commands.days import Day
from commands.folders import make_folder
from ledger.followed import first_decisions
from ledger.promised import Period, became_by_contract
from ledger.queries import teams_of_agents
from ledger.store import migrate, open_store, reading
from training.value.cohort import Cohort, gather
from training.value.page import report_files
from training.value.report import Report, tell_report

LISTS = "decisions"


@click.command(epilog="Example: counteroffer report --since 2026-01-01 --until 2026-06-30 --out report")
@click.option("--since", required=True, type=Day(), help="First day of the decisions.")
@click.option("--until", required=True, type=Day(), help="Last day of the decisions.")
@click.option("--database", help="Where the store is, such as sqlite:///var/counteroffer.db; else the setting.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder for page, JSON and lists.")
@click.option("--json", "as_json", is_flag=True, help="No progress, and faults as JSON.")
def report(since: datetime.datetime, until: datetime.datetime, database: str | None, out: Path, as_json: bool) -> None:
    """Write report.html, report.json and the list of decisions behind each figure.

    Nobody is named: neither a customer nor an agent. Nothing in the store is changed.
    """
    if since > until:
        raise click.UsageError("--since lies after --until")
    settings = read_settings(os.environ)
    period = Period(since.date(), until.date(), datetime.datetime.now(settings.zone).date())
    make_folder(out / LISTS)
    store = open_store(database or settings.database)
    migrate(store)
    with reading(store) as connection:
        pages = first_decisions(connection, since.date().isoformat(), until.date().isoformat())
        cohort, own = Cohort(period), partial(Rulebooks().of, connection)
        for page in track(pages, "reading", disable=as_json, console=Console(stderr=True)):
            gather(connection, page, cohort, own)
        found = tell_report(cohort, teams_of_agents(connection), became_by_contract(connection, period))
    store.dispose()
    _write(out, found)
    earned = found.told["earned"]
    click.echo(json.dumps({"out": str(out), "earned": earned}, ensure_ascii=False))


def _write(out: Path, found: Report) -> None:
    """Every file, the page last: whoever opens it finds the lists that it links to."""
    files = report_files(found)
    with replacing(*(out / name for name in files)) as written:
        for path, content in zip(written, files.values(), strict=True):
            path.write_bytes(content)
