"""`counteroffer promote` and `counteroffer rollback`: which release serves, by two persons forward and by one back."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from commands.persons import AS_JSON, BY, NOTE, one_line, same_person
from commands.releases.house import House, open_house
from commands.releases.rescoring import REPORT, Findings
from engine.errors import Fault, Faults
from models.registry import APPROVED, PROPOSED, ROLLED_BACK, load_version
from training.governance.gates import Gate, failed


@click.command(epilog='Example: counteroffer promote simulated-3f6c2a9d41be --by "A. Martin" --note "autumn data"')
@click.argument("version")
@BY
@click.option("--note", metavar="TEXT", help="Why; stands in the registry. Needed to propose.")
@click.option("--approve", is_flag=True, help="As the second person: let what was proposed serve.")
@click.option("--force", is_flag=True, help="Although a gate fails; both persons must say so.")
@REPORT
@AS_JSON
def promote(
    version: str, by: str, note: str | None, approve: bool, force: bool, out: Path | None, as_json: bool
) -> None:
    """Propose that the release VERSION serves (exits 75), or approve as the second person; servers follow at once.

    A release that fails a gate is not proposed (exits 65), unless both persons say --force.
    """
    house = open_house()
    if approve:
        found = _approve(house, version, by, force)
    elif note is None:
        raise Faults([Fault("usage", "--note", "missing", "why it is to serve", "--note TEXT, or --approve")])
    else:
        found = _propose(house, version, Proposal(one_line("--by", by), one_line("--note", note), force, out))
    _tell(found, as_json)
    if not approve:
        fix = f"counteroffer promote {version} --approve --by OTHER" + (" --force" if found["failed"] else "")
        raise Faults([Fault("needs-approval", version, "it waits for a second person", fix=fix)])


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


@dataclass(frozen=True)
class Proposal:
    """Who proposes and why, whether although a gate fails, and where the report goes."""

    by: str
    note: str
    force: bool
    out: Path | None


def _propose(house: House, version: str, proposal: Proposal) -> dict[str, Any]:
    if house.registry.serving == version:
        raise Faults([Fault("usage", version, "this release serves already", "another one")])
    findings = Findings.of(house, version)
    findings.write(proposal.out)
    if findings.review["champion"] != house.registry.serving:
        what = f"was compared with {findings.review['champion'] or 'no release'}, and {house.registry.serving} serves"
        fix = "train it again: counteroffer train compares it with the release that serves"
        raise Faults([Fault("overtaken", version, what, fix=fix)])
    broken = failed(findings.gates)
    if broken and not proposal.force:
        raise Faults(_gate_failed(gate) for gate in broken)
    names = [gate.name for gate in broken]
    gates = [{"name": gate.name, "value": gate.value, "limit": gate.limit} for gate in findings.gates]
    told = {"note": proposal.note, "over": house.registry.serving, "failed": names, "gates": gates}
    house.act(PROPOSED, version, proposal.by, **told, figures=findings.review["figures"])
    return {"version": version, "state": "proposed", "failed": names}


def _approve(house: House, version: str, by: str, force: bool) -> dict[str, Any]:
    proposed = house.registry.proposed
    if proposed is None or proposed["version"] != version:
        raise Faults([Fault("no-input", version, "this release is not proposed", fix="see counteroffer models")])
    if same_person(proposed["by"], by):
        raise Faults([Fault("not-a-second-person", "--by", f"{proposed['by']} proposed it", "a second person")])
    if proposed["failed"] and not force:
        what, fix = f"{proposed['by']} proposed it although this gate fails", "say --force as well, or train another"
        raise Faults(Fault("gate-failed", name, what, fix=fix) for name in proposed["failed"])
    load_version(house.releases, house.keys, version)
    house.act(APPROVED, version, by, proposed_by=proposed["by"], failed=proposed["failed"])
    return {"version": version, "state": "serves", "failed": proposed["failed"]}


def _gate_failed(gate: Gate) -> Fault:
    fix = "--out REPORT.html says more; both persons may say --force"
    return Fault("gate-failed", gate.name, f"{gate.value:.4f}", f"at most {gate.limit:g}", fix)


def _tell(found: dict[str, Any], as_json: bool) -> None:
    said = {"serves": "serves", "proposed": "is proposed"}[found["state"]]
    click.echo(json.dumps(found) if as_json else f"{found['version']} {said}")
