"""The honest trial: the whole of learning, repeated on splits, and judged on customers it has not seen."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import joblib
import numpy as np
from numpy.typing import NDArray

from training.fit import fit
from training.interval import Interval
from training.metrics import METRICS
from training.rows import Rows
from training.splits import Split, splits

FOLDS = 5
BOOTSTRAPS = 200
NORMAL_95 = 1.96
STREAM = tuple(b"bootstrap")
"""Keeps these draws apart from those of whoever made the data with the same small seed."""
SHUFFLES_BY_ROWS = ((30_000, 5), (100_000, 2))
"""Up to so many rows, so many shuffles (seeds 0, 1, ...); above, one is enough."""


@dataclass(frozen=True)
class Trial:
    """What was foretold of customers [m] by models that had not seen them: one row of chances a seed.

    `weight` [m] makes the sample stand for customers at the stated true rate; `chosen` counts the candidates chosen;
    `judged` [m] are their rows.
    """

    left: NDArray[np.bool_]
    weight: NDArray[np.float64]
    p: NDArray[np.float64]
    customers: NDArray[np.int64]
    chosen: Counter[str]
    judged: NDArray[np.int64]


def usual_shuffles(rows: int) -> int:
    """How many shuffles the trial of so many rows takes: five, fewer for files so large that one says as much."""
    return next((shuffles for most, shuffles in SHUFFLES_BY_ROWS if rows <= most), 1)


def try_out(rows: Rows, shuffles: int, true_rate: float | None, fitted_one: Callable[[], None]) -> Trial:
    """Fit on five splits a shuffle, selection and calibration inside; `fitted_one` is called after each fit."""
    jobs = [(seed, split) for seed in range(shuffles) for split in splits(rows, FOLDS, seed)]
    p = np.full((shuffles, len(rows)), np.nan)
    chosen: Counter[str] = Counter()
    run = joblib.Parallel(n_jobs=min(len(jobs), joblib.cpu_count()), return_as="generator")
    outcomes = run(joblib.delayed(_foretell)(rows, split, seed, true_rate) for seed, split in jobs)
    for (seed, (_, judged)), (chances, name) in zip(jobs, outcomes, strict=True):
        p[seed, judged] = chances
        chosen[name] += 1
        fitted_one()
    judged_once = np.flatnonzero(~np.isnan(p[0]))
    known = np.arange(len(rows)) if rows.customers is None else np.unique(rows.customers, return_inverse=True)[1]
    weight = true_rate_weights(rows.left, true_rate)[judged_once]
    return Trial(rows.left[judged_once], weight, p[:, judged_once], known[judged_once], chosen, judged_once)


def figures(trial: Trial) -> dict[str, Interval]:
    """Every metric of a trial; the intervals come from 200 resamplings of customers, with the chances of seed 0."""
    resampled = [_resample(trial, draw) for draw in range(BOOTSTRAPS)]
    found = {}
    for name, metric in METRICS.items():
        value = float(np.mean([metric(trial.left, p, trial.weight) for p in trial.p]))
        spread = NORMAL_95 * float(np.std([metric(trial.left, trial.p[0], weight) for weight in resampled], ddof=1))
        ceiling = 1.0 if name in ("auc", "ece") else np.inf
        floor = -np.inf if name == "empc" else 0.0
        found[name] = Interval(value, max(floor, value - spread), min(ceiling, value + spread))
    return found


def true_rate_weights(left: NDArray[np.bool_], true_rate: float | None) -> NDArray[np.float64]:
    """How many customers each row stands for, so that the share of leavers among them is the true rate."""
    if true_rate is None:
        return np.ones(len(left))
    rate = float(left.mean())
    return np.where(left, true_rate / rate, (1 - true_rate) / (1 - rate))


def _foretell(rows: Rows, split: Split, seed: int, true_rate: float | None) -> tuple[NDArray[np.float64], str]:
    fitted, judged = split
    model = fit(rows.take(fitted), seed, true_rate)
    return model.churn.probability(rows.take(judged).columns), model.chosen


def _resample(trial: Trial, draw: int) -> NDArray[np.float64]:
    known, place = np.unique(trial.customers, return_inverse=True)
    drawn = np.random.default_rng([*STREAM, draw]).multinomial(len(known), np.full(len(known), 1 / len(known)))
    return trial.weight * drawn[place]
