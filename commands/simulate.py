"""counteroffer simulate: writes a simulated market as an operator's files."""

import json
from datetime import datetime
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.progress import Progress

from commands.days import Day
from commands.folders import make_folder
from training.market import Market, Truth, simulate_market
from training.market.exports import write_market

TODAY = "2026-11-01"
BOOK = click.IntRange(100, 100_000)


@click.command(epilog="Example: counteroffer simulate --out var/market --contracts 5000 --seed 1")
@click.option("--out", "directory", required=True, type=click.Path(path_type=Path), help="Folder, made if absent.")
@click.option("--contracts", default=5_000, show_default=True, type=BOOK, help="Contracts on today's book.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**63 - 1), help="Same seed, same bytes.")
@click.option("--as-of", default=TODAY, show_default=True, type=Day(), help="A day of the market's last month.")
@click.option("--json", "as_json", is_flag=True, help="Say what was written as one JSON object.")
def simulate(directory: Path, contracts: int, seed: int, as_of: datetime, as_json: bool) -> None:
    """Simulate a French operator: today's book, three years of history, randomised calls.

    Writes contracts.csv, history.csv, contacts.csv and truth.json; docs/market.md says what they hold.
    """
    make_folder(directory)
    today = np.datetime64(as_of.date().replace(day=1), "D")
    rows = write_market(_live(contracts, seed, today), directory)
    if as_json:
        click.echo(json.dumps({"out": str(directory), "seed": seed, "as_of": str(today), "rows": rows}))
        return
    for name, count in rows.items():
        click.echo(f"{directory / name}: {count} rows")


def _live(contracts: int, seed: int, today: np.datetime64) -> Market:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("months", total=None)
        return simulate_market(
            contracts, seed, today, Truth(), lambda done, total: progress.update(task, completed=done, total=total)
        )
