"""`counteroffer evaluate`: what a rulebook or a release would have earned on logged contacts."""

import datetime
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from commands.days import Day
from engine.errors import Fault, Faults
from engine.rulebook import InForce, Rulebook
from intake.contacts import Contacts, read_contacts
from intake.mapping import read_mapping
from intake.rulebook import read_rulebook
from models import NO_RELEASE
from models.keys import verification_key
from models.store import Release, load_release
from training.evaluation.acting import Acting, act, leave_alone
from training.evaluation.evaluate import Evaluated, evaluate
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
    options_metavar="--contacts FILE [FILE ...] --mapping FILE --rulebook DIR [OPTIONS]",
)
@click.option("--contacts", multiple=True, type=FILE, help="The contacts, in a table or several: CSV or Parquet.")
@click.argument("more", nargs=-1, type=FILE, metavar="")
@click.option("--mapping", required=True, type=FILE, help="What the columns mean; with a table [contacts].")
@click.option("--rulebook", required=True, type=FILE, help="Folder of the rulebook to be judged.")
@click.option("--release", default=NO_RELEASE, show_default=True, help="Folder of the release to be judged.")
@click.option("--against", multiple=True, help="Another rulebook's folder, a release's, or none: no model; repeatable.")
@click.option("--keys", type=FILE, default=Path("var/keys"), show_default=True, envvar="COUNTEROFFER_KEYS",
              help="Folder of the key that verifies releases.")  # fmt: skip
@click.option("--promises", is_flag=True, help="Learn from these contacts, five times, and hold promises to what came.")
@click.option("--as-of", type=Day(), help="Day of the rulebook; else today.")
@click.option("--json", "as_json", is_flag=True, help="Say the figures as one JSON object.")
def evaluate_command(
    contacts: tuple[Path, ...],
    more: tuple[Path, ...],
    mapping: Path,
    rulebook: Path,
    release: str,
    against: tuple[str, ...],
    keys: Path,
    promises: bool,
    as_of: datetime.datetime | None,
    as_json: bool,
) -> None:
    """Tell what a rulebook, or a release, would have earned on contacts that chance drew.

    Every figure has its interval; where the log does not bear one it is refused, in words. See docs/learning.md.
    """
    if not contacts:
        raise click.UsageError("give at least one table with --contacts FILE")
    today = (as_of or datetime.datetime.now()).date()
    judged = Policy("the rulebook", _rulebook(rulebook), _release(release, keys))
    others = [_other(given, judged, keys) for given in against]
    read = read_contacts((*contacts, *more), read_mapping(mapping), judged.rulebook, today)
    check_randomised(read)
    in_force = judged.rulebook.as_of(today)
    _refuse_other_goods(in_force, others, today)
    acting = {one.name: act(read, one.rulebook, one.release, today) for one in (judged, *others)}
    found = evaluate(read, {**acting, NOBODY: leave_alone(read, in_force)}, in_force, today)
    kept = kept_promises(read, judged.rulebook, today) if promises else []
    _tell(_Told(read, found, kept, _notes(read, judged, acting)), as_json)


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


@dataclass(frozen=True)
class _Told:
    """All that is told at the end."""

    contacts: Contacts
    found: dict[str, Evaluated]
    kept: list[Kept]
    notes: list[str]


def _tell(told: _Told, as_json: bool) -> None:
    if as_json:
        said: dict[str, Any] = {"contacts": len(told.contacts), "notes": told.notes, "policies": as_plain(told.found)}
        click.echo(json.dumps({**said, "promises": promises_as_plain(told.kept)}, ensure_ascii=False))
        return
    for note in told.notes:
        click.echo(note, err=True)
    click.echo(f"{len(told.contacts):,} contacts; a contact is worth what came of it, by policy.toml, over its horizon")
    for line in [*as_lines(told.found), *(promises_as_lines(told.kept) if told.kept else ())]:
        click.echo(line)
