"""`counteroffer report`: what the retention desk earned against its control group, and what poor service costs."""

import datetime
import json
import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track
from sqlalchemy import Engine

from api.rulebooks import Rulebooks
from api.settings import read_settings
from batch.files import replacing
from commands.days import Day
from commands.folders import make_folder
from engine.errors import Fault, Faults
from ledger import writer
from ledger.followed import contracts_behind, first_decisions
from ledger.journal import By, Event
from ledger.keys import authenticate
from ledger.promised import Period, became_by_contract
from ledger.queries import teams_of_agents
from ledger.store import migrate, open_store, reading, writing
from training.value.acting import ToActOn
from training.value.cohort import Cohort, gather
from training.value.page import TO_ACT_ON, report_files, table_of
from training.value.report import Report, tell_report

LISTS = "decisions"
MAY_NAME = ("supervisor", "manager")


@click.command(epilog="Example: counteroffer report --since 2026-01-01 --until 2026-06-30 --out report")
@click.option("--since", required=True, type=Day(), help="First day of the decisions.")
@click.option("--until", required=True, type=Day(), help="Last day of the decisions.")
@click.option("--database", help="Where the store is, such as sqlite:///var/counteroffer.db; else the setting.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder for page, JSON and lists.")
@click.option(
    "--names",
    type=click.Path(path_type=Path),
    help="A file, outside that folder, that says whose contracts are to be acted on; asks for a key of a supervisor.",
)
@click.option("--json", "as_json", is_flag=True, help="No progress, and faults as JSON.")
def report(
    since: datetime.datetime,
    until: datetime.datetime,
    database: str | None,
    out: Path,
    names: Path | None,
    as_json: bool,
) -> None:
    """Write report.html, report.json, what to act on, and the list of decisions behind each figure.

    Nobody is named: neither a customer nor an agent. Nothing in the store is changed, but that --names is on record.
    """
    _check_options(since, until, out, names)
    settings = read_settings(os.environ)
    now = datetime.datetime.now(settings.zone)
    store = open_store(database or settings.database)
    migrate(store)
    by = None if names is None else _who_may_name(store)
    make_folder(out / LISTS)
    found = _gather(store, Period(since.date(), until.date(), now.date()), as_json)
    _write(out, report_files(found))
    if names is not None and by is not None:
        _write_names(store, names, found.act_on, writer.Act(by, now))
    store.dispose()
    click.echo(json.dumps({"out": str(out), "earned": found.told["earned"]}, ensure_ascii=False))


def _check_options(since: datetime.datetime, until: datetime.datetime, out: Path, names: Path | None) -> None:
    if since > until:
        raise click.UsageError("--since lies after --until")
    if names is not None and names.resolve().is_relative_to(out.resolve()):
        raise click.UsageError("--names lies in the folder of --out, which others may read")


def _who_may_name(store: Engine) -> By:
    """Whose key was typed in, or came on the standard input. Raises Faults for any but a supervisor or a manager."""
    key = click.prompt("Key of a supervisor or manager", hide_input=True, err=True)
    with reading(store) as connection:
        holder = authenticate(connection, key.strip())
    if holder is None or holder.role not in MAY_NAME:
        expected = "a living key of a " + " or ".join(MAY_NAME)
        raise Faults([Fault("not-permitted", "--names", "this key may not see whose contracts they are", expected)])
    return By(holder.agent_id, holder.role)


def _gather(store: Engine, period: Period, quiet: bool) -> Report:
    cohort = Cohort(period)
    with reading(store) as connection:
        pages = first_decisions(connection, period.first.isoformat(), period.last.isoformat())
        own = partial(Rulebooks().of, connection)
        for page in track(pages, "reading", disable=quiet, console=Console(stderr=True)):
            gather(connection, page, cohort, own)
        teams, became = teams_of_agents(connection), became_by_contract(connection, period)
    return tell_report(cohort, teams, became)


def _write(out: Path, files: Mapping[str, bytes]) -> None:
    """Every file at once, the page last; a list of an earlier report that none of its figures links to is removed.

    Lists are for the eyes of who runs this alone: they tell who was in the control group.
    """
    with replacing(*(out / name for name in files)) as written:
        for path, (name, content) in zip(written, files.items(), strict=True):
            if name.endswith(".csv"):
                path.chmod(0o600)
            path.write_bytes(content)
    for path in (out / LISTS).glob("*.csv"):
        if f"{LISTS}/{path.name}" not in files:
            path.unlink()


def _write_names(store: Engine, path: Path, act_on: Sequence[ToActOn], act: writer.Act) -> None:
    """Whose contracts are to be acted on, for the eyes of who runs this alone; that it was written is on record."""
    with writing(store) as connection:
        whose = contracts_behind(connection, [one.subject_id for one in act_on])
        listed = [one for one in act_on if one.subject_id in whose]
        rows = [(whose[one.subject_id], *(getattr(one, name) for name in TO_ACT_ON)) for one in listed]
        with replacing(path) as (written,):
            written.chmod(0o600)
            written.write_bytes(table_of(("contract_id", *TO_ACT_ON), rows))
        writer.append(connection, act.now, Event("contracts_named", act.by, details={"contracts": len(rows)}))
