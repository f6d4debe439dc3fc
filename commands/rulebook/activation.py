"""`counteroffer rulebook activate|approve|rollback|list`: which rulebook is in force, who put it there, and why."""

import datetime
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection, Engine

from api.rulebooks import kept_rulebook
from api.settings import Settings, read_settings
from commands.persons import AS_JSON, BY, NOTE, one_line, same_person
from engine.changes import check_days
from engine.errors import Fault, Faults
from engine.rulebook import Rulebook
from intake.rulebook import check_rulebook, read_rulebook
from ledger import queries, writer
from ledger.impact import Impact, measure_impact
from ledger.journal import By
from ledger.rulebooks import digest_in_force, every_activation, rulebook_before, rulebook_proposed
from ledger.store import migrate, open_store, reading, writing

PERSON = "manager"
SHOWN_DIGEST = 12


@dataclass(frozen=True)
class House:
    """The store, opened, and the moment by the operator's calendar."""

    settings: Settings
    store: Engine
    moment: datetime.datetime

    def act(self, name: str) -> writer.Act:
        """A named person, at this moment."""
        return writer.Act(By(one_line("--by", name), PERSON), self.moment)


@contextmanager
def _house() -> Iterator[House]:
    settings = read_settings(os.environ)
    store = open_store(settings.database)
    migrate(store)
    yield House(settings, store, datetime.datetime.now(settings.zone))
    store.dispose()


@click.command(epilog='Example: counteroffer rulebook activate rulebook --by "A. Martin" --note "spring floor"')
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@BY
@NOTE
@AS_JSON
def activate(folder: Path, by: str, note: str, as_json: bool) -> None:
    """Check the folder DIR and put it in force: for every request that begins from now on, without a restart.

    Where more recent answers would change than the policy in force lets one person change (rulebook_impact_share), it
    is proposed instead, and exits 75: a second person says `rulebook approve`.
    """
    with _house() as house:
        act, note, found = house.act(by), one_line("--note", note), read_rulebook(folder)
        check_days(found, house.moment.date())
        with reading(house.store) as connection:
            over = digest_in_force(connection)
            if over == found.digest:
                raise Faults([Fault("usage", str(folder), "this rulebook is in force already", "a changed one")])
            in_force = _usable(connection, over, house.moment.date())
            impact = measure_impact(connection, found, in_force, house.moment.date()) if over else None
        alone = impact is None or not impact.is_above(_limit(in_force, house.moment.date()))
        counts = (impact.asked, impact.changed) if impact else (0, 0)
        change = writer.Change(found.digest, found.texts, note, over, *counts)
        with _not_overtaken(), writing(house.store) as connection:
            (writer.activate_rulebook if alone else writer.propose_rulebook)(connection, change, act)
    _tell({"digest": found.digest, "state": "in_force" if alone else "proposed", **_measured(impact)}, as_json)
    if impact is not None and not alone:
        would = f"{impact.changed} of the last {impact.asked} answers would change as of {impact.on}"
        what = f"it waits for a second person: {would}"
        fix = f"counteroffer rulebook approve {found.digest[:SHOWN_DIGEST]} --by OTHER"
        raise Faults([Fault("needs-approval", found.digest[:SHOWN_DIGEST], what, fix=fix)])


@click.command(epilog='Example: counteroffer rulebook approve 3f6c2a9d41be --by "B. Leroy"')
@click.argument("digest")
@BY
@AS_JSON
def approve(digest: str, by: str, as_json: bool) -> None:
    """Put the proposed rulebook in force: DIGEST, or its first digits, as `rulebook list` shows it; not by who did."""
    with _house() as house:
        act = house.act(by)
        with reading(house.store) as connection:
            over, proposed = digest_in_force(connection), rulebook_proposed(connection)
            if proposed is None or len(digest) < SHOWN_DIGEST or not proposed.digest.startswith(digest.lower()):
                fault = Fault("no-input", digest, "no rulebook of this digest is proposed", fix="see rulebook list")
                raise Faults([fault])
            if same_person(proposed.proposed_by, by):
                what = f"{proposed.proposed_by} proposed it"
                raise Faults([Fault("not-a-second-person", "--by", what, "a second person")])
            found = _checked(connection, proposed.digest, house.moment.date())
        with _not_overtaken(), writing(house.store) as connection:
            writer.approve_rulebook(connection, proposed, act, over)
    _tell({"digest": found.digest, "state": "in_force", "asked": proposed.asked, "changed": proposed.changed}, as_json)


@click.command(epilog='Example: counteroffer rulebook rollback --by "A. Martin" --note "wrong floor"')
@BY
@NOTE
@AS_JSON
def rollback(by: str, note: str, as_json: bool) -> None:
    """Put the rulebook that was in force before back, at once; needs no second person."""
    with _house() as house:
        act, note = house.act(by), one_line("--note", note)
        with reading(house.store) as connection:
            over, before = digest_in_force(connection), rulebook_before(connection)
            if over is None or before is None:
                raise Faults([Fault("no-input", "store", "no rulebook was in force before", fix="see rulebook list")])
            found = _checked(connection, before.digest, house.moment.date())
            stock = _stock_note(connection, over, found)
        with _not_overtaken(), writing(house.store) as connection:
            writer.roll_back_rulebook(connection, act, note, over)
    if stock:
        click.echo(stock, err=True)
    _tell({"digest": found.digest, "state": "in_force", "taken_back": over}, as_json)


@click.command(name="list", epilog="Example: counteroffer rulebook list")
@AS_JSON
def list_rulebooks(as_json: bool) -> None:
    """Print every rulebook that was ever in force or proposed, the oldest first, with who, when and why."""
    with _house() as house, reading(house.store) as connection:
        rows = every_activation(connection)
    shown = ("digest", "state", "proposed_at", "proposed_by", "approved_by", "asked", "changed", "note")
    found = [{name: row._mapping[name] for name in shown} for row in rows]
    if as_json:
        click.echo(json.dumps(found))
        return
    for row in found:
        row["digest"] = row["digest"][:SHOWN_DIGEST]
        click.echo("  ".join("-" if value is None else str(value) for value in row.values()))


def _usable(connection: Connection, digest: str | None, today: datetime.date) -> Rulebook | None:
    """The rulebook in force, None where there is none or this version cannot decide under it today."""
    try:
        found = None if digest is None else kept_rulebook(connection, digest)
        if found is not None:
            found.as_of(today)
    except Faults:
        return None
    return found


def _limit(in_force: Rulebook | None, today: datetime.date) -> float:
    return 0.0 if in_force is None else float(in_force.as_of(today).policy["rulebook_impact_share"])


def _checked(connection: Connection, digest: str, today: datetime.date) -> Rulebook:
    """A rulebook of the store under the checks of today. Raises Faults."""
    texts = queries.find_rulebook(connection, digest)
    if texts is None:
        raise Faults([Fault("rulebook-missing", digest, "the store does not hold this rulebook")])
    found = check_rulebook(texts)
    check_days(found, today)
    return found


def _stock_note(connection: Connection, over: str, found: Rulebook) -> str:
    texts = queries.find_rulebook(connection, over) or {}
    if texts.get("devices.toml") == found.texts["devices.toml"]:
        return ""
    return "devices.toml is another one: what was sold since counts against the other stock, so check the shelves"


def _measured(impact: Impact | None) -> dict[str, Any]:
    return {} if impact is None else {**asdict(impact), "on": impact.on.isoformat(), "share": round(impact.share, 6)}


@contextmanager
def _not_overtaken() -> Iterator[None]:
    try:
        yield
    except writer.Overtaken:
        fault = Fault("overtaken", "store", "what is in force has just changed", fix="look, and try again")
        raise Faults([fault]) from None


def _tell(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(found))
        return
    said = f"{found['digest'][:SHOWN_DIGEST]} is {'in force' if found['state'] == 'in_force' else 'proposed'}"
    if "asked" in found:
        said += f"; {found['changed']} of the last {found['asked']} answers change"
    if "on" in found:
        said += f" as of {found['on']}"
    click.echo(said)
