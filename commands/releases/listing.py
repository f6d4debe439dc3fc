"""`counteroffer models`: every release on disk, how good it is, who put it in force, and which one serves."""

import datetime
import json
from typing import Any

import click

from commands.persons import AS_JSON
from commands.releases.house import House, open_house
from engine.errors import Faults
from ledger.records import time_text
from models.registry import load_version
from models.store import CARD_DATA, MANIFEST, VERSION_PATTERN

SHOWN_METRICS = ("auc", "log_loss", "ece")


@click.command(name="models", epilog="Example: counteroffer models --json")
@AS_JSON
def list_models(as_json: bool) -> None:
    """Print every release with its figures and its state, the oldest first; as JSON, with every act on record."""
    house = open_house()
    folders = [path for path in house.releases.glob("*") if VERSION_PATTERN.fullmatch(path.name)]
    written = sorted((_written_at(path / MANIFEST), path.name) for path in folders if (path / MANIFEST).exists())
    found = [{"version": version, "written_at": at, **_told(house, version)} for at, version in written]
    if as_json:
        click.echo(json.dumps({"models": found, "acts": list(house.registry.acts)}))
        return
    for row in found:
        figures = "  ".join(f"{name} {row['metrics'].get(name, '-')}" for name in SHOWN_METRICS)
        since = row["served"][-1]["since"][:16] if row["served"] else "-"
        click.echo(f"{row['state']:<9}{row['version']}  {figures}  {row['rows']} rows  {since}  {row['by']}")


def _told(house: House, version: str) -> dict[str, Any]:
    acts = [act for act in house.registry.acts if act["version"] == version]
    served = [vars(period) for period in house.registry.served if period.version == version]
    told = {"state": _state(house, version), "served": served, "by": acts[-1]["by"] if acts else "-"}
    try:
        manifest = load_version(house.releases, house.keys, version).manifest
    except Faults as faults:
        refused = ", ".join(sorted({fault.code for fault in faults.faults}))
        return {**told, "state": "refused", "refused": refused, "rows": "-", "metrics": {}}
    card = json.loads((house.releases / version / CARD_DATA).read_bytes())
    metrics = {name: figure["value"] for name, figure in card.get("metrics", {}).items()}
    source = {name: manifest.get(name) for name in ("mapping", "data_sha256", "rows", "chosen", "window_months")}
    return {**told, **source, "metrics": metrics}


def _state(house: House, version: str) -> str:
    registry = house.registry
    if version == registry.serving:
        return "serves"
    if registry.proposed is not None and version == registry.proposed["version"]:
        return "proposed"
    if version == registry.before:
        return "before"
    return "past" if version in {period.version for period in registry.served} else "-"


def _written_at(path: Any) -> str:
    return time_text(datetime.datetime.fromtimestamp(path.stat().st_mtime, datetime.UTC))
