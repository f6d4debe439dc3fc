"""The report of a trial: one HTML page, whole in itself, with its pictures."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import numpy as np

from training.plots import BLUE, GREY, drawing

TEMPLATE = Path(__file__).with_name("report.html.j2")
SIDES = (("before", GREY), ("after", BLUE))
BAR = 0.4


def write_report(path: Path, trial: Mapping[str, Any]) -> None:
    """Write the page of what `ledger.trial.Trial.told` says. Raises OSError."""
    pictures = {
        "take_up": _bars(trial["tenure_months"], _accepting, "share who would accept"),
        "concession": _bars(trial["tenure_months"], _concession_eur, "concession an offer, EUR"),
        "language": _bars(trial["language"], _offered, "share with an offer"),
        "offers": _offers(trial["moves"]),
    }
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters["eur"] = lambda cents: f"{cents / 100:,.2f}"
    path.write_text(
        environment.from_string(TEMPLATE.read_text("utf-8")).render(trial=trial, pictures=pictures), "utf-8"
    )


def _offered(group: Mapping[str, Any], side: str) -> float:
    return group[side]["offered"] / max(group["asked"], 1)


def _accepting(group: Mapping[str, Any], side: str) -> float:
    return group[side]["expected_acceptances"] / max(group["asked"], 1)


def _concession_eur(group: Mapping[str, Any], side: str) -> float:
    return group[side]["concession_cents"] / 100 / max(group[side]["offered"], 1)


def _bars(groups: Mapping[str, Mapping[str, Any]], height: Any, label: str) -> str:
    """One pair of bars a group: before and after."""
    names = list(groups)
    return _pairs(names, {side: [height(groups[name], side) for name in names] for side, _ in SIDES}, label)


def _offers(moves: Sequence[Mapping[str, Any]]) -> str:
    """How many customers get each kind of offer, before and after."""
    names = sorted({move[side] for move in moves for side, _ in SIDES})
    counts = {
        side: [sum(move["customers"] for move in moves if move[side] == name) for name in names] for side, _ in SIDES
    }
    return _pairs(names, counts, "customers")


def _pairs(names: Sequence[str], heights: Mapping[str, Sequence[float]], label: str) -> str:
    places = np.arange(len(names))
    with drawing(5.0, 3.2) as (picture, svg):
        axes = picture.add_subplot()
        for shift, (side, colour) in enumerate(SIDES):
            axes.bar(places + (shift - 0.5) * BAR, heights[side], width=BAR, color=colour, label=side)
        axes.set_xticks(list(places), list(names), rotation=20, ha="right")
        axes.set_ylabel(label)
        axes.legend(frameon=False)
    return "".join(svg)
