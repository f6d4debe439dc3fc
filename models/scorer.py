"""The seam between what was learned and the kernel: everything learned about some rows, quantised once."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from engine.tables import STATED, Cases, Response, Scores, quantise_scores
from models.churn import Reason
from models.features import FeatureColumns, IncompatibleFeatures, keep_rows, take_rows
from models.priors import tastes
from models.store import Release

UNKNOWN_WINDOW = -1
SCORING_FAILURES = (ArithmeticError, AttributeError, LookupError, MemoryError, RuntimeError, TypeError, ValueError)
"""What a model may raise; it costs the chance of leaving and nothing else."""

WITHOUT_RELEASE, UNKNOWN, FAILED = "no-release", "score-unknown", "score-failed"

Score = Callable[[Release | None, Cases, FeatureColumns, datetime.date], Scores]


@dataclass(frozen=True)
class Scored:
    """Scores [n], and for each row why the release gave it no chance: nothing where it did, or must not."""

    scores: Scores
    degraded: list[tuple[str, ...]]


def score(release: Release | None, cases: Cases, features: FeatureColumns, today: datetime.date) -> Scores:
    """Scores [n] of cases and feature columns [n], as seen on `today`.

    A chance stored with the contract wins over the release. Of who objected to profiling nothing is computed, and the
    features are not read. Without a release, or with other features than it was fitted on, the chance is unknown.
    """
    objected = cases["objects_to_profiling"]
    stored = ~np.isnan(cases["p_churn"]) & ~objected
    p_churn = np.where(stored, cases["p_churn"], np.nan)
    window_months = np.where(stored, cases["p_churn_window_months"], UNKNOWN_WINDOW)
    asked = ~stored & ~objected
    if release is not None and asked.any():
        try:
            p_churn[asked] = release.churn.probability(keep_rows(features, asked))
            window_months[asked] = release.window_months
        except IncompatibleFeatures:
            p_churn[asked] = np.nan
    responses = _responses(release, features, ~objected)
    learned = np.array([response is not STATED for response in responses], dtype=bool)
    multipliers = tastes(cases)
    multipliers[objected | learned] = 1.0
    return quantise_scores(p_churn, window_months, multipliers, stored, responses)


def _responses(release: Release | None, features: FeatureColumns, profiled: NDArray[np.bool_]) -> list[Response]:
    """How each customer reacts as learned, [n]; STATED where nothing was learned, or must not be read."""
    stated = [STATED] * len(profiled)
    if release is None or release.response is None or not profiled.any():
        return stated
    try:
        learned = iter(release.response.responses(keep_rows(features, profiled)))
    except IncompatibleFeatures:
        return stated
    return [next(learned) if may_be_read else STATED for may_be_read in profiled.tolist()]


def score_or_degrade(
    release: Release | None, cases: Cases, features: FeatureColumns, today: datetime.date, by: Score = score
) -> Scored:
    """The scores of cases [n]; a row on which the model fails is scored as without one, and says so.

    Which rows fail does not depend on the rows beside them: after a failure each is scored alone.
    """
    try:
        scores = by(release, cases, features, today)
    except SCORING_FAILURES:
        if cases.rows == 1:
            return Scored(score(None, cases, features, today), [(FAILED,)])
        return _one_by_one(release, cases, features, today, by)
    unknown = (scores.p_churn_micro < 0) & ~cases["objects_to_profiling"]
    why = WITHOUT_RELEASE if release is None else UNKNOWN
    return Scored(scores, [(why,) if row else () for row in unknown.tolist()])


def _one_by_one(
    release: Release | None, cases: Cases, features: FeatureColumns, today: datetime.date, by: Score
) -> Scored:
    rows = [slice(row, row + 1) for row in range(cases.rows)]
    alone = [score_or_degrade(release, cases.take(row), take_rows(features, row), today, by) for row in rows]
    columns = {f.name: np.concatenate([getattr(one.scores, f.name) for one in alone]) for f in fields(Scores)}
    return Scored(Scores(**columns), [why for one in alone for why in one.degraded])


def main_reasons(release: Release | None, features: FeatureColumns, scores: Scores) -> list[tuple[Reason, ...]]:
    """The features that move each chance the release computed furthest from the average customer, strongest first.

    Nothing for a row whose chance is stored, unknown or not to be computed: no feature of it was read.
    """
    computed = ~scores.stored & (scores.p_churn_micro >= 0)
    reasons: list[tuple[Reason, ...]] = [()] * len(computed)
    if release is not None and computed.any():
        found = release.churn.reasons(keep_rows(features, computed))
        for row, reason in zip(np.flatnonzero(computed), found, strict=True):
            reasons[row] = reason
    return reasons
