"""`counteroffer score`: decides for a file of contracts."""

import json
import os
from dataclasses import asdict
from datetime import datetime, time
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from api.settings import PREFIX, Settings, read_settings
from batch.deciding import Job
from batch.heard import Heard
from batch.scoring import Tally, quarantine_of, score_contracts
from commands.days import Day, Minute
from commands.in_force import rulebook_of, store_at_hand
from engine.errors import Fault, Faults
from engine.fields import CHANNELS
from intake.mapping import read_mapping
from intake.reading import Reading
from intake.rulebook import read_rulebook
from models import NO_RELEASE
from models.keys import verification_key
from models.registry import REGISTRY, load_serving
from models.store import Release, load_release

FILE = click.Path(path_type=Path)


@click.command(
    epilog="Example: counteroffer score --contracts today.csv --mapping mappings/simulated.toml --out offers.parquet",
    options_metavar="--contracts FILE [FILE ...] --mapping FILE --out FILE [OPTIONS]",
)
@click.option("--contracts", multiple=True, type=FILE, help="The operator's table, or tables: CSV, .csv.gz or Parquet.")
@click.argument("more", nargs=-1, type=FILE, metavar="")
@click.option("--mapping", "mapping_file", required=True, type=FILE, help="What the columns mean (docs/mapping.md).")
@click.option("--out", required=True, type=FILE, help="Where the answers go: a name ending with .csv or .parquet.")
@click.option("--draws", type=FILE, help="Where arm and chance of each row go: for who evaluates, not for who calls.")
@click.option("--release", help="Folder of one release, or none: no model; else the one that serves.")
@click.option("--rulebook", type=FILE, help="Folder of a rulebook; else the one in force.")
@click.option("--keys", type=FILE, help="Folder of the key that verifies the release; else var/keys, or the setting.")
@click.option("--as-of", type=Day(), help="Day to decide on; else today by the setting's zone.")
@click.option("--at", "moment", type=Minute(), help="Minute at which we call, by the setting's zone; else any.")
@click.option("--channel", type=click.Choice(CHANNELS), help="How all customers are met; else as the file says.")
@click.option(
    "--ends-within",
    type=click.IntRange(0, 36_600),
    metavar="DAYS",
    help="Only commitments that end by so many days on.",
)
@click.option(
    "--jobs", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes; the same bytes, sooner."
)
@click.option("--json", "as_json", is_flag=True, help="Say what was done as one JSON object.")
def score(
    contracts: tuple[Path, ...],
    more: tuple[Path, ...],
    mapping_file: Path,
    out: Path,
    draws: Path | None,
    release: str | None,
    rulebook: Path | None,
    keys: Path | None,
    as_of: datetime | None,
    moment: datetime | None,
    channel: str | None,
    ends_within: int | None,
    jobs: int,
    as_json: bool,
) -> None:
    """Decide for every contract of a file; bad rows go to OUT.quarantine.csv and exit 65.

    The day and every version are fixed at the start and stand in each row. A run that is killed leaves no half file.
    """
    if not contracts:
        raise click.UsageError("give at least one table with --contracts FILE")
    if rulebook and not rulebook.is_dir():
        raise Faults([Fault("no-input", str(rulebook), "there is no such folder", "the folder of a rulebook")])
    given = {"RULEBOOK": rulebook, "KEYS": keys}
    settings = read_settings({**os.environ, **{PREFIX + name: str(path) for name, path in given.items() if path}})
    if as_of and moment:
        raise click.UsageError("give --as-of DAY or --at MINUTE: the minute names its day")
    at = moment.replace(tzinfo=settings.zone) if moment else None
    today = (as_of or moment or datetime.now(settings.zone)).date()
    mapping = read_mapping(mapping_file)
    with store_at_hand(settings) as store:
        book = read_rulebook(rulebook) if rulebook else rulebook_of(store, settings)
        before = at or datetime.combine(today, time.max, settings.zone)
        heard = Heard(store, book.as_of(today).law.market, before) if store else None
        of_the_run = (today, mapping.carried, ends_within, jobs, channel, at, draws, heard)
        job = Job(release_given(release, settings), book, *of_the_run)
        reading = Reading((*contracts, *more), mapping, today)
        _refuse_to_overwrite((out, draws), (*contracts, *more, mapping_file))
        for note in reading.notes:
            click.echo(note, err=True)
        with _progress() as progress:
            task = progress.add_task("deciding", total=reading.rows)
            tally = score_contracts(reading, job, out, lambda done: progress.update(task, completed=done))
    _tell(job, tally, out, as_json)


def release_given(given: str | None, settings: Settings) -> Release | None:
    """The release of a folder, or the one that serves; None where it was said to do without. Raises Faults."""
    if given == NO_RELEASE or (given is None and settings.releases is None):
        return None
    if given:
        return load_release(Path(given), verification_key(settings.keys))
    assert settings.releases is not None
    release = load_serving(settings.releases, settings.keys)
    if release is None:
        fix = "train one with --current, name one with --release DIR, or do without with --release none"
        raise Faults([Fault("no-input", f"{settings.releases}/{REGISTRY}", "no release is set", fix=fix)])
    return release


def _refuse_to_overwrite(outputs: tuple[Path, Path | None], inputs: tuple[Path, ...]) -> None:
    out, draws = outputs
    for option, path in (("--out", out), ("--out", quarantine_of(out)), ("--draws", draws)):
        if path and path.exists() and any(path.samefile(one) for one in inputs):
            raise Faults([Fault("usage", option, f"{path} is also read", "another file")])
    if draws and draws.absolute() in (out.absolute(), quarantine_of(out).absolute()):
        raise Faults([Fault("usage", "--draws", f"{draws} is what --out writes", "another file")])


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True))


def _tell(job: Job, tally: Tally, out: Path, as_json: bool) -> None:
    """The summary; raises Faults, and so leaves with 65, when rows were quarantined."""
    quarantine = quarantine_of(out)
    if as_json:
        counts = {"rows": tally.rows, **vars(tally), "out": str(out), "quarantine": str(quarantine)}
        fixed = {
            "decided_on": job.today.isoformat(),
            "at": job.at and job.at.isoformat(timespec="minutes"),
            "ends_within_days": job.ends_within_days,
        }
        click.echo(json.dumps({**counts, **fixed, "versions": asdict(job.versions), "assumptions": job.assumptions}))
    else:
        click.echo(f"{tally.rows} rows: {_shares(job, tally)}")
        click.echo(", ".join(f"{stance} {count}" for stance, count in sorted(tally.stances.items())))
        click.echo(f"{out}, decided on {job.today}, model {job.versions.model}")
    if tally.quarantined:
        what = f"{tally.quarantined} rows cannot be used"
        raise Faults([Fault("quarantined", str(quarantine), what, fix="each stands there with its line and reason")])


def _shares(job: Job, tally: Tally) -> str:
    parts = [f"{tally.decided} decided", f"{tally.quarantined} quarantined"]
    if job.ends_within_days is not None:
        parts.append(f"{tally.not_due} left out: no commitment that ends within {job.ends_within_days} days")
    if tally.not_to_be_called:
        parts.append(f"{tally.not_to_be_called} not to be called")
    if tally.heard_of:
        parts.append(f"{tally.heard_of} with what the desk has heard since")
    if tally.degraded:
        parts.append(f"{tally.degraded} decided without a known chance of leaving")
    return ", ".join(parts)
