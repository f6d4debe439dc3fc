"""`counteroffer bands`: what customers get by tenure, from a file of decisions."""

import json
from pathlib import Path

import click

from batch.bands import by_tenure

COLUMNS = {
    "tenure": "tenure",
    "customers": "customers",
    "with_an_offer": "with an offer",
    "mean_concession_cents": "mean concession, EUR net",
    "with_dues": "with dues",
    "mean_dues_cents": "mean cost of dues, EUR net",
}


@click.command(epilog="Example: counteroffer bands offers.parquet")
@click.argument("decided", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Say the figures as one JSON object.")
def bands(decided: Path, as_json: bool) -> None:
    """Tell offers and dues by tenure in DECIDED, a file that `counteroffer score` wrote."""
    rows = by_tenure(decided).to_dicts()
    if as_json:
        click.echo(json.dumps({"bands": rows}))
        return
    click.echo(" | ".join(COLUMNS.values()))
    for row in rows:
        click.echo(" | ".join(_told(name, row[name]) for name in COLUMNS))


def _told(name: str, value: int | str | None) -> str:
    if value is None:
        return "-"
    return f"{int(value) / 100:.2f}" if name.endswith("_cents") else str(value)
