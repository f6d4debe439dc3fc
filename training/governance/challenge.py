"""Champion against challenger on customers that neither has learned from, as far as there are any."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.churn import Churn
from models.features import IncompatibleFeatures
from models.store import Release
from training.fit import fit
from training.metrics import auc, calibration_bins, ece, log_loss
from training.protocol import BOOTSTRAPS, NORMAL_95, Trial, true_rate_weights
from training.release import SEED, Trained
from training.rows import Rows
from training.sampling import drawn_rows, evenly
from training.splits import FEWEST_LEAVERS, forward_periods

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


def judge(rows: Rows, trained: Trained, champion: Release | None) -> Judged:
    """Customers as both foretell them; only days after the champion's last one, where enough leave on them.

    Where the dates allow it, they are those of the latest period, and the challenger is learned anew from what was
    known when it began, as the champion was. Otherwise they are those of the trial, by models that had not seen them.
    """
    if champion is None:
        return _of_trial(rows, trained.trial, None)
    drawn = drawn_rows(rows, MOST_ROWS)
    some = rows.take(drawn)
    periods = forward_periods(some)
    if periods is None:
        return _of_trial(rows, trained.trial, champion)
    earlier, latest = (np.flatnonzero(period) for period in periods)
    later = latest[_is_later(some, latest, champion)]
    seen = _leavers_on_either_side(some, later) < FEWEST_LEAVERS
    place, true_rate = latest if seen else later, trained.card["true_rate"]
    known_then = fit(some.take(earlier), SEED, true_rate).churn.probability(some.take(place).columns)
    weight = true_rate_weights(some.left, true_rate)[place]
    theirs = _chances(champion.churn, some.take(place))
    return Judged(drawn[place], some.left[place], weight, known_then, theirs, seen)


def _of_trial(rows: Rows, trial: Trial, champion: Release | None) -> Judged:
    place = evenly(len(trial.left), MOST_ROWS)
    row = trial.judged[place]
    theirs = _chances(champion.churn, rows.take(row)) if champion else None
    return Judged(row, trial.left[place], trial.weight[place], trial.p[0][place], theirs, True)


def _is_later(rows: Rows, place: NDArray[np.int64], champion: Release) -> NDArray[np.bool_]:
    until = champion.manifest.get("until")
    if until is None or rows.dates is None:
        return np.zeros(len(place), dtype=np.bool_)
    return rows.dates[place] > np.datetime64(until)


def _leavers_on_either_side(rows: Rows, place: NDArray[np.int64]) -> int:
    leavers = int(rows.left[place].sum())
    return min(leavers, len(place) - leavers)


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
