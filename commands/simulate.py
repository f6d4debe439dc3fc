"""counteroffer simulate: writes a simulated market as an operator's files."""

import json
from datetime import date, datetime
from pathlib import Path

import click
import numpy as np

from training.market import simulate_market
from training.market.exports import write_market

TODAY = date(2026, 11, 1)


@click.command(
    epilog="Example: counteroffer simulate --out var/market --contracts 5000 --seed 1",
)
@click.option(
    "--out", "directory", required=True, type=click.Path(path_type=Path), help="Folder to write; made if absent."
)
@click.option(
    "--contracts", default=5_000, show_default=True, type=click.IntRange(100, 200_000), help="Contracts on the book."
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**63 - 1), help="Same seed, same bytes.")
@click.option("--as-of", "as_of", default=TODAY.isoformat(), show_default=True, type=click.DateTime(["%Y-%m-%d"]),
              help="The market's today; its month is simulated up to the first day.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Say what was written as one JSON object.")
def simulate(directory: Path, contracts: int, seed: int, as_of: datetime, as_json: bool) -> None:
    """Simulate a French operator: its book, three years of history, and randomised calls.

    Writes contracts.csv, history.csv, contacts.csv and truth.json (docs/market.md says what they hold).
    """
    today = np.datetime64(as_of.date().replace(day=1), "D")
    directory.mkdir(parents=True, exist_ok=True)
    rows = write_market(simulate_market(contracts, seed, today), directory)
    if as_json:
        click.echo(json.dumps({"out": str(directory), "seed": seed, "as_of": str(today), "rows": rows}))
        return
    for name, count in rows.items():
        click.echo(f"{directory / name}: {count} rows")
