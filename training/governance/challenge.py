"""Champion against challenger on customers that neither has learned from, as far as there are any."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.churn import Churn
from models.features import IncompatibleFeatures
from models.store import Release
from training.metrics import auc, calibration_bins, ece, log_loss
from training.protocol import BOOTSTRAPS, NORMAL_95, Trial
from training.rows import Rows
from training.splits import FEWEST_LEAVERS

COMPARED = {"auc": (auc, -1), "log_loss": (log_loss, 1), "ece": (ece, 1)}
"""Each figure, and the sign that makes more of it worse."""
MOST_ROWS = 100_000
MOST_LEVELS = 20
STREAM = tuple(b"challenge")


@dataclass(frozen=True)
class Judged:
    """Customers [m] who were foretold by both: who left, their weight, and the chances given; `row` in the file.

    `champion` is None without one, or where it cannot read the features; `seen` says that it may have learned from
    these very customers, which flatters it.
    """

    row: NDArray[np.int64]
    left: NDArray[np.bool_]
    weight: NDArray[np.float64]
    challenger: NDArray[np.float64]
    champion: NDArray[np.float64] | None
    seen: bool


def judge(rows: Rows, trial: Trial, champion: Release | None) -> Judged:
    """The customers of a trial as both foretell them; the challenger by models that had not seen them.

    Where enough of them are of a later day than the champion's last, only those; at most 100,000, spread evenly.
    """
    place, seen = np.arange(len(trial.left)), True
    until = champion.manifest.get("until") if champion else None
    if until is not None and rows.dates is not None:
        later = np.flatnonzero(rows.dates[trial.judged] > np.datetime64(until))
        leavers = int(trial.left[later].sum())
        if min(leavers, len(later) - leavers) >= FEWEST_LEAVERS:
            place, seen = later, False
    if len(place) > MOST_ROWS:
        place = place[np.linspace(0, len(place) - 1, MOST_ROWS).astype(np.int64)]
    row = trial.judged[place]
    chances = _chances(champion.churn, rows.take(row)) if champion else None
    return Judged(row, trial.left[place], trial.weight[place], trial.p[0][place], chances, seen)


def compare(judged: Judged) -> dict[str, dict[str, Any]]:
    """Each figure of both, and by how much the challenger is worse: the difference and its 95 % interval.

    The interval comes from 200 resamplings of the same customers for both; above 0 the challenger is worse.
    """
    rng = np.random.default_rng(STREAM)
    resampled = [judged.weight * rng.poisson(1.0, len(judged.left)) for _ in range(BOOTSTRAPS)]
    found: dict[str, dict[str, Any]] = {}
    for name, (metric, sign) in COMPARED.items():
        mine = metric(judged.left, judged.challenger, judged.weight)
        found[name] = {"challenger": round(mine, 6), "champion": None}
        if judged.champion is None:
            continue
        other = judged.champion
        differences = [
            sign * (metric(judged.left, judged.challenger, weight) - metric(judged.left, other, weight))
            for weight in resampled
        ]
        theirs, half = metric(judged.left, other, judged.weight), NORMAL_95 * float(np.std(differences, ddof=1))
        worse = sign * (mine - theirs)
        bounds = {"worse_by": worse, "low": worse - half, "high": worse + half}
        found[name] |= {"champion": round(theirs, 6), **{key: round(value, 6) for key, value in bounds.items()}}
    return found


def calibrations(judged: Judged) -> dict[str, list[dict[str, float]]]:
    """Share, mean chance and rate of leaving in ten bins, for each of both."""
    given = {"challenger": judged.challenger, "champion": judged.champion}
    found = {}
    for name, p in given.items():
        if p is not None:
            bins = zip(*calibration_bins(judged.left, p, judged.weight), strict=True)
            found[name] = [{"share": float(s), "chance": float(c), "rate": float(r)} for s, c, r in bins]
    return found


@dataclass(frozen=True)
class GroupError:
    """Customers of one level of a feature: how many, how many left, and the mean chances given; weighted."""

    feature: str
    level: str
    rows: int
    rate: float
    challenger: float
    champion: float | None
    by_chance: float

    @property
    def gap(self) -> float:
        """How far the challenger's mean chance is from the rate of leaving."""
        return abs(self.challenger - self.rate)


def errors_by_group(rows: Rows, judged: Judged, fewest: int) -> list[dict[str, Any]]:
    """The mean chance beside the rate of leaving, for every level of every text feature with enough customers."""
    found = []
    for name, column in rows.columns.items():
        if column.dtype.kind != "O":
            continue
        levels, place, counts = np.unique(column[judged.row].astype(str), return_inverse=True, return_counts=True)
        if 1 < len(levels) <= MOST_LEVELS:
            enough = np.flatnonzero(counts >= fewest)
            found += [_group(judged, name, str(levels[one]), place == one) for one in enough]
    return [{**asdict(one), "gap": one.gap} for one in found]


def _group(judged: Judged, feature: str, level: str, here: NDArray[np.bool_]) -> GroupError:
    weight, left = judged.weight[here], judged.left[here]
    rate = float(np.average(left, weights=weight))
    mine = float(np.average(judged.challenger[here], weights=weight))
    theirs = None if judged.champion is None else float(np.average(judged.champion[here], weights=weight))
    effective = float(weight.sum() ** 2 / np.sum(weight**2))
    by_chance = NORMAL_95 * float(np.sqrt(max(mine * (1 - mine), 0.0) / effective))
    return GroupError(feature, level or "missing", int(here.sum()), rate, mine, theirs, by_chance)


def _chances(churn: Churn, rows: Rows) -> NDArray[np.float64] | None:
    try:
        return churn.probability(rows.columns)
    except IncompatibleFeatures:
        return None
