"""The pictures of a model card, as SVG text that is the same for the same figures."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from numpy.typing import NDArray

from models.churn import UNIT, Churn
from models.features import Feature
from training.metrics import calibration_bins
from training.protocol import Trial

STYLE: Any = {
    "svg.hashsalt": "counteroffer",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
BLUE, GREY = "#1f5fa8", "#888888"
COLUMNS_OF_SHAPES = 4


def calibration_plot(trial: Trial) -> str:
    """Rate of leaving against the chance given, in ten bins of equal mass, on the chances of the first seed."""
    _, chance, rate = calibration_bins(trial.left, trial.p[0], trial.weight)
    with drawing(5.0, 4.0) as (picture, svg):
        axes = picture.add_subplot()
        top = float(max(chance.max(), rate.max())) * 1.05
        axes.plot([0, top], [0, top], color=GREY, linewidth=1, linestyle="--", label="perfect")
        axes.plot(chance, rate, color=BLUE, marker="o", label="model")
        axes.set(xlabel="chance given", ylabel="rate of leaving", xlim=(0, top), ylim=(0, top))
        axes.legend(frameon=False)
    return "".join(svg)


def gains_curve(trial: Trial) -> str:
    """Share of the leavers found against share of customers contacted, highest chances first."""
    order = np.argsort(-trial.p[0], kind="stable")
    weight, left = trial.weight[order], trial.left[order]
    contacted = np.concatenate([[0.0], np.cumsum(weight)]) / weight.sum()
    found = np.concatenate([[0.0], np.cumsum(weight * left)]) / (weight * left).sum()
    shown = np.unique(np.linspace(0, len(order), 201).astype(np.int64))
    with drawing(5.0, 4.0) as (picture, svg):
        axes = picture.add_subplot()
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--", label="at random")
        axes.plot(contacted[shown], found[shown], color=BLUE, label="model")
        axes.set(xlabel="share of customers contacted", ylabel="share of leavers found", xlim=(0, 1), ylim=(0, 1))
        axes.legend(frameon=False)
    return "".join(svg)


def shapes(churn: Churn, order: list[int]) -> str:
    """Log-odds that each feature adds on its own, value by value, in the order given and all to one scale."""
    tables = [_alone(churn, feature) for feature in order]
    top = 1.05 * max(float(np.abs(table).max()) for table in tables) or 1.0
    rows = -(-len(order) // COLUMNS_OF_SHAPES)
    with drawing(11.0, 2.4 * rows) as (picture, svg):
        for place, (feature, table) in enumerate(zip(order, tables, strict=True)):
            axes = picture.add_subplot(rows, COLUMNS_OF_SHAPES, place + 1, ylim=(-top, top))
            _shape(axes, churn.encoding.features[feature], table)
    return "".join(svg)


def _alone(churn: Churn, feature: int) -> NDArray[np.float64]:
    start = int(churn.offset[feature])
    return churn.table[start : start + churn.encoding.features[feature].codes_count] * np.float64(UNIT)


def _shape(axes: Axes, feature: Feature, log_odds: NDArray[np.float64]) -> None:
    labels = [feature.label(code) for code in range(feature.codes_count)]
    axes.axhline(0, color=GREY, linewidth=0.5)
    axes.bar(range(len(labels)), log_odds, color=BLUE, width=0.9)
    shown = range(len(labels)) if len(labels) <= 6 else np.linspace(0, len(labels) - 1, 4).astype(int)
    axes.set_xticks(list(shown), [labels[code][:16] for code in shown], rotation=20, ha="right", fontsize=7)
    axes.set_title(feature.name, fontsize=9)


@contextmanager
def drawing(width: float, height: float) -> Iterator[tuple[Picture, list[str]]]:
    """An empty picture (inches), and a list that receives its SVG when the block ends."""
    svg: list[str] = []
    with mpl.rc_context(STYLE):
        picture = Picture(figsize=(width, height), layout="constrained")
        yield picture, svg
        buffer = io.StringIO()
        picture.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    svg.append(text[text.index("<svg") :])
