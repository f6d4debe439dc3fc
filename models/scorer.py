"""The seam between what was learned and the kernel: everything learned about some rows, quantised once."""

import datetime

import numpy as np

from engine.tables import Cases, Scores, quantise_scores
from models.churn import Reason
from models.features import FeatureColumns, IncompatibleFeatures, take_rows
from models.response import tastes
from models.store import Release

UNKNOWN_WINDOW = -1


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
            p_churn[asked] = release.churn.probability(take_rows(features, asked))
            window_months[asked] = release.window_months
        except IncompatibleFeatures:
            p_churn[asked] = np.nan
    multipliers = tastes(cases)
    multipliers[objected] = 1.0
    return quantise_scores(p_churn, window_months, multipliers, stored)


def main_reasons(release: Release | None, features: FeatureColumns, scores: Scores) -> list[tuple[Reason, ...]]:
    """The features that move each chance the release computed furthest from the average customer, strongest first.

    Nothing for a row whose chance is stored, unknown or not to be computed: no feature of it was read.
    """
    computed = ~scores.stored & (scores.p_churn_micro >= 0)
    reasons: list[tuple[Reason, ...]] = [()] * len(computed)
    if release is not None and computed.any():
        found = release.churn.reasons(take_rows(features, computed))
        for row, reason in zip(np.flatnonzero(computed), found, strict=True):
            reasons[row] = reason
    return reasons
