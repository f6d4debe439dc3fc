"""The report on a release that is to serve: one HTML page, whole in itself, with its pictures."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import numpy as np

from training.governance.gates import Gate, Limits
from training.plots import BLUE, GREY, drawing

TEMPLATE = Path(__file__).with_name("page.html.j2")
SIDES = (("champion", GREY), ("challenger", BLUE))
MOST_BARS = 20

Told = Mapping[str, Any]


def write_page(path: Path, review: Told, shadow: Told, gates: Sequence[Gate], limits: Limits) -> None:
    """Write the page of a review, a shadow and the gates. Raises OSError."""
    groups = sorted(review["groups"], key=lambda group: -group["gap"])[:MOST_BARS]
    pictures = {
        "calibration": _calibration(review["calibration"]),
        "chances": _chances(shadow["chances"]),
        "live_drift": _drift(shadow["drift"], limits["drift"]["psi"]),
        "drift": _drift(review["drift"], limits["drift"]["psi"]),
        "groups": _groups(groups),
        "offered": _offered(shadow["trial"]),
    }
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters["eur"] = lambda cents: f"{cents / 100:,.2f}"
    environment.filters["short"] = lambda value: "-" if value is None else f"{value:.4f}"
    page = environment.from_string(TEMPLATE.read_text("utf-8"))
    told = {"review": review, "shadow": shadow, "gates": gates, "groups": groups, "pictures": pictures}
    path.write_text(page.render(**told), "utf-8")


def _calibration(bins: Mapping[str, Sequence[Told]]) -> str:
    with drawing(5.0, 4.0) as (picture, svg):
        axes = picture.add_subplot()
        top = 1.05 * max(max(point["chance"], point["rate"]) for side in bins.values() for point in side)
        axes.plot([0, top], [0, top], color=GREY, linewidth=1, linestyle="--", label="perfect")
        for side, color in SIDES:
            if points := bins.get(side):
                chance, rate = ([point[name] for point in points] for name in ("chance", "rate"))
                axes.plot(chance, rate, color=color, marker="o", label=side)
        axes.set(xlabel="chance given", ylabel="rate of leaving", xlim=(0, top), ylim=(0, top))
        axes.legend(frameon=False)
    return "".join(svg)


def _chances(bins: Mapping[str, Sequence[int]]) -> str:
    with drawing(5.0, 4.0) as (picture, svg):
        axes = picture.add_subplot()
        for side, color in SIDES:
            shares = np.array(bins[side]) / max(sum(bins[side]), 1)
            axes.stairs(shares, np.linspace(0, 1, len(shares) + 1), color=color, label=side)
        axes.set(xlabel="chance of leaving", ylabel="share of the recorded questions", xlim=(0, 1))
        axes.legend(frameon=False)
    return "".join(svg)


def _drift(drifts: Sequence[Told], limit: float) -> str:
    """One bar a feature, the furthest on top, with the limit; empty where nothing was measured."""
    if not drifts:
        return ""
    shown = drifts[:MOST_BARS][::-1]
    with drawing(5.0, 0.6 + 0.22 * len(shown)) as (picture, svg):
        axes = picture.add_subplot()
        axes.barh([drift["feature"][:28] for drift in shown], [drift["psi"] for drift in shown], color=BLUE)
        axes.axvline(limit, color=GREY, linestyle="--", linewidth=1)
        axes.set_xlabel("population stability index; dashed: the limit")
    return "".join(svg)


def _groups(groups: Sequence[Told]) -> str:
    if not groups:
        return ""
    with drawing(5.0, 0.6 + 0.22 * len(groups)) as (picture, svg):
        axes, places = picture.add_subplot(), np.arange(len(groups))[::-1]
        axes.scatter([group["rate"] for group in groups], places, color=GREY, label="left")
        axes.scatter([group["challenger"] for group in groups], places, color=BLUE, marker="x", label="chance given")
        axes.set_yticks(places, [f"{group['feature']} {group['level']}"[:36] for group in groups], fontsize=7)
        axes.set_xlabel("share of customers")
        axes.legend(frameon=False)
    return "".join(svg)


def _offered(trial: Told) -> str:
    named = {**trial["tenure_months"], **trial["language"]}
    with drawing(5.0, 4.0) as (picture, svg):
        axes, places = picture.add_subplot(), np.arange(len(named))
        for shift, (side, color) in zip((-0.2, 0.2), (("before", GREY), ("after", BLUE)), strict=True):
            shares = [group[side]["offered"] / max(group["asked"], 1) for group in named.values()]
            axes.bar(places + shift, shares, 0.4, color=color, label=side)
        axes.set_xticks(places, list(named), rotation=20, fontsize=7)
        axes.set(ylabel="share with an offer", ylim=(0, 1.25))
        axes.legend(frameon=False)
    return "".join(svg)
