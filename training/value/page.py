"""The report as one HTML page, whole in itself, with its pictures; and the lists that its figures link to."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import jinja2
import numpy as np

from training.plots import BLUE, GREY, drawing
from training.value.acting import ToActOn
from training.value.report import ACT_ON, Report

TEMPLATE = Path(__file__).with_name("page.html.j2")
TITLES = {
    "tenure": "By months since the customer came",
    "price": "By monthly price",
    "offer": "By the offer that is best for the customer, drawn or not",
    "channel": "By channel of the first contact",
    "team": "By team of the agent",
}
TO_ACT_ON = tuple(one.name for one in fields(ToActOn) if one.name != "subject_id")
"""The columns of the list to act on: a decision says whose it is to who may know."""
EUR = 100
POINTS = 100


def report_files(report: Report) -> dict[str, bytes]:
    """report.json, report.html, and decisions/NAME.csv for each list, by their names below the folder."""
    told = report.told
    lists = {f"decisions/{name}.csv": table_of(one.columns, one.rows) for name, one in report.lists.items()}
    return {
        **lists,
        ACT_ON: _act_on(report.act_on),
        "report.json": (json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode(),
        "report.html": _page(told).encode(),
    }


def _act_on(listed: Sequence[ToActOn]) -> bytes:
    return table_of(TO_ACT_ON, ([getattr(one, name) for name in TO_ACT_ON] for one in listed))


def table_of(columns: Sequence[str], rows: Iterable[Iterable[Any]]) -> bytes:
    """A table as CSV, its header first."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()


def _page(told: Mapping[str, Any]) -> str:
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters["eur"] = lambda cents: f"{cents / EUR:,.2f}"
    environment.filters["percent"] = lambda share: f"{100 * share:.1f} %"
    pictures = {name: _nets(groups) for name, groups in told["by"].items()}
    page = environment.from_string(TEMPLATE.read_text("utf-8"))
    pictures |= {"earned": _money(told["earned"]), "service": _excess(told["service"]["exposures"])}
    return page.render(report=told, titles=TITLES, pictures=pictures)


def _money(earned: Mapping[str, Any] | None) -> str | None:
    """Saved margin, cost and net of all treated customers, each with its interval."""
    if earned is None or earned["refused"]:
        return None
    names = ("saved_margin", "cost", "net")
    return _bars([name.replace("_", " ") for name in names], [earned["all_treated"][name] for name in names], "EUR")


def _nets(groups: Sequence[Mapping[str, Any]]) -> str | None:
    """The net per treated customer of each group that is compared."""
    shown = [group for group in groups if not group["refused"]]
    if not shown:
        return None
    return _bars([group["name"] for group in shown], [group["per_customer"]["net"] for group in shown], "net, EUR")


def _excess(exposures: Sequence[Mapping[str, Any]]) -> str | None:
    """The excess leaving that goes with each kind of poor service."""
    shown = [one for one in exposures if not one["refused"]]
    if not shown:
        return None
    excess = [one["excess_leaving"] for one in shown]
    return _bars([one["name"] for one in shown], excess, "excess leaving, points of 100", 1 / POINTS)


def _bars(names: Sequence[str], figures: Sequence[Mapping[str, float]], label: str, unit: float = EUR) -> str:
    values = np.array([figure["value"] for figure in figures]) / unit
    ends = np.array([[figure["low"], figure["high"]] for figure in figures]).T / unit
    with drawing(5.0, 0.8 + 0.45 * len(names)) as (picture, svg):
        axes = picture.add_subplot()
        axes.axvline(0, color=GREY, linewidth=0.8)
        axes.barh(range(len(names)), values, color=BLUE, height=0.6, xerr=np.abs(ends - values), ecolor=GREY)
        axes.set_yticks(range(len(names)), list(names))
        axes.invert_yaxis()
        axes.set_xlabel(label)
    return "".join(svg)
