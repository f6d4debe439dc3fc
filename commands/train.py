"""counteroffer train: fits, judges and signs a churn model and, from contacts, how customers react to offers."""

import datetime
import json
import os
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from commands.folders import make_folder
from engine.errors import Fault, Faults
from intake.quarantine import BadRow
from intake.rulebook import read_rulebook
from ledger.records import time_text
from models.keys import signing_key
from models.registry import Registry, load_serving, read_registry, set_current
from models.store import Release
from training.governance.review import make_review, write_review
from training.history import read_history
from training.lesson import Lesson, lesson_of_contacts, read_contacted
from training.release import Place, Trained

FILE = click.Path(path_type=Path)


@click.command(
    epilog="Example: counteroffer train --data history.csv --mapping mappings/simulated.toml --out var/releases",
    options_metavar="--data FILE [FILE ...] | --contacts FILE --mapping FILE --out DIR [OPTIONS]",
)
@click.option(
    "--data", multiple=True, type=FILE, help="The operator's table, or tables: CSV, gzipped or not, or Parquet."
)
@click.option(
    "--contacts",
    multiple=True,
    type=FILE,
    help="A history of contacts that chance drew: what offers do is learned from it (docs/learning.md).",
)
@click.option(
    "--rulebook",
    type=FILE,
    default=Path("rulebook"),
    show_default=True,
    help="With --contacts: the rulebook whose priors the learning starts from.",
)
@click.argument("more", nargs=-1, type=FILE, metavar="")
@click.option("--mapping", required=True, type=FILE, help="What the columns mean (docs/mapping.md).")
@click.option("--out", "releases", required=True, type=FILE, help="Folder of the releases; made if absent.")
@click.option("--true-rate", type=float, help="Share of customers who really leave, when the file holds more leavers.")
@click.option(
    "--shuffles",
    type=click.IntRange(1, 20),
    help="Repetitions of the five folds behind the figures of the card; 5 up to 30,000 rows, fewer above.",
)
@click.option(
    "--keys",
    type=FILE,
    default=Path("var/keys"),
    show_default=True,
    envvar="COUNTEROFFER_KEYS",
    help="Folder of the signing key; made if absent.",
)
@click.option("--current", is_flag=True, help="Let it serve at once; only where none does, else see promote.")
@click.option("--json", "as_json", is_flag=True, help="Say what was written as one JSON object.")
def train(
    data: tuple[Path, ...],
    contacts: tuple[Path, ...],
    rulebook: Path,
    more: tuple[Path, ...],
    mapping: Path,
    releases: Path,
    true_rate: float | None,
    shuffles: int | None,
    keys: Path,
    current: bool,
    as_json: bool,
) -> None:
    """Fit candidates, judge them on customers they have not seen, and write a signed release with its card."""
    if not data and not contacts:
        raise click.UsageError("give at least one table with --data FILE, or contacts with --contacts FILE")
    if true_rate is not None and not 0.0 < true_rate < 1.0:
        raise Faults([Fault("usage", "--true-rate", str(true_rate), "a share between 0 and 1", "write 0.02 for 2 %")])
    contacted = read_contacted(contacts, mapping, read_rulebook(rulebook)) if contacts else None
    if data or contacted is None:
        history = read_history((*data, *more), mapping, true_rate, shuffles)
        lesson = Lesson(history, contacted, own=False)
    else:
        lesson = lesson_of_contacts(contacted, mapping)
    history = lesson.history
    for notes, bad in lesson.readings:
        _tell_reading(notes, bad)
    make_folder(releases)
    make_folder(keys)
    registry = read_registry(releases, keys)
    if current and registry.serving is not None:
        fix, what = (
            "train without --current, then counteroffer promote the release",
            f"{registry.serving} serves already",
        )
        raise Faults([Fault("usage", "--current", what, "no release that serves", fix)])
    champion = _champion(releases, keys, registry)
    signing = signing_key(keys)
    with _progress() as progress:
        task = progress.add_task("fitting", total=None)

        def fitted_one(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        trained = lesson.learn(Place(releases, signing), fitted_one)
    left_out = sum(len(bad) for _, bad in lesson.readings)
    review = make_review(history.rows, trained, champion, left_out)
    write_review(releases, review, signing)
    if current:
        now = time_text(datetime.datetime.now(datetime.UTC))
        set_current(releases, keys, trained.directory.name, "counteroffer train", now)
    _tell(trained, left_out, as_json)


def _champion(releases: Path, keys: Path, registry: Registry) -> Release | None:
    """The release that serves, to be compared with; one that is refused is told of and not compared with."""
    try:
        return load_serving(releases, keys, registry)
    except Faults as faults:
        for fault in faults.faults:
            click.echo(f"not compared with the release that serves: {fault}", err=True)
        return None


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True))


def _tell_reading(notes: list[str], bad: list[BadRow]) -> None:
    for note in notes:
        click.echo(note, err=True)
    for row in bad[:10]:
        click.echo(f"left out: line {row.line}: {row.reason}", err=True)
    if len(bad) > 10:
        click.echo(f"left out: {len(bad) - 10} more rows", err=True)


def _tell(trained: Trained, left_out: int, as_json: bool) -> None:
    card = trained.card
    if as_json:
        found = {"release": str(trained.directory), "version": trained.directory.name, "chosen": card["chosen"]}
        click.echo(json.dumps({**found, "metrics": card["metrics"], "rows_left_out": left_out}))
        return
    for name, figure in card["metrics"].items():
        click.echo(f"{name:<9} {figure['value']:.4f}  [{figure['low']:.4f}, {figure['high']:.4f}]")
    click.echo(f"chosen    {card['chosen']}")
    click.echo(f"release   {trained.directory}{os.sep}card.html")
