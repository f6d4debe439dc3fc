"""`counteroffer rulebook check`: every fault of a folder, or what it holds."""

import datetime
import json
import os
from pathlib import Path
from typing import Any

import click

from api.settings import read_settings
from engine.changes import check_days, days_of_change
from engine.rulebook import Rulebook
from engine.rules import RULES
from intake.rulebook import read_rulebook


@click.command(epilog="Example: counteroffer rulebook check rulebook")
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Say faults as JSON too.")
def check(folder: Path | None, as_json: bool) -> None:
    """Check the rulebook folder DIR (else rulebook, or the setting) as `activate` would; nothing is changed.

    One line a fault: where it stands, what it is, what was expected, how to mend it. Else one JSON object.
    """
    settings = read_settings(os.environ)
    found = read_rulebook(folder or settings.rulebook)
    today = datetime.datetime.now(settings.zone).date()
    check_days(found, today)
    click.echo(json.dumps(summary(found, today)))


def summary(rulebook: Rulebook, today: datetime.date) -> dict[str, Any]:
    """What a rulebook holds: its digest, how much, and the days on which it says something else than before."""
    days = days_of_change(rulebook)
    return {
        "digest": rulebook.digest,
        "rules": len(RULES),
        "candidates": len(rulebook.as_of(today).catalogue.offer_ids),
        "changes_on": [day.isoformat() for day in days],
        "changes_next": next((day.isoformat() for day in days if day > today), None),
    }
