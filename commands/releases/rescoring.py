"""`counteroffer shadow`: the questions really asked, scored again by a release that does not serve."""

import json
from pathlib import Path
from typing import Any

import click

from api.rulebooks import Rulebooks
from commands.persons import AS_JSON
from commands.releases.house import House, open_house
from ledger import queries
from ledger.store import migrate, open_store, reading
from models.registry import load_version
from models.store import Release
from training.governance.gates import Gate, judge_gates, read_limits
from training.governance.page import write_page
from training.governance.review import read_review
from training.governance.shadow import Shadow

MOST_DECISIONS = 2_000
REPORT = click.option(
    "--out", type=click.Path(path_type=Path), help="Where the report goes: one HTML page, whole in itself."
)


@click.command(epilog="Example: counteroffer shadow simulated-3f6c2a9d41be --out report.html")
@click.argument("version")
@REPORT
@AS_JSON
def shadow(version: str, out: Path | None, as_json: bool) -> None:
    """Score the last 2,000 recorded questions again with the release VERSION and say what would have been offered.

    Nobody is answered otherwise: it works on what is on record, after the answer. Says every gate as well.
    """
    house = open_house()
    findings = Findings.of(house, version)
    findings.write(out)
    if as_json:
        click.echo(json.dumps({"version": version, **findings.told}))
        return
    trial = findings.shadow["trial"]
    click.echo(f"{trial['asked']} questions, {trial['other_offer']} with another first offer")
    for gate in findings.gates:
        click.echo(said(gate))


class Findings:
    """What a release is beside the one that serves, what it would have said, and which gates hold."""

    def __init__(self, review: dict[str, Any], shadow: dict[str, Any]) -> None:
        self.review, self.shadow = review, shadow
        self.gates = judge_gates(review, shadow, read_limits())

    @classmethod
    def of(cls, house: House, version: str) -> "Findings":
        """Everything about one release. Raises Faults where it is refused, or has no review."""
        release = load_version(house.releases, house.keys, version)
        review = read_review(house.releases, version, house.keys)
        return cls(review, rescored(house, release))

    @property
    def told(self) -> dict[str, Any]:
        """All of it, JSON-ready."""
        gates = [vars(gate) for gate in self.gates]
        return {"gates": gates, "review": self.review, "shadow": self.shadow}

    def write(self, out: Path | None) -> None:
        """Write the report, where one was asked for. Raises OSError."""
        if out is not None:
            write_page(out, self.review, self.shadow, self.gates, read_limits())


def rescored(house: House, release: Release) -> dict[str, Any]:
    """What a release would have said of the last questions on record."""
    found, rulebooks = Shadow(release), Rulebooks()
    store = open_store(house.settings.database)
    migrate(store)
    with reading(store) as connection:
        found.add(queries.last_decisions(connection, MOST_DECISIONS), lambda digest: rulebooks.of(connection, digest))
    store.dispose()
    return found.told()


def said(gate: Gate) -> str:
    """One gate in one line."""
    verdict = "not judged" if gate.passed is None else "holds" if gate.passed else "FAILS"
    value = "-" if gate.value is None else f"{gate.value:.4f}"
    return f"{verdict:<11}{gate.name}: {value} (at most {gate.limit:g})"
