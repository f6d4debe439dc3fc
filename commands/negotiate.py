"""`counteroffer negotiate`: what negotiation earns on simulated markets, against one-shot offers and against none."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.progress import Progress

from commands.days import Day
from engine.rulebook import Rulebook
from intake.rulebook import read_rulebook
from training.negotiation.comparing import Played, play
from training.negotiation.telling import tell, write_lines

TODAY = "2026-11-01"
MAPPING = Path(__file__).parents[1] / "mappings" / "simulated.toml"


@click.command(epilog="Example: counteroffer negotiate --contracts 2000 --markets 5")
@click.option("--contracts", default=2_000, show_default=True, type=click.IntRange(200, 100_000), help="In a market.")
@click.option("--markets", default=5, show_default=True, type=click.IntRange(2, 1_000), help="Seeds 1, 2, 3, ...")
@click.option("--rulebook", default="rulebook", show_default=True, type=click.Path(path_type=Path), help="Its folder.")
@click.option("--as-of", default=TODAY, show_default=True, type=Day(), help="A day of the markets' last month.")
@click.option("--json", "as_json", is_flag=True, help="Say the figures as one JSON object.")
def negotiate(contracts: int, markets: int, rulebook: Path, as_of: datetime, as_json: bool) -> None:
    """Talk with the customers of simulated markets: one offer, the ladder, and the ladder with reasons.

    The same customers with the same chances are asked in each manner. docs/negotiation.md says what is counted and how.
    """
    rules, day = read_rulebook(rulebook), np.datetime64(as_of.date().replace(day=1), "D")
    lines = tell(_play(contracts, markets, day, rules))
    if as_json:
        click.echo(json.dumps({"contracts": contracts, "markets": markets, "lines": [asdict(line) for line in lines]}))
        return
    click.echo(write_lines(lines))


def _play(contracts: int, markets: int, day: np.datetime64, rules: Rulebook) -> list[Played]:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task, played = progress.add_task("markets", total=markets), []
        for seed in range(1, markets + 1):
            played.append(play(contracts, seed, day, rules, MAPPING))
            progress.advance(task)
        return played
