"""`counteroffer evaluate`: what a rulebook or a release would have earned on logged contacts."""

import datetime
import json
import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click

from api.rulebooks import Rulebooks
from api.settings import read_settings
from commands.days import Day
from engine.errors import Fault, Faults
from engine.rulebook import InForce, Rulebook
from intake.contacts import Contacts, read_contacts
from intake.mapping import read_mapping
from intake.rulebook import read_rulebook
from ledger.promised import Period
from ledger.store import migrate, open_store, reading
from models import NO_RELEASE
from models.keys import verification_key
from models.store import Release, load_release
from training.evaluation.acting import Acting, act, leave_alone
from training.evaluation.cross_fit import FOLDS
from training.evaluation.evaluate import Evaluated, evaluate
from training.evaluation.on_record import evaluate_decisions, read_decisions
from training.evaluation.promises import Kept, kept_promises
from training.evaluation.telling import as_lines, as_plain, promises_as_lines, promises_as_plain
from training.randomised import check_randomised

FILE = click.Path(path_type=Path)
NOBODY = "nobody called"


@dataclass(frozen=True)
class Policy:
    """What decides: a rulebook and a release, or none; `name` as it was given."""

    name: str
    rulebook: Rulebook
    release: Release | None


@click.command(
    name="evaluate",
    epilog="Example: counteroffer evaluate --contacts contacts.csv --mapping operator.toml --rulebook rulebook",
    options_metavar="--contacts FILE [FILE ...] --mapping FILE | --since DATE --rulebook DIR [OPTIONS]",
)
@click.option("--contacts", multiple=True, type=FILE, help="The contacts, in a table or several: CSV or Parquet.")
@click.argument("more", nargs=-1, type=FILE, metavar="")
@click.option("--mapping", type=FILE, help="What the columns mean; with a table [contacts].")
@click.option("--rulebook", required=True, type=FILE, help="Folder of the rulebook to be judged.")
@click.option("--release", default=NO_RELEASE, show_default=True, help="Folder of the release to be judged.")
@click.option("--against", multiple=True, help="Another rulebook's folder, a release's, or none: no model; repeatable.")
@click.option("--since", type=Day(), help="Instead of contacts: the decisions of the store from this day on.")
@click.option("--until", type=Day(), help="Last day of these decisions; else today.")
@click.option("--database", help="Where the store is, such as sqlite:///var/counteroffer.db; else the setting.")
@click.option("--keys", type=FILE, default=Path("var/keys"), show_default=True, envvar="COUNTEROFFER_KEYS",
              help="Folder of the key that verifies releases.")  # fmt: skip
@click.option("--promises", is_flag=True, help="Learn from these contacts, five times, and hold promises to what came.")
@click.option("--as-of", type=Day(), help="Day of the rulebook; else today.")
@click.option("--json", "as_json", is_flag=True, help="Say the figures as one JSON object.")
def evaluate_command(
    contacts: tuple[Path, ...],
    more: tuple[Path, ...],
    mapping: Path | None,
    rulebook: Path,
    release: str,
    against: tuple[str, ...],
    since: datetime.datetime | None,
    until: datetime.datetime | None,
    database: str | None,
    keys: Path,
    promises: bool,
    as_of: datetime.datetime | None,
    as_json: bool,
) -> None:
    """Tell what a rulebook, or a release, would have earned on contacts that chance drew, or on the store's decisions.

    Every figure has its interval; where the log does not bear one it is refused, in words. See docs/learning.md.
    """
    if bool(contacts) == bool(since) or (contacts and not mapping):
        raise click.UsageError("give --contacts FILE and --mapping FILE, or --since DATE for the store")
    judged = Policy("the rulebook", _rulebook(rulebook), _release(release, keys))
    if since:
        if against or promises:
            raise click.UsageError("--against and --promises go with --contacts")
        _tell(_on_record(judged, since, until, database), as_json)
        return
    today = (as_of or datetime.datetime.now()).date()
    others = [_other(given, judged, keys) for given in against]
    read = read_contacts((*contacts, *more), read_mapping(mapping or Path()), judged.rulebook, today)
    check_randomised(read)
    in_force = judged.rulebook.as_of(today)
    _refuse_other_goods(in_force, others, today)
    acting = {one.name: act(read, one.rulebook, one.release, today) for one in (judged, *others)}
    found = evaluate(read, {**acting, NOBODY: leave_alone(read, in_force)}, in_force, today)
    kept = kept_promises(read, judged.rulebook, today) if promises else []
    _tell(Told(f"{len(read):,} contacts", len(read), found, kept, _notes(read, judged, acting)), as_json)


def _rulebook(folder: Path) -> Rulebook:
    if not folder.is_dir():
        raise Faults([Fault("no-input", str(folder), "there is no such folder", "the folder of a rulebook")])
    return read_rulebook(folder)


def _release(given: str, keys: Path) -> Release | None:
    return None if given == NO_RELEASE else load_release(Path(given), verification_key(keys))


def _other(given: str, judged: Policy, keys: Path) -> Policy:
    """What the judged is held against: the same but for the rulebook, or but for the release."""
    if given != NO_RELEASE and (Path(given) / "policy.toml").is_file():
        return Policy(given, _rulebook(Path(given)), judged.release)
    if given != NO_RELEASE and not Path(given).is_dir():
        raise Faults([Fault("no-input", given, "there is no such folder", "a rulebook, a release or none")])
    name = "no release" if given == NO_RELEASE else given
    return Policy(name, judged.rulebook, _release(given, keys))


def _refuse_other_goods(in_force: InForce, others: list[Policy], today: datetime.date) -> None:
    """Terms are compared by what they name, so both rulebooks must name the same devices and extras."""
    goods = in_force.catalogue.goods
    for other in others:
        theirs = other.rulebook.as_of(today).catalogue.goods
        if (theirs.device_ids, theirs.extra_ids) != (goods.device_ids, goods.extra_ids):
            what = "has other devices or extras, so the same terms cannot be found in both"
            raise Faults([Fault("other-goods", other.name, what, "the devices and extras of --rulebook")])


def _notes(contacts: Contacts, judged: Policy, acting: dict[str, Acting]) -> list[str]:
    notes = [*contacts.notes]
    if contacts.bad:
        notes.append(
            f"{len(contacts.bad)} rows left out, the first: line {contacts.bad[0].line}: {contacts.bad[0].reason}"
        )
    if judged.release and contacts.digest in json.dumps(dict(judged.release.manifest), default=str):
        notes.append("the release has learned from this very file: what it is judged on it has seen")
    without = {name: one.degraded for name, one in acting.items() if one.degraded}
    return notes + [f"{name}: {count} customers without a known chance of leaving" for name, count in without.items()]


def _on_record(
    judged: Policy, since: datetime.datetime, until: datetime.datetime | None, database: str | None
) -> "Told":
    """The figures of the decisions of the store."""
    settings = read_settings(os.environ)
    today = datetime.datetime.now(settings.zone).date()
    period = Period(since.date(), until.date() if until else today, today)
    store = open_store(database or settings.database)
    migrate(store)
    with reading(store) as connection:
        own = partial(Rulebooks().of, connection)
        read = read_decisions(connection, period, own, (judged.rulebook, judged.release))
    store.dispose()
    rows = len(read.followed)
    if rows < FOLDS:
        what = f"of {rows} decisions is it known how their window ended"
        raise Faults([Fault("no-input", "--since", what, "decisions whose outcome was told", "POST /outcome tells it")])
    return Told(f"{rows:,} first decisions whose end is known", rows, evaluate_decisions(read), [], [])


@dataclass(frozen=True)
class Told:
    """All that is told at the end; `rows` are counted `of` what."""

    of: str
    rows: int
    found: dict[str, Evaluated]
    kept: list[Kept]
    notes: list[str]


def _tell(told: Told, as_json: bool) -> None:
    if as_json:
        said: dict[str, Any] = {"rows": told.rows, "notes": told.notes, "policies": as_plain(told.found)}
        click.echo(json.dumps({**said, "promises": promises_as_plain(told.kept)}, ensure_ascii=False))
        return
    for note in told.notes:
        click.echo(note, err=True)
    click.echo(f"{told.of}; each is worth what came of it, by policy.toml, over its horizon")
    for line in [*as_lines(told.found), *(promises_as_lines(told.kept) if told.kept else ())]:
        click.echo(line)
