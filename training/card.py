"""The model card: what a release is, how good it is and why it says what it says, for machines and for people."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import jinja2
import numpy as np

from training.fit import INNER_FOLDS, Fitted
from training.metrics import CONTACT_COST_EUR, LIFETIME_VALUE_EUR, OFFER_COST_EUR, calibration_bins
from training.plots import calibration_plot, gains_curve, shapes
from training.protocol import FOLDS, Trial, figures
from training.rows import Rows
from training.sampling import MOST_ROWS_TO_CHOOSE, evenly
from training.splits import forward_periods

TEMPLATE = Path(__file__).with_name("card.html.j2")
MOST_SHAPES = 24


@dataclasses.dataclass(frozen=True)
class Source:
    """Where the rows came from: the mapping and the SHA-256 of the data; and what was asked for: the share of leavers
    stated to be true, and the number of shuffles in the trial."""

    mapping: str
    mapping_digest: str
    caveats: tuple[str, ...]
    digest: str
    true_rate: float | None
    shuffles: int


def card_data(rows: Rows, trial: Trial, fitted: Fitted, source: Source) -> dict[str, Any]:
    """Everything on the card, JSON-ready."""
    some = rows.take(evenly(len(rows), MOST_ROWS_TO_CHOOSE))
    weight = np.abs(fitted.churn.contributions(some.columns)).mean(axis=0)
    share, chance, rate = calibration_bins(trial.left, trial.p[0], trial.weight)
    return {
        **dataclasses.asdict(source),
        "window_months": rows.window_months,
        "chosen": fitted.chosen,
        "candidates": {name: {"log_loss": round(loss, 6)} for name, loss in fitted.comparison.items()},
        "chosen_in_trial": dict(sorted(trial.chosen.items())),
        "metrics": {name: _rounded(figure) for name, figure in figures(trial).items()},
        "protocol": _protocol(rows, trial),
        "empc_assumptions": {
            "lifetime_value_eur": LIFETIME_VALUE_EUR,
            "offer_cost_eur": OFFER_COST_EUR,
            "contact_cost_eur": CONTACT_COST_EUR,
        },
        "calibration": [
            {"share": round(s, 6), "chance": round(c, 6), "rate": round(r, 6)}
            for s, c, r in zip(share.tolist(), chance.tolist(), rate.tolist(), strict=True)
        ],
        "reasons": _reasons(fitted, weight.tolist()),
    }


def card_files(data: dict[str, Any], trial: Trial, fitted: Fitted) -> dict[str, bytes]:
    """card.json and card.html; the page is whole in itself."""
    names = fitted.churn.encoding.names
    order = [names.index(reason["feature"]) for reason in data["reasons"]][:MOST_SHAPES]
    pictures = {
        "calibration": calibration_plot(trial),
        "gains": gains_curve(trial),
        "shapes": shapes(fitted.churn, order),
    }
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    page = environment.from_string(TEMPLATE.read_text("utf-8")).render(card=data, pictures=pictures)
    return {
        "card.json": (json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode(),
        "card.html": page.encode(),
    }


def _protocol(rows: Rows, trial: Trial) -> dict[str, Any]:
    return {
        "split": "stratified, shuffled" if forward_periods(rows) is None else "forward in time, grouped by customer",
        "folds": FOLDS,
        "inner_folds": INNER_FOLDS,
        "seeds": list(range(len(trial.p))),
        "rows": len(rows),
        "drawn_rows": min(len(rows), MOST_ROWS_TO_CHOOSE),
        "leavers": int(rows.left.sum()),
        "judged_rows": len(trial.left),
        "judged_leavers": int(trial.left.sum()),
    }


def _reasons(fitted: Fitted, weight: list[float]) -> list[dict[str, Any]]:
    """Features by how far they move a customer from the average one, in log-odds, mean over the customers."""
    ranked = sorted(zip(weight, fitted.churn.encoding.names, strict=True), key=lambda pair: (-pair[0], pair[1]))
    return [{"feature": name, "mean_log_odds_moved": round(moved, 6)} for moved, name in ranked]


def _rounded(figure: Any) -> dict[str, float]:
    return {name: round(value, 6) for name, value in dataclasses.asdict(figure).items()}
