"""`counteroffer promote` and `counteroffer rollback`: which release serves, by two persons forward and by one back."""

import json
from typing import Any

import click

from commands.persons import AS_JSON, BY, NOTE, one_line, same_person
from commands.releases.house import House, open_house
from engine.errors import Fault, Faults
from models.registry import APPROVED, PROPOSED, ROLLED_BACK, load_version


@click.command(epilog='Example: counteroffer promote simulated-3f6c2a9d41be --by "A. Martin" --note "autumn data"')
@click.argument("version")
@BY
@click.option("--note", metavar="TEXT", help="Why; stands in the registry. Needed to propose.")
@click.option("--approve", is_flag=True, help="As the second person: let what was proposed serve.")
@click.option("--force", is_flag=True, help="Although a gate fails; both persons must say so.")
@AS_JSON
def promote(version: str, by: str, note: str | None, approve: bool, force: bool, as_json: bool) -> None:
    """Propose that the release VERSION serves (exits 75), or approve as the second person; servers follow at once.

    A release that fails a gate is not proposed (exits 65), unless both persons say --force.
    """
    house = open_house()
    if approve:
        _approve(house, version, by, force, as_json)
    elif note is None:
        raise Faults([Fault("usage", "--note", "missing", "why it is to serve", "--note TEXT, or --approve")])
    else:
        _propose(house, version, by, one_line("--note", note), force, as_json)


@click.command(epilog='Example: counteroffer rollback --by "A. Martin" --note "complaints from the desk"')
@BY
@NOTE
@AS_JSON
def rollback(by: str, note: str, as_json: bool) -> None:
    """Let the release before serve again, at once; needs no second person."""
    house = open_house()
    before, serving = house.registry.before, house.registry.serving
    if before is None:
        raise Faults([Fault("no-input", "registry", "no release served before", fix="see counteroffer models")])
    load_version(house.releases, house.keys, before)
    house.act(ROLLED_BACK, before, by, note=one_line("--note", note), taken_back=serving)
    _tell({"version": before, "state": "serves", "taken_back": serving}, as_json)


def _propose(house: House, version: str, by: str, note: str, force: bool, as_json: bool) -> None:
    by = one_line("--by", by)
    load_version(house.releases, house.keys, version)
    if house.registry.serving == version:
        raise Faults([Fault("usage", version, "this release serves already", "another one")])
    house.act(PROPOSED, version, by, note=note, over=house.registry.serving, forced=force)
    _tell({"version": version, "state": "proposed"}, as_json)
    fix = f"counteroffer promote {version} --approve --by OTHER"
    raise Faults([Fault("needs-approval", version, "it waits for a second person", fix=fix)])


def _approve(house: House, version: str, by: str, force: bool, as_json: bool) -> None:
    proposed = house.registry.proposed
    if proposed is None or proposed["version"] != version:
        raise Faults([Fault("no-input", version, "this release is not proposed", fix="see counteroffer models")])
    if same_person(proposed["by"], by):
        raise Faults([Fault("not-a-second-person", "--by", f"{proposed['by']} proposed it", "a second person")])
    load_version(house.releases, house.keys, version)
    house.act(APPROVED, version, by, proposed_by=proposed["by"], forced=force)
    _tell({"version": version, "state": "serves"}, as_json)


def _tell(found: dict[str, Any], as_json: bool) -> None:
    said = {"serves": "serves", "proposed": "is proposed"}[found["state"]]
    click.echo(json.dumps(found) if as_json else f"{found['version']} {said}")
